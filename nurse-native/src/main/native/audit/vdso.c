/*
 * The vDSO's clock functions read the time-stamp counter, which SECCOMP mode 1 turns off, and tell the kernel's time, which
 * a run with a fixed one is not to see (repeat.c). Their code is changed, and not their addresses, which under strict ld.so
 * has taken before we run (setup_vdso_pointers): each begins with a jump to its twin here, which makes the call through the
 * gate. vdso(7).
 *
 * Who runs it: the untrustee, under the lock; nurse_redirect_vdso before it. The vDSO is one mapping that mprotect takes
 * only whole.
 */
#include "untrustee.h"
#include "elf32.h"

static s32 vdso_clock_gettime(u32 clock, u32 at) { return nurse_call_gate(NURSE_NR_clock_gettime, clock, at); }
static s32 vdso_clock_gettime64(u32 clock, u32 at) { return nurse_call_gate(NURSE_NR_clock_gettime64, clock, at); }
static s32 vdso_clock_getres(u32 clock, u32 at) { return nurse_call_gate(NURSE_NR_clock_getres, clock, at); }
static s32 vdso_gettimeofday(u32 at, u32 zone) { return nurse_call_gate(NURSE_NR_gettimeofday, at, zone); }
static s32 vdso_time(u32 at) { return nurse_call_gate(NURSE_NR_time, at, 0); }

static u32 twin_of(const char *name) {
    if (elf_same_name(name, "__vdso_clock_gettime"))
        return address((void *)vdso_clock_gettime);
    if (elf_same_name(name, "__vdso_clock_gettime64"))
        return address((void *)vdso_clock_gettime64);
    if (elf_same_name(name, "__vdso_clock_getres"))
        return address((void *)vdso_clock_getres);
    if (elf_same_name(name, "__vdso_gettimeofday"))
        return address((void *)vdso_gettimeofday);
    if (elf_same_name(name, "__vdso_time"))
        return address((void *)vdso_time);
    return 0;
}

static void redirect(u32 from, u32 to) {
    *(u8 *)pointer(from) = 0xe9; /* jmp rel32 */
    *(u32 *)pointer(from + 1) = to - (from + 5);
}

static void redirect_symbols(const struct elf_header *elf) {
    struct elf_symbols symbols = elf_symbols(elf);
    u32 i;

    for (i = 0; i < symbols.count; i++) {
        const struct elf_symbol *symbol = symbols.first + i;
        u32 twin = symbol->shndx ? twin_of(symbols.names + symbol->name) : 0;
        if (twin)
            redirect(address(elf) + symbol->value, twin);
    }
}

/* The vDSO's address, with its size. vsyscall: any address in it. */
u32 nurse_find_vdso(u32 vsyscall, u32 *size) {
    const struct elf_header *elf = elf_image_around(vsyscall);
    u32 i, end = 0;

    for (i = 0; i < elf->phnum; i++)
        if (elf_segment(elf, i)->type == PT_LOAD)
            end = elf_segment(elf, i)->vaddr + elf_segment(elf, i)->memsz;
    *size = (end + PAGE - 1) & ~(PAGE - 1);
    return address(elf);
}

/* 0, or not 0 if it cannot be changed. */
s32 nurse_redirect_vdso(u32 base, u32 size) {
    if (nurse_syscall6(NURSE_NR_mprotect, base, size, PROT_READ | PROT_WRITE | PROT_EXEC, 0, 0, 0))
        return -1;
    redirect_symbols(pointer(base));
    return nurse_syscall6(NURSE_NR_mprotect, base, size, PROT_READ | PROT_EXEC, 0, 0, 0);
}
