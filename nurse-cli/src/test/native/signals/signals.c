/*
 * What a program sees of signals, one line a fact: run outside and inside, the lines must be the same.
 * usage: signals [WAY]  WAY: by which signal to end: term segv abort trap sys
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static volatile int came, code, own_pid, value, on_altstack;
static void *volatile fault;
static char altstack[1 << 16];
static sigjmp_buf back;

static int here(const void *local) {
    return (const char *)local >= altstack && (const char *)local < altstack + sizeof altstack;
}

static void count(int sig) {
    (void)sig;
    came++;
}

static void inform(int sig, siginfo_t *info, void *context) {
    (void)context;
    came = sig;
    code = info->si_code;
    own_pid = info->si_pid == getpid();
    value = info->si_value.sival_int;
    on_altstack = here(&sig);
}

static void jump(int sig, siginfo_t *info, void *context) {
    (void)context;
    code = info->si_code;
    fault = info->si_addr;
    on_altstack = here(&sig);
    siglongjmp(back, 1);
}

static void skip(int sig, siginfo_t *info, void *context) {
    (void)sig;
    (void)info;
    came++;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EIP] += 2;
}

static void handle(int sig, void *handler, int flags) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = (void (*)(int, siginfo_t *, void *))handler;
    action.sa_flags = flags;
    if (sigaction(sig, &action, NULL))
        perror("sigaction");
    came = 0;
}

static sigset_t set_of(int a, int b) {
    sigset_t set;
    sigemptyset(&set);
    if (a)
        sigaddset(&set, a);
    if (b)
        sigaddset(&set, b);
    return set;
}

static int is_blocked(int sig) {
    sigset_t set;
    sigprocmask(SIG_BLOCK, NULL, &set);
    return sigismember(&set, sig);
}

/* A call that sleeps has begun by then, unless the machine has much other work. */
#define SOON 150

static void alarm_in(int milliseconds, int interval) {
    struct itimerval timer = {{0, interval * 1000}, {0, milliseconds * 1000}};
    came = 0;
    setitimer(ITIMER_REAL, &timer, NULL);
}

static int is_pending(int sig) {
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, sig);
}

static int deeper(int n) {
    volatile char page[4096];
    page[0] = (char)n;
    return deeper(n + 1) + page[0];
}

static void say(const char *what, int result) {
    printf("%s: %d errno %d came %d\n", what, result, result < 0 ? errno : 0, came);
    fflush(stdout);
}

/* A call that sleeps until a signal comes: one that comes before it sleeps is followed by another, or it would sleep for ever. */
#define INTERRUPTED(what, call)                                                                                                \
    do {                                                                                                                       \
        alarm_in(SOON, SOON);                                                                                                  \
        int interrupted = (int)call;                                                                                           \
        int error = errno;                                                                                                     \
        setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);                                                     \
        errno = error;                                                                                                         \
        came = came > 0; /* how many they were, the machine decides */                                                         \
        say(what, interrupted);                                                                                                \
    } while (0)

static void sent_to_itself(void) {
    union sigval with = {.sival_int = 77};
    handle(SIGUSR1, inform, SA_SIGINFO);
    raise(SIGUSR1);
    printf("raise: %d code %d own %d\n", came, code, own_pid);
    kill(getpid(), SIGUSR1);
    printf("kill: code %d own %d\n", code, own_pid);
    sigqueue(getpid(), SIGUSR1, with);
    printf("sigqueue: code %d value %d\n", code, value);
    say("kill 0", kill(getpid(), 0));
    say("kill of no signal", kill(getpid(), 65));
}

static void blocking(void) {
    sigset_t usr1 = set_of(SIGUSR1, 0), pending, queued = set_of(SIGRTMIN + 1, 0);
    union sigval with = {0};
    int i;
    handle(SIGUSR1, inform, SA_SIGINFO);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    raise(SIGUSR1);
    sigpending(&pending);
    printf("blocked: came %d pending %d %d\n", came, sigismember(&pending, SIGUSR1), sigismember(&pending, SIGUSR2));
    sigprocmask(SIG_UNBLOCK, &usr1, NULL);
    printf("unblocked: came %d\n", came);
    handle(SIGRTMIN + 1, count, 0);
    sigprocmask(SIG_BLOCK, &queued, NULL);
    for (i = 0; i < 3; i++)
        sigqueue(getpid(), SIGRTMIN + 1, with);
    sigprocmask(SIG_UNBLOCK, &queued, NULL);
    printf("queued: came %d\n", came);
}

static void alternate_stack(void) {
    stack_t stack = {.ss_sp = altstack, .ss_size = sizeof altstack}, old;
    say("sigaltstack", sigaltstack(&stack, NULL));
    sigaltstack(NULL, &old);
    printf("is %d flags %d size %d\n", old.ss_sp == altstack, old.ss_flags, (int)old.ss_size);
    stack.ss_size = 100;
    say("too small", sigaltstack(&stack, NULL));
    handle(SIGUSR1, inform, SA_SIGINFO | SA_ONSTACK);
    raise(SIGUSR1);
    printf("on it: %d\n", on_altstack);
    handle(SIGUSR1, inform, SA_SIGINFO);
    raise(SIGUSR1);
    printf("on it: %d\n", on_altstack);
}

static void faults(void) {
    int i;
    handle(SIGSEGV, jump, SA_SIGINFO | SA_ONSTACK);
    if (!sigsetjmp(back, 1))
        *(volatile int *)0x1234 = 1;
    printf("segv: at %p code %d on it %d\n", fault, code, on_altstack);
    for (i = 0; i < 2; i++) {
        if (!sigsetjmp(back, 1))
            deeper(0);
        printf("stack overflow: code %d on it %d blocked %d\n", code, on_altstack, is_blocked(SIGSEGV));
    }
    handle(SIGILL, skip, SA_SIGINFO);
    __asm__ volatile("ud2");
    printf("ill: %d\n", came);
    handle(SIGTRAP, inform, SA_SIGINFO);
    __asm__ volatile("int3");
    printf("trap: %d code %d\n", came, code);
}

