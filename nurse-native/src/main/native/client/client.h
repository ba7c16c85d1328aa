/*
 * The parts of the client.
 */
#ifndef NURSE_CLIENT_H
#define NURSE_CLIENT_H

#include "system.h"

#define PATH_SIZE 4096
#define FAILED 125 /* as env(1) and timeout(1) have it */

/* A string with a bound, which never grows past it: too_long says that something did not fit. */
struct text {
    char bytes[PATH_SIZE];
    u32 length;
    int too_long;
};

/* client_text.c */
u32 text_length(const char *s);
int text_equal(const char *a, const char *b);
int text_begins(const char *s, const char *with);
void text_set(struct text *text, const char *s);
void text_add(struct text *text, const char *s);
void text_add_number(struct text *text, u64 number, u32 base);
const char *variable(char *const *environment, const char *name);
void fail(const char *what, const char *why, const char *next) __attribute__((noreturn));
void fail_errno(const char *what, long error, const char *next) __attribute__((noreturn));

/* client_java.c: where things are, and the JVM's command line. */
struct places {
    struct text self; /* this very file */
    struct text jar;
    struct text cache;
    struct text java;
    u64 identity; /* of the jar: another build has another helper */
    struct text socket; /* the resident helper's, by its whole name: it removes it when it ends */
    int has_cache;
    const char *training; /* the build makes the cache: where to; then the helper serves one run, to its orderly end */
    u32 handed_on;        /* 1: this process has been a JVM before, which found that a run is ours to make */
};
#define JAVA_ARGUMENTS 32
void find_places(struct places *places, char *const *environment);
/* Fills argv with the JVM and its flags, for a helper that stays or for one command; returns how many. */
u32 java_command(struct places *places, const char **argv, int stays);

/* client_helper.c: a helper to talk to. */
int resident_helper(struct places *places, char *const *environment); /* a connected socket, or negative */
int own_helper(struct places *places);                                /* a helper for this run alone */
void reset_actions(void);                                             /* of signals, to the usual ones */
int listening_socket(struct places *places, char *const *environment, const char **why);

/* client_shape.c: NULL, or what of this process cannot be as a helper for other runs needs it. */
const char *reset_limits(int serves_many); /* the soft limits, and the hard ones where it may */
const char *reset_shape(void);             /* all that execve(2) lets through */

/* client_run.c */
void run(struct places *places, char *const *arguments, char *const *environment, u64 started)
    __attribute__((noreturn));

/* client_main.c: the command in a JVM of its own, which is this process. */
void become_java(struct places *places, char *const *arguments, char *const *environment, int stays)
    __attribute__((noreturn));

#endif
