/*
 * The vDSO's clock functions read the time-stamp counter, which SECCOMP mode 1 turns off. ld.so has taken their
 * addresses before we run (setup_vdso_pointers), so their code is changed, not the addresses: each begins with a jump to
 * its twin here, which makes the call through the gate. vdso(7).
 *
 * Who runs it: the untrustee, under the strict lock; nurse_redirect_vdso before it. The vDSO is one mapping that mprotect takes only whole.
 */
#include "untrustee.h"
#include "elf32.h"

static s32 vdso_clock_gettime(u32 clock, u32 at) { return nurse_call_gate(NURSE_NR_clock_gettime, clock, at); }
static s32 vdso_clock_gettime64(u32 clock, u32 at) { return nurse_call_gate(NURSE_NR_clock_gettime64, clock, at); }
static s32 vdso_clock_getres(u32 clock, u32 at) { return nurse_call_gate(NURSE_NR_clock_getres, clock, at); }
static s32 vdso_gettimeofday(u32 at, u32 zone) { return nurse_call_gate(NURSE_NR_gettimeofday, at, zone); }
static s32 vdso_time(u32 at) { return nurse_call_gate(NURSE_NR_time, at, 0); }

static int same(const char *a, const char *b) {
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static u32 twin_of(const char *name) {
    if (same(name, "__vdso_clock_gettime"))
        return address((void *)vdso_clock_gettime);
    if (same(name, "__vdso_clock_gettime64"))
        return address((void *)vdso_clock_gettime64);
    if (same(name, "__vdso_clock_getres"))
        return address((void *)vdso_clock_getres);
    if (same(name, "__vdso_gettimeofday"))
        return address((void *)vdso_gettimeofday);
    if (same(name, "__vdso_time"))
        return address((void *)vdso_time);
    return 0;
}

static void redirect(u32 from, u32 to) {
    *(u8 *)pointer(from) = 0xe9; /* jmp rel32 */
    *(u32 *)pointer(from + 1) = to - (from + 5);
}

static void redirect_symbols(u32 base, const struct elf_dynamic *dynamic) {
    u32 strings = 0, symbols = 0, hash = 0, i;

    for (; dynamic->tag; dynamic++) {
        if (dynamic->tag == DT_STRTAB)
            strings = base + dynamic->value;
        else if (dynamic->tag == DT_SYMTAB)
            symbols = base + dynamic->value;
        else if (dynamic->tag == DT_HASH)
            hash = base + dynamic->value;
    }
    if (!strings || !symbols)
        return;
    /* DT_HASH's second word is the number of symbols; without it the string table, which follows, ends the symbols. */
    for (i = 0; hash ? i < ((const u32 *)pointer(hash))[1] : symbols + i * sizeof(struct elf_symbol) < strings; i++) {
        const struct elf_symbol *symbol = (const struct elf_symbol *)pointer(symbols) + i;
        u32 twin = symbol->shndx ? twin_of(pointer(strings + symbol->name)) : 0;
        if (twin)
            redirect(base + symbol->value, twin);
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
    const struct elf_header *elf = pointer(base);
    u32 i;

    if (nurse_syscall6(NURSE_NR_mprotect, base, size, PROT_READ | PROT_WRITE | PROT_EXEC, 0, 0, 0))
        return -1;
    for (i = 0; i < elf->phnum; i++)
        if (elf_segment(elf, i)->type == PT_DYNAMIC)
            redirect_symbols(base, pointer(base + elf_segment(elf, i)->vaddr));
    return nurse_syscall6(NURSE_NR_mprotect, base, size, PROT_READ | PROT_EXEC, 0, 0, 0);
}
