/*
 * The first instruction of a foreign file in a sandboxed process: it opens a name that no rule allows and that is not there.
 * EPERM is the helper's answer: the call was judged. ENOENT is the kernel's: the lock came too late.
 *
 * Built as a loader, or a program without libc (-e start); as an audit module; as a preloaded library.
 */
#include <asm/unistd.h>
#include <errno.h>

static int call(int nr, int a, int b, int c) {
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

static void tell(void) {
    int result = call(__NR_open, (int)"/no/rule/allows/this", 0, 0);

    if (result == -EPERM)
        call(__NR_write, 1, (int)"judged\n", 7);
    else if (result == -ENOENT)
        call(__NR_write, 1, (int)"kernel\n", 7);
    else
        call(__NR_write, 1, (int)"other\n", 6);
}

#ifdef STANDS_ALONE
void body(void) __attribute__((noreturn, used, visibility("hidden")));
void body(void) {
    tell();
    for (;;)
        call(__NR_exit_group, 0, 0, 0);
}

__asm__(".globl start\n.hidden start\nstart:\n\tand $-16, %esp\n\tcall body\n");
#else
__attribute__((constructor)) static void at_load(void) { tell(); }

unsigned la_version(unsigned version);
unsigned la_version(unsigned version) { return version; }
#endif
