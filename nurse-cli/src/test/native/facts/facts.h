/* A program of facts prints one line for each: run outside and inside, the lines must be the same. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* The result of a call, or the name of its error. */
static const char *said(long result) {
    static char texts[8][32];
    static int next;
    char *text = texts[next++ % 8];
    if (result == -1)
        snprintf(text, 32, "%s", strerrorname_np(errno));
    else
        snprintf(text, 32, "%ld", result);
    return text;
}

#define FACT(what, result) printf("%s: %s\n", what, said(result))

static volatile int alarms;

static inline void count_alarm(int sig) {
    (void)sig;
    alarms++;
}

/* SIGALRM after some milliseconds, and again after each interval of so many, if any; handled with these flags. */
static inline void alarm_in(int milliseconds, int interval, int flags) {
    struct sigaction action = {.sa_handler = count_alarm, .sa_flags = flags};
    struct itimerval timer = {
        .it_value = {milliseconds / 1000, milliseconds % 1000 * 1000},
        .it_interval = {interval / 1000, interval % 1000 * 1000},
    };
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* A call that sleeps until a signal comes: one that comes before it sleeps is followed by another, or it would sleep for ever. */
#define INTERRUPTED(what, flags, call)                                                                                         \
    do {                                                                                                                       \
        alarm_in(30, 30, flags);                                                                                               \
        long interrupted = call;                                                                                               \
        int error = errno;                                                                                                     \
        setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);                                                                  \
        errno = error;                                                                                                         \
        FACT(what, interrupted);                                                                                               \
    } while (0)

static inline long milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
