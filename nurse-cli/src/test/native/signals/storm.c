/*
 * A timer's signal every 200 us, while the program makes calls of every class; the handler makes calls too. For so many
 * seconds. Nothing may be lost, cut short, or delivered while it is blocked.
 * usage: storm SECONDS [restart]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static volatile int came, stats;
static int bad;

static void handler(int sig) {
    struct stat st;
    came++;
    if (sig == SIGALRM && stat("/", &st) == 0)
        stats++;
}

static void check(int good, const char *what) {
    if (!good && bad++ < 10)
        printf("%s: errno %d\n", what, errno);
}

static void calls(void) {
    struct stat st;
    int fd;
    check(stat("/", &st) == 0, "stat");
    check(getpid() > 0, "getpid");
    fd = open("/dev/null", O_RDWR);
    check(fd >= 0 && close(fd) == 0, "open or close");
}

static void vectors(const int pipe[2]) {
    char b[4];
    struct iovec v[2] = {{b, 1}, {b + 1, 2}};
    int got;
    check(write(pipe[1], "abc", 3) == 3, "write");
    do
        got = readv(pipe[0], v, 2);
    while (got < 0 && errno == EINTR);
    check(got == 3 && !memcmp(b, "abc", 3), "readv");
}

static void blocked(const sigset_t *alarm) {
    int before;
    sigprocmask(SIG_BLOCK, alarm, NULL);
    before = came;
    getppid();
    check(came == before, "delivered while blocked");
    sigprocmask(SIG_UNBLOCK, alarm, NULL);
}

static void suspend(const sigset_t *alarm) {
    sigset_t none;
    int before;
    sigemptyset(&none);
    sigprocmask(SIG_BLOCK, alarm, NULL);
    before = came;
    check(sigsuspend(&none) == -1 && errno == EINTR && came > before, "sigsuspend");
    sigprocmask(SIG_UNBLOCK, alarm, NULL);
}

int main(int argc, char **argv) {
    struct itimerval often = {{0, 200}, {0, 200}};
    struct sigaction action = {.sa_handler = handler, .sa_flags = argc > 2 ? SA_RESTART : 0};
    time_t end = time(NULL) + atoi(argv[1]);
    sigset_t alarm;
    double sum = 1;
    int pipes[2];
    unsigned n;

    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigaction(SIGALRM, &action, NULL);
    if (pipe(pipes) || setitimer(ITIMER_REAL, &often, NULL))
        return 2;
    for (n = 0; time(NULL) < end || came <= 100; n++) {
        calls();
        vectors(pipes);
        blocked(&alarm);
        if (n % 20 == 0)
            suspend(&alarm);
        sum += 0.5; /* x87: its stack and control word are the handler's too */
    }
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL); /* or one comes between the looks at its two counters */
    check(sum == 1 + n / 2.0, "floating point");
    check(came == stats, "a handler's own call failed");
    printf("%s, signals: %s\n", bad ? "bad" : "good", came > 100 ? "many" : "few");
    return bad != 0;
}