static void interrupted(int flags) {
    struct timespec hour = {3600, 0};
    struct iovec vector;
    sigset_t none = set_of(0, 0), set = set_of(SIGALRM, 0);
    fd_set reading;
    char byte;
    int pipes[2];

    if (pipe(pipes))
        return;
    vector.iov_base = &byte;
    vector.iov_len = 1;
    FD_ZERO(&reading);
    FD_SET(pipes[0], &reading);
    handle(SIGALRM, count, flags);
    if (!(flags & SA_RESTART)) {
        INTERRUPTED("read", read(pipes[0], &byte, 1));
        INTERRUPTED("readv", readv(pipes[0], &vector, 1));
    }
    INTERRUPTED("nanosleep", nanosleep(&hour, NULL));
    INTERRUPTED("poll", poll(NULL, 0, 3600000));
    INTERRUPTED("pause", pause());
    sigprocmask(SIG_BLOCK, &set, NULL);
    INTERRUPTED("ppoll", ppoll(NULL, 0, &hour, &none));
    INTERRUPTED("pselect", pselect(pipes[0] + 1, &reading, NULL, NULL, &hour, &none));
    alarm_in(1, 0);
    while (!is_pending(SIGALRM))
        usleep(1000);
    say("blocked meanwhile", came);
    say("sigsuspend", sigsuspend(&none));
    printf("blocked again: %d\n", is_blocked(SIGALRM));
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* The handler with SA_RESTART fills the pipe that the call waits for. */
static int filled[2];
static void fill(int sig) {
    (void)sig;
    came++;
    if (write(filled[1], "xy", 2) != 2)
        abort();
}

static void restarted(void) {
    struct iovec vector;
    char bytes[2];
    if (pipe(filled))
        return;
    vector.iov_base = bytes;
    vector.iov_len = 2;
    handle(SIGALRM, fill, SA_RESTART);
    alarm_in(SOON, 0);
    say("read", (int)read(filled[0], bytes, 2));
    alarm_in(SOON, 0);
    say("readv", (int)readv(filled[0], &vector, 1));
}

static void waited_for(void) {
    struct timespec soon = {0, 20000000}, hour = {3600, 0};
    sigset_t set = set_of(SIGUSR2, SIGRTMIN), usr2 = set_of(SIGUSR2, 0);
    union sigval with = {0};
    siginfo_t info;
    int i;

    sigprocmask(SIG_BLOCK, &set, NULL);
    say("sigtimedwait", sigtimedwait(&set, &info, &soon));
    kill(getpid(), SIGUSR2);
    printf("usr2: %d", sigtimedwait(&set, &info, &soon) == SIGUSR2);
    printf(" code %d own %d\n", info.si_code, info.si_pid == getpid());
    for (i = 1; i < 3; i++) {
        with.sival_int = i;
        sigqueue(getpid(), SIGRTMIN, with);
    }
    for (i = 1; i < 3; i++) {
        printf("queued: %d", sigwaitinfo(&set, &info) == SIGRTMIN);
        printf(" value %d\n", info.si_value.sival_int);
    }
    handle(SIGUSR2, inform, SA_SIGINFO);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    kill(getpid(), SIGUSR2);
    printf("usr2 after all: %d\n", came == SIGUSR2);
    handle(SIGALRM, count, 0);
    INTERRUPTED("sigtimedwait of another", sigtimedwait(&usr2, &info, &hour));
}

static void the_rest(void) {
    struct sigaction now;
    int pipes[2], i;
    double number = 1.5;

    handle(SIGUSR1, count, SA_RESETHAND);
    raise(SIGUSR1);
    sigaction(SIGUSR1, NULL, &now);
    printf("reset: %d\n", now.sa_handler == SIG_DFL);
    if (pipe(pipes))
        return;
    handle(SIGPIPE, inform, SA_SIGINFO);
    close(pipes[0]);
    say("write", (int)write(pipes[1], "x", 1));
    printf("pipe: code %d\n", code);
    handle(SIGUSR1, count, 0);
    for (i = 0; i < 3; i++, number *= 2)
        raise(SIGUSR1);
    printf("number %g\n", number);
    signal(SIGUSR1, SIG_IGN);
    say("ignored", raise(SIGUSR1));
}

static void end_by(const char *way) {
    sigset_t term = set_of(SIGTERM, 0);
    struct timespec soon = {0, 1};
    if (!strcmp(way, "term")) { /* after having been waited for: its default has been out of the kernel's hands */
        sigprocmask(SIG_BLOCK, &term, NULL);
        sigtimedwait(&term, NULL, &soon);
        sigprocmask(SIG_UNBLOCK, &term, NULL);
        raise(SIGTERM);
    } else if (!strcmp(way, "segv")) {
        signal(SIGSEGV, SIG_DFL);
        *(volatile int *)1 = 0;
    } else if (!strcmp(way, "abort")) {
        abort();
    } else if (!strcmp(way, "trap")) {
        signal(SIGTRAP, SIG_DFL);
        __asm__ volatile("int3");
    } else {
        kill(getpid(), SIGSYS);
    }
    puts("still there");
}

int main(int argc, char **argv) {
    sent_to_itself();
    blocking();
    alternate_stack();
    faults();
    interrupted(0);
    interrupted(SA_RESTART);
    restarted();
    waited_for();
    the_rest();
    fflush(stdout);
    if (argc > 1)
        end_by(argv[1]);
    return 3;
}
