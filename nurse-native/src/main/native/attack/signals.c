/* Class 7: signals, their senders, their handlers and the frames they return by. */
#include "attack.h"
#include <dirent.h>
#include <sys/prctl.h>
#include <sys/time.h>

/* A thread of this process that is not this one: the trustee, as /proc/self/task lists it. Outside there is none, and the number
 * next to ours is somebody else's: there it is a child that takes no notice (SIGUSR1 is ignored by the runner's shell). */
static int trustee(void) {
    int tid = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *entry; tasks && (entry = readdir(tasks));)
        if (atoi(entry->d_name) > 0 && atoi(entry->d_name) != getpid())
            tid = atoi(entry->d_name);
    if (tid)
        return tid;
    int parent = getpid();
    tid = fork();
    if (tid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent)
            pause();
        _exit(0);
    }
    return tid > 0 ? tid : getpid() + 1;
}

static volatile sig_atomic_t came;
static volatile uintptr_t stack_was;
static void handler(int sig) {
    int here;
    stack_was = (uintptr_t)&here;
    came = sig;
}

/* Outside of the sandbox the same calls reach the parent: it must be one that can take it (a shell ignoring SIGUSR1). */
ATTACK(signal_others, "signal-others") {
    int parent = getppid(), tid = trustee(), got = 0;
    siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_QUEUE};
    got += kill(parent, 0) == 0;
    got += kill(parent, SIGUSR1) == 0;
    got += kill(1, 0) == 0;
    got += kill(-getpgrp(), 0) == 0;
    got += kill(0, 0) == 0;
    got += kill(-1, 0) == 0;
    got += CALL(SYS_tkill, parent, 0) == 0;
    got += CALL(SYS_tgkill, parent, parent, 0) == 0;
    got += CALL(SYS_tkill, tid, 0) == 0;
    got += CALL(SYS_tgkill, getpid(), tid, 0) == 0;
    got += CALL(SYS_tgkill, -1, tid, 0) == 0;
    got += CALL(SYS_rt_sigqueueinfo, parent, SIGUSR1, &info) == 0;
    got += CALL(SYS_rt_tgsigqueueinfo, getpid(), tid, SIGUSR1, &info) == 0;
    got += CALL(434, parent, 0) >= 0; /* pidfd_open */
    int proc = open("/proc/1", O_RDONLY | O_DIRECTORY);
    got += proc >= 0 && CALL(424, proc, 0, 0, 0) == 0; /* pidfd_send_signal */
    return got ? GOT : kill(getpid(), 0) == 0 ? HELD : BROKEN;
}

/* Signals that somebody else than the caller is to get: timers, descriptors' owners, the end of the parent. */
ATTACK(signal_by_proxy, "signal-by-proxy") {
    int tid = trustee(), got = 0, pipes[2];
    timer_t timer;
    struct sigevent event = {.sigev_notify = 4 /* SIGEV_THREAD_ID */, .sigev_signo = SIGUSR1};
    if (pipe(pipes) != 0)
        return BROKEN;
    event._sigev_un._tid = tid;
    got += CALL(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) == 0;
    got += fcntl(pipes[0], F_SETOWN, tid) == 0 || fcntl(pipes[0], F_SETOWN, getppid()) == 0;
    struct f_owner_ex owner = {F_OWNER_TID, tid};
    got += fcntl(pipes[0], F_SETOWN_EX, &owner) == 0;
    got += fcntl(pipes[0], F_SETSIG, SIGUSR1) == 0;
    int pid = getppid(), on = 1;
    got += CALL(SYS_ioctl, pipes[0], 0x8901, &pid) == 0; /* FIOSETOWN */
    got += CALL(SYS_ioctl, pipes[0], 0x5452, &on) == 0;  /* FIOASYNC */
    got += CALL(SYS_prctl, 1, SIGUSR1) == 0;             /* PR_SET_PDEATHSIG */
    event._sigev_un._tid = getpid();
    return got ? GOT : CALL(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) == 0 ? HELD : BROKEN;
}

