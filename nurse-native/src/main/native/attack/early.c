/*
 * Class 12: code of the program's that runs before its main: constructors, resolvers of IFUNCs, a constructor and an audit module
 * in a library of its own (evil.c). All of it must find the lock on. They note what they got; main tells.
 */
#include "attack.h"

static int constructor_got, resolver_got, ran;

/* A direct call would kill under strict before main could tell, so by the gate, as libc enters the kernel. */
static int opens_secret(void) {
    long fd;
    __asm__ volatile("call *%%gs:0x10" : "=a"(fd) : "a"(SYS_open), "b"("../secret"), "c"(O_RDONLY), "d"(0) : "memory");
    return fd >= 0;
}

__attribute__((constructor)) static void construct(void) {
    ran |= 1;
    constructor_got = opens_secret();
}

static int nothing(void) { return 0; }
static int (*resolve(void))(void) {
    ran |= 2;
    resolver_got = opens_secret();
    return nothing;
}
int resolved(void) __attribute__((ifunc("resolve")));

ATTACK(constructor, "constructor") { return constructor_got ? GOT : ran & 1 ? HELD : BROKEN; }
ATTACK(ifunc, "ifunc-resolver") { return resolved() || resolver_got ? GOT : ran & 2 ? HELD : BROKEN; }
