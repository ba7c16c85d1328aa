/*
 * An audit module of the program's own (DT_AUDIT, DT_DEPAUDIT): ld.so loads it after ours. It reads the file secret by a
 * direct call from its constructor, and again from la_version. Twin: the same without a sandbox, and with --read.
 */
#include <fcntl.h>
#include <sys/syscall.h>

static int call(int nr, int a, int b, int c) {
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

static void try(void) {
    if (call(SYS_open, (int)"/var/lib/dpkg/status", O_RDONLY, 0) >= 0)
        call(SYS_write, 1, (int)"opened\n", 7);
    else
        call(SYS_write, 1, (int)"refused\n", 8);
}

__attribute__((constructor)) static void at_load(void) { try(); }

unsigned la_version(unsigned version);
unsigned la_version(unsigned version) {
    try();
    return version;
}
