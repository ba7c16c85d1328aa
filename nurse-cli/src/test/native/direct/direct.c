/*
 * System calls around the C library. usage: direct WAY: int80, sysenter, far (64-bit code by a far call: selector 0x33),
 * x32 (the same, a number of the x32 ABI), libc (the twin); stack-int80, stack-libc (sigaltstack(2) on either stack).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static int int80(int number, int a, int b, int c) {
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

/* The vDSO's own entry, past the gate: its address is in the auxiliary vector (AT_SYSINFO, 32). */
static int vdso(int number, char **end_of_environment) {
    unsigned *aux;
    int result = -1;
    for (aux = (unsigned *)(end_of_environment + 1); aux[0]; aux += 2)
        if (aux[0] == 32)
            __asm__ volatile("call *%2" : "=a"(result) : "0"(number), "r"(aux[1]) : "memory", "cc");
    return result;
}

/* mov $number, %eax; syscall; lret, in 64-bit mode. */
static int far64(unsigned number) {
    unsigned char code[] = {0xb8, 0, 0, 0, 0, 0x0f, 0x05, 0xcb};
    struct {
        unsigned offset;
        unsigned short selector;
    } __attribute__((packed)) to = {0, 0x33};
    unsigned char *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int result;

    memcpy(code + 1, &number, 4);
    memcpy(at, code, sizeof code);
    mprotect(at, 4096, PROT_READ | PROT_EXEC);
    to.offset = (unsigned)at;
    __asm__ volatile("lcall *%1" : "=a"(result) : "m"(to) : "ecx", "edx", "memory");
    return result;
}

static char stacks[2][65536];
static int directly;

static int alternate(const stack_t *wanted, stack_t *old) {
    if (directly)
        return int80(SYS_sigaltstack, (int)wanted, (int)old, 0);
    return sigaltstack(wanted, old) ? -errno : 0;
}

static void tell(const char *where) {
    stack_t now = {0};
    int result = alternate(NULL, &now);
    printf("%s: %d, stack %d, flags %d\n", where, result, now.ss_sp == stacks[0] ? 0 : now.ss_sp == stacks[1] ? 1 : -1,
           now.ss_flags);
}

/* On the alternate stack: it cannot be changed now. What the handler writes into its context holds afterwards. */
static void on_alternate_stack(int signal, siginfo_t *info, void *context) {
    stack_t other = {.ss_sp = stacks[1], .ss_size = sizeof stacks[1]};

    (void)signal;
    (void)info;
    tell("in the handler");
    printf("changed in the handler: %d\n", alternate(&other, NULL));
    ((ucontext_t *)context)->uc_stack = other;
}

static int alternate_stacks(int by_int80) {
    stack_t wanted = {.ss_sp = stacks[0], .ss_size = sizeof stacks[0]}, none = {.ss_flags = SS_DISABLE};
    struct sigaction action = {.sa_sigaction = on_alternate_stack, .sa_flags = SA_ONSTACK | SA_SIGINFO};

    directly = by_int80;
    sigaction(SIGUSR1, &action, NULL);
    printf("set: %d\n", alternate(&wanted, NULL));
    tell("before");
    raise(SIGUSR1);
    tell("afterwards");
    printf("set to none: %d\n", alternate(&none, NULL));
    tell("at the end");
    wanted.ss_size = 1;
    printf("too small: %d\n", alternate(&wanted, NULL));
    wanted.ss_flags = 77;
    printf("of no kind: %d\n", alternate(&wanted, NULL));
    return 0;
}

int main(int argc, char **argv, char **environment) {
    const char *way = argc > 1 ? argv[1] : "libc";
    int pid, secret;

    while (*environment)
        environment++;
    if (!strcmp(way, "stack-int80") || !strcmp(way, "stack-libc"))
        return alternate_stacks(way[6] == 'i');
    if (!strcmp(way, "int80")) {
        pid = int80(20, 0, 0, 0);
        secret = int80(5, (int)"/etc/shadow", O_RDONLY, 0);
    } else if (!strcmp(way, "vdso")) {
        pid = vdso(20, environment);
        secret = -1;
    } else if (!strcmp(way, "far")) {
        pid = far64(39);
        secret = -1;
    } else if (!strcmp(way, "x32")) {
        pid = far64(0x40000000u + 39);
        secret = -1;
    } else {
        pid = getpid();
        secret = open("/etc/shadow", O_RDONLY);
    }
    printf("pid %s, secret %s\n", pid == getpid() ? "right" : "wrong", secret < 0 ? "refused" : "opened");
    return 9;
}
