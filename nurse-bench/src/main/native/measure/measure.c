/*
 * Runs a program once and says what it cost: elapsed nanoseconds, CPU nanoseconds of it and all that it waited for, the
 * largest resident set of any of them in KiB, and its status as a shell has it.
 *
 *   measure ROOT DIRECTORY CPU PROGRAM ARGS...
 *     ROOT       directory that it sees as /
 *     CPU        to stay on, or - for any
 *
 * Its output goes into memory: tar, for one, does less when that is /dev/null.
 *
 * Small on purpose: what is in memory before the exec counts as the program's peak, and a fork of something large takes long.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SAYS_WHY 125

static void become(char **argv) {
    int null = open("/dev/null", O_RDWR), output = memfd_create("output", 0);

    if (strcmp(argv[3], "-")) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(atoi(argv[3]), &set);
        if (sched_setaffinity(0, sizeof set, &set)) {
            perror("measure: sched_setaffinity");
            _exit(SAYS_WHY);
        }
    }
    if (null < 0 || output < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 || (strcmp(argv[1], "/") && chroot(argv[1])) ||
        chdir(argv[2])) {
        perror("measure: /dev/null, memfd_create, chroot, chdir");
        _exit(SAYS_WHY);
    }
    execv(argv[4], argv + 4);
    perror(argv[4]);
    _exit(127);
}

static uint64_t nanos_of(struct timeval t) { return t.tv_sec * UINT64_C(1000000000) + t.tv_usec * UINT64_C(1000); }

int main(int argc, char **argv) {
    struct timespec begin, end;
    struct rusage usage;
    int status;
    pid_t child;

    if (argc < 5) {
        fprintf(stderr, "usage: measure ROOT DIRECTORY CPU PROGRAM ARGS...\n");
        return 2;
    }
    clock_gettime(CLOCK_MONOTONIC, &begin);
    child = fork();
    if (child == 0)
        become(argv);
    while (child > 0 && wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {}
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (child < 0) {
        perror("measure: fork");
        return 1;
    }
    printf("%llu %llu %ld %d\n",
           (unsigned long long)((end.tv_sec - begin.tv_sec) * INT64_C(1000000000) + end.tv_nsec - begin.tv_nsec),
           (unsigned long long)(nanos_of(usage.ru_utime) + nanos_of(usage.ru_stime)), usage.ru_maxrss,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