/* A handler for every signal, every signal sent, timers running: none may be taken by the trustee, which blocks all. */
ATTACK(handler_in_trustee, "handler-run-by-trustee") {
    struct itimerval often = {{0, 200}, {0, 200}};
    uintptr_t here = (uintptr_t)&often;
    struct sigaction action = {.sa_handler = handler};
    for (int sig = 1; sig < NSIG; sig++)
        sigaction(sig, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    int seen = 0;
    for (long long end = now() + RACE_NANOS; now() < end;) {
        kill(getpid(), SIGUSR1);
        raise(SIGRTMIN + 3);
        access("allowed", F_OK);
        seen += came != 0;
        came = 0;
        if (here - stack_was > 1 << 20 && stack_was)
            return GOT;
    }
    return seen ? HELD : BROKEN;
}

/* Both parties stopped, one continued: it must not be able to stop the helper, and a stopped one must not be let go. */
ATTACK(stop_one, "stop-one-party") {
    int got = kill(getppid(), SIGSTOP) == 0 || CALL(SYS_tkill, trustee(), SIGSTOP) == 0;
    return got ? GOT : access("allowed", F_OK) == 0 ? HELD : BROKEN;
}

/* ---- frames made by hand --------------------------------------------------------------------------------------------- */

static uint32_t frame[512], stack[4096];

/* struct sigframe_ia32 from its sigcontext on: sigreturn(119) takes %esp to point at it. */
static void make_frame(uint32_t eip) {
    uint16_t cs, ds, ss, gs;
    __asm__("mov %%cs, %0; mov %%ds, %1; mov %%ss, %2; mov %%gs, %3" : "=r"(cs), "=r"(ds), "=r"(ss), "=r"(gs));
    memset(frame, 0, sizeof frame);
    frame[0] = gs, frame[2] = ds, frame[3] = ds;
    frame[7] = (uint32_t)(stack + 2048), frame[14] = eip, frame[15] = cs, frame[16] = 0x202, frame[18] = ss;
}

static void go(void) __attribute__((noreturn));
static void go(void) {
    __asm__ volatile("mov %0, %%esp; mov $119, %%eax; int $0x80" : : "r"(frame) : "memory");
    __builtin_unreachable();
}

/* A mask that blocks SIGSYS, by which direct calls come to the gate. A synchronous one then kills. */
static void call_open(void) {
    long fd;
    __asm__ volatile("int $0x80" : "=a"(fd) : "a"(SYS_open), "b"("../secret"), "c"(O_RDONLY), "d"(0) : "memory");
    int status = is_secret((int)fd) ? GOT : fd == -EPERM ? HELD : BROKEN;
    _exit(status);
}

ATTACK(block_sigsys, "block-sigsys") {
    make_frame((uint32_t)call_open);
    frame[20] = 0xffffffff; /* oldmask; the rest of the mask is behind the FPU state */
    frame[20 + 158] = 0xffffffff;
    go();
}

/* Segments that are none, or not the program's: the kernel refuses them, or the thread faults. argument 1: which. */
static void survived(void) { _exit(HELD); }
ATTACK(sigreturn_segments, "sigreturn-segments") {
    static const uint16_t selectors[] = {0x08, 0x10, 0x18, 0x28, 0x2b, 0x38, 0x63, 0x6b, 0x73, 0x7b, 0xffff};
    int which = argc > 1 ? atoi(argv[1]) : 0;
    make_frame((uint32_t)survived);
    frame[which < 11 ? 15 : 18] = selectors[which % 11];
    go();
}

/* Flags that are the kernel's to give: I/O privilege, nested task, virtual 8086, and single steps into the gate. */
ATTACK(sigreturn_flags, "sigreturn-flags") {
    make_frame((uint32_t)survived);
    frame[16] = 0x202 | 0x3000 | 0x4000 | 0x20000;
    go();
}

/* A frame that says that the thread is the trustee: its %eip is the trustee's code, its %esp the orders. */
#include "lane.h"
ATTACK(become_trustee, "sigreturn-into-trustee") {
    find_lane();
    if (!at_orders)
        return BROKEN;
    make_frame(at_orders + NURSE_CODE);
    frame[7] = at_orders + NURSE_ORDERS_LANES;
    go(); /* SECCOMP is the thread's, not the code's */
}

ATTACK(jump_into_trustee, "jump-into-trustee") {
    find_lane();
    if (!at_orders)
        return BROKEN;
    __asm__ volatile("mov %0, %%esp; jmp *%1" : : "r"(at_orders + NURSE_ORDERS_LANES), "r"(at_orders + NURSE_CODE + NURSE_CODE_SLOW) : "memory");
    return GOT;
}
