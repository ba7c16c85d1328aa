/*
 * A library that attacks from wherever ld.so calls it first: as an audit module (DT_AUDIT, DT_DEPAUDIT of evil-main, LD_AUDIT), as a
 * preloaded library, as one that the program needs and finds by DT_RPATH. What it got is in evil_got.
 */
#include <fcntl.h>
#include <unistd.h>
#include <sys/syscall.h>

int evil_got, evil_ran;

static void attack(int where) {
    long fd;
    __asm__ volatile("call *%%gs:0x10" : "=a"(fd) : "a"(SYS_open), "b"("../secret"), "c"(O_RDONLY), "d"(0) : "memory");
    evil_ran |= where;
    if (fd >= 0) {
        evil_got |= where;
        if (where == 2) /* in a namespace of its own: nobody could ask it */
            __asm__ volatile("call *%%gs:0x10" : : "a"(SYS_exit_group), "b"(41));
    }
}

__attribute__((constructor)) static void construct(void) { attack(1); }

unsigned la_version(unsigned version) {
    attack(2);
    return version;
}
