/*
 * What the hostile programs share. Each is a function of its own in one binary, `attacks NAME [ARGUMENT...]`; the list of them,
 * with how each must end and what its twin is, is nurse.cli.attack.Attacks.
 *
 * An attack says by its status what it got. So the same code is its own twin: where the policy allows the action, or without
 * a sandbox around it, it must say GOT.
 *
 * Where it runs: ./ is the program's directory, which it may read: ./attacks, ./allowed, ./victim. ./w is there to be made
 * writable by --write w. ../secret and ../hidden lie outside of all that the policy allows.
 */
#ifndef NURSE_ATTACK_H
#define NURSE_ATTACK_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

/* Statuses that nothing else ends with by accident. */
#define HELD 40   /* tried, and got nothing; the program still works */
#define GOT 41    /* got what the policy does not give */
#define BROKEN 42 /* could not be tried */

struct attack {
    const char *name;
    int (*run)(int argc, char **argv);
};

/* Defines an attack: the body is a function of (int argc, char **argv), argv[0] being the attack's name. */
#define ATTACK(id, text)                                                                                               \
    static int id(int argc, char **argv);                                                                              \
    static const struct attack attack_##id __attribute__((section("attacks"), used, aligned(4))) = {text, id};         \
    static int id(int argc __attribute__((unused)), char **argv __attribute__((unused)))

/* The other side of a race, run outside of the sandbox until it is killed. */
#define RACER(id, text) ATTACK(id, "racer-" text)

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))
#define RACE_NANOS 1000000000ll

/* Whether a race goes on: until its end, and beyond it as long as it has not had both outcomes, for on a machine with other work
 * the other side may have run for little of that time. The other side runs for 60 RACE_NANOS. */
#define RACING(end, both) (now() < (end) || (!(both) && now() < (end) + 20 * RACE_NANOS))

/* Tells on standard output what happened; the runner shows it when an attack does not end as declared. */
static inline void say(const char *format, ...) {
    char text[512];
    va_list list;
    va_start(list, format);
    int n = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (n > 0 && write(1, text, (size_t)n < sizeof text ? (size_t)n : sizeof text) < 0)
        return;
}

static inline long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* The result of a system call as the kernel gives it: a value, or -errno. */
static inline long call(long nr, ...) {
    long a[6];
    va_list list;
    va_start(list, nr);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(list, long);
    va_end(list);
    long result = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
    return result == -1 ? -errno : result;
}
#define CALL(nr, ...) call(nr, __VA_ARGS__, 0, 0, 0, 0, 0, 0)

/* Whether a file can be opened to be read, and begins with these words. */
static inline int reads(const char *path, const char *words) {
    char text[64] = "";
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 && strncmp(text, words, strlen(words)) == 0;
}

static inline int is_secret(int fd) {
    char text[6];
    return fd >= 0 && pread(fd, text, 6, 0) == 6 && memcmp(text, "secret", 6) == 0;
}

/* A page that the other side of a race writes: w/shared, mapped by both. */
static inline volatile uint8_t *shared_page(void) {
    int fd = open("w/shared", O_RDWR | O_CREAT, 0666);
    if (fd < 0 || ftruncate(fd, 4096) != 0)
        return NULL;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return page == MAP_FAILED ? NULL : page;
}

#endif
