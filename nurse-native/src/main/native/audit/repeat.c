/*
 * What differs from run to run and reaches the program past every call: the time-stamp counter, and the random bytes that
 * the kernel leaves on the stack. A policy may fix them (docs/policy.md, "Repeatable runs").
 *
 * Who runs it: the untrustee, before the lock. It changes this process only, and nothing that safety rests on.
 */
#include "untrustee.h"
#include "elf32.h"

#define RANDOM_SIZE 16u

/* The first word of the stack as the kernel made it, argc: ld.so exports where (glibc elf/dl-support.c). 0 if not. */
static const u32 *stack_of(const struct elf_header *loader) {
    struct elf_symbols symbols = elf_symbols(loader);
    u32 i;

    for (i = 0; i < symbols.count; i++)
        if (symbols.first[i].shndx && elf_same_name(symbols.names + symbols.first[i].name, "__libc_stack_end"))
            return *(const u32 *const *)pointer(address(loader) + symbols.first[i].value);
    return NULL;
}

/* For strict. Behind argc and argv, the environment; behind that the auxiliary vector (getauxval(3)). ld.so has made the
 * stack protector's and setjmp's secrets of these bytes before: those stay as they are. Under trap ld.so has not begun yet,
 * and the helper's first answer carries the bytes (Loading.java). */
s32 nurse_fix_random(const void *inside_loader, const u8 *bytes) {
    const u32 *at = stack_of(elf_image_around(address(inside_loader)));
    u32 i;

    if (!at)
        return -1;
    at += 1 + *at + 1;
    while (*at)
        at++;
    for (at++; at[0] != AT_NULL; at += 2) {
        if (at[0] != AT_RANDOM)
            continue;
        for (i = 0; i < RANDOM_SIZE; i++)
            ((u8 *)pointer(at[1]))[i] = bytes[i];
        return 0;
    }
    return -1;
}

/* rdtsc faults from now on, as under SECCOMP mode 1, and delivery.c answers it. */
s32 nurse_fix_counter(void) {
    nurse_lane.without_counter = 1;
    return nurse_syscall6(NURSE_NR_prctl, PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0, 0);
}
