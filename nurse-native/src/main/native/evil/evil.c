/*
 * A library that attacks from wherever ld.so calls it first: as an audit module (DT_AUDIT, DT_DEPAUDIT of evil-main, LD_AUDIT), as a
 * preloaded library, as one that the program needs and finds by DT_RPATH. What it got is in evil_got.
 *
 * It is a program as well: a script runs it with itself as LD_AUDIT, and with EVIL=0. ld.so obeys LD_AUDIT before it calls libnurse,
 * and so before the lock. A module has memory of its own, so that it leaves its mark for the program in EVIL, on the stack.
 */
#include <fcntl.h>
#include <unistd.h>
#include <sys/syscall.h>
#include "layout.h"

int evil_got, evil_ran;

/* As libc enters the kernel: before the lock by the vDSO, after it by our gate. */
static long enter(long nr, long a, long b, long c) {
    long result;
    __asm__ volatile("call *%%gs:0x10" : "=a"(result) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

static void attack(int where) {
    evil_ran |= where;
    if (enter(SYS_open, (long)"../secret", O_RDONLY, 0) >= 0) {
        evil_got |= where;
        if (where == 2) /* in a namespace of its own: nobody could ask it */
            enter(SYS_exit_group, 41, 0, 0);
    }
}

/* The value of EVIL, where execve(2) has put it: above all that is pushed. */
static char *mark(char *stack) {
    static const char name[] = "EVIL=";
    for (unsigned i = 0; i < sizeof name - 1; stack++)
        i = *stack == name[i] ? i + 1 : *stack == name[0];
    return stack;
}

/* Only before the lock is there a libnurse to read, and to write anew. */
static void leave_mark(void) {
    if (enter(SYS_lseek, NURSE_FD_AUDIT, 0, SEEK_END) > 0)
        *mark(__builtin_frame_address(0)) = '1';
}

__attribute__((constructor)) static void construct(void) { attack(1); }

unsigned la_version(unsigned version) {
    leave_mark();
    attack(2);
    return version;
}

__attribute__((used, visibility("hidden"))) void run(void) {
    enter(SYS_exit_group, *mark(__builtin_frame_address(0)) == '1' ? 41 : 40, 0, 0);
}

/* The entry, with the stack as psABI has it at a call. */
__asm__(".globl start\n.hidden start\nstart:\n\tand $-16, %esp\n\tcall run\n");
const char interpreter[] __attribute__((section(".interp"))) = "/lib/ld-linux.so.2";
