/* A handler returns by a frame whose FPU state is where no memory is, and a process forges the signal by which SECCOMP's trap
 * comes.
 * usage: frames kept | bad | bad-and-pending | queued | forged
 * status: 0 when the signal was delivered and the program went on, 1 and the errno when it could not be sent. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define SYS_SECCOMP 1 /* asm-generic/siginfo.h */

static const char *way;
static volatile sig_atomic_t came, pending_came;

static void on_pending(int sig, siginfo_t *info, void *context) { pending_came = 1; }

static void on_signal(int sig, siginfo_t *info, void *context) {
    ucontext_t *frame = context;
    came = 1;
    if (strcmp(way, "kept") == 0 || strcmp(way, "bad-and-pending") == 0)
        raise(SIGBUS); /* blocked by sa_mask: it comes as this returns */
    if (strncmp(way, "bad", 3) == 0)
        frame->uc_mcontext.fpregs = (void *)16;
}

static int queue(int code) {
    siginfo_t info = {.si_signo = SIGSYS, .si_code = code};
    if (syscall(SYS_rt_sigqueueinfo, getpid(), SIGSYS, &info) == 0)
        return came ? 0 : 2;
    printf("%d\n", errno);
    return 1;
}

int main(int argc, char **argv) {
    struct sigaction action = {.sa_sigaction = on_pending, .sa_flags = SA_SIGINFO};
    way = argc > 1 ? argv[1] : "";
    sigaction(SIGBUS, &action, NULL);
    action.sa_sigaction = on_signal;
    sigaddset(&action.sa_mask, SIGBUS);
    sigaction(SIGUSR1, &action, NULL);
    if (strcmp(way, "forged") == 0)
        return queue(SYS_SECCOMP); /* without a handler: outside it kills */
    if (strcmp(way, "queued") == 0) {
        sigaction(SIGSYS, &action, NULL);
        return queue(SI_QUEUE);
    }
    raise(SIGUSR1);
    return came && (pending_came || strcmp(way, "kept") != 0) ? 0 : 2;
}
