/*
 * Makes random calls with random arguments, and notes each with its answer in a file that is mapped: usage: gate SEED COUNT FILE
 *
 * Of what could end the program or its way to speak, little is left out: to exit, to be killed by its own signal, and to lose
 * descriptors 0 and 1, by which it tells that it is done and waits to be let go.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define ARENA (16u << 20)
#define CALLS 480 /* a few more than there are */

struct note {
    int32_t nr, result;
};

static uint32_t state;
static char *arena;
static const char *const names[] = {"a", "b", "a/../b", ".", "..", "/", "", "/etc/passwd", "/proc/self/mem", "link", "dir/x",
    "/dev/null", "/proc/self/fd/0", "a/", "//", "dir"};

static uint32_t any(void) { /* xorshift32 */
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    return state;
}

static uint32_t memory(void) {
    return (uint32_t)arena + any() % ARENA;
}

static uint32_t argument(void) {
    switch (any() % 16) {
    case 0: return 0;
    case 1: return -1u;
    case 2: return any();
    case 3: return 1u << any() % 32;
    case 4: return 3 + any() % 20;
    case 5: return 1024 + any() % 12; /* where the sandbox's own descriptors are */
    case 6: return (uint32_t)names[any() % (sizeof names / sizeof *names)];
    case 7: return memory() & ~4095u;
    case 8: return AT_FDCWD;
    case 9: return any() % 70000;
    case 10: return 4096;
    case 11: return getpid();
    case 12: return 0xfffff000u - any() % 3 * 4096;
    case 13: return any() % 64;
    default: return memory();
    }
}

static void on_alarm(int sig) {
    (void)sig;
}

static int is_left_out(uint32_t nr) {
    return nr == SYS_exit || nr == SYS_exit_group;
}

static int is_kill(uint32_t nr) {
    return nr == SYS_kill || nr == SYS_tkill || nr == SYS_tgkill || nr == SYS_rt_sigqueueinfo || nr == SYS_rt_tgsigqueueinfo;
}

int main(int count, char **arguments) {
    (void)count;
    state = (uint32_t)atoi(arguments[1]) * 2654435761u | 1;
    int calls = atoi(arguments[2]), file = open(arguments[3], O_RDWR | O_CREAT | O_TRUNC, 0600);
    ftruncate(file, calls * sizeof(struct note));
    struct note *notes = mmap(NULL, calls * sizeof(struct note), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < calls; i++) {
        uint32_t nr = any() % CALLS, a[6];
        for (int k = 0; k < 6; k++)
            a[k] = argument();
        if (any() % 2) /* what names mean to many calls */
            a[0] = (uint32_t)names[any() % (sizeof names / sizeof *names)];
        if (is_left_out(nr))
            continue;
        if (is_kill(nr))
            a[1] = a[2] = any() % 2 ? 0 : 65;
        if ((nr == SYS_dup2 || nr == SYS_dup3) && a[1] < 3)
            continue;
        if ((nr == SYS_close || nr == SYS_close_range) && a[0] < 3)
            continue;
        if (nr == SYS_sigsuspend) /* the mask to wait with: not one that keeps the alarm out */
            a[2] &= ~(1u << (SIGALRM - 1));
        if (nr == SYS_read || nr == SYS_readv) /* from 0 nothing comes */
            a[0] = a[0] < 3 ? 3 : a[0];
        memset(arena + any() % (ARENA - 4096), any(), any() % 64);

        /* Who waits is woken, unless it waits for good with the alarm blocked: then the test ends it. */
        struct sigaction action = {.sa_handler = on_alarm};
        struct itimerval timer = {{0, 20000}, {0, 20000}};
        sigset_t none;
        sigemptyset(&none);
        sigaction(SIGALRM, &action, NULL);
        setitimer(ITIMER_REAL, &timer, NULL);
        sigprocmask(SIG_SETMASK, &none, NULL);

        notes[i].nr = (int)nr + 1; /* 0: not made; without a result: it did not come back */
        notes[i].result = 1 << 30;
        long result = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
        notes[i].result = result == -1 ? -errno : (int)(result & 0x3fffffff);
        /* what a call made unreadable is made good again, or every later one would fail alike */
        mmap(arena, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        signal(SIGSEGV, SIG_DFL);
    }
    struct itimerval never = {0};
    setitimer(ITIMER_REAL, &never, NULL);
    syscall(SYS_close_range, 3, ~0u, 0);
    write(1, "done\n", 5);
    char byte;
    while (read(0, &byte, 1) < 0 && errno == EINTR)
        ;
    return 0;
}
