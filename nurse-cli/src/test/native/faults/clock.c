/* Preloaded into the helper: the time of day jumps a day or more forth and back, at each look at it. After two jumps their
 * number goes to the file that NURSE_JUMPS names. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static unsigned jumps;

/* Not at the end: who ends by _exit(2) runs no destructors. */
static void tell(unsigned count) {
    const char *name = getenv("NURSE_JUMPS");
    FILE *file = name ? fopen(name, "w") : NULL;

    if (file) {
        fprintf(file, "%u\n", count);
        fclose(file);
    }
}

static long jump(void) {
    unsigned count = __sync_add_and_fetch(&jumps, 1);

    if (count == 2) /* forth and back */
        tell(count);
    return (count & 1 ? 100000 : -100000) + (long)count;
}

int clock_gettime(clockid_t clock, struct timespec *to) {
    static int (*real)(clockid_t, struct timespec *);
    int result;

    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    result = real(clock, to);
    if (result == 0 && clock == CLOCK_REALTIME)
        to->tv_sec += jump();
    return result;
}

int gettimeofday(struct timeval *to, void *zone) {
    struct timespec now;
    int result = clock_gettime(CLOCK_REALTIME, &now);

    (void)zone;
    to->tv_sec = now.tv_sec;
    to->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t *to) {
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (to)
        *to = now.tv_sec;
    return now.tv_sec;
}
