/*
 * nurse: the jar's native front. Who runs it: the user, x86-64, before anything of a stranger's is read.
 *
 * `nurse run`, or trace, asks a helper, resident or its own, and becomes the program (client_run.c). `nurse serve` becomes a
 * resident helper. All else becomes the JVM with the flags that make it start fast.
 */
#include "client.h"
#include "protocol.h"

void client_main(long *stack) __attribute__((noreturn));

static u64 now(void) {
    u64 time[2] = {0, 0};
    call3(__NR_clock_gettime, CLOCK_MONOTONIC, time, 0);
    return time[0] * 1000000000u + time[1];
}

static long count_of(char *const *strings) {
    long count = 0;
    while (strings[count])
        count++;
    return count;
}

void become_java(struct places *places, char *const *arguments, char *const *environment, int stays) {
    const char **argv = __builtin_alloca(sizeof(char *) * (size_t)(JAVA_ARGUMENTS + count_of(arguments)));
    u32 n = java_command(places, argv, stays);

    while (*arguments)
        argv[n++] = *arguments++;
    argv[n] = NULL;
    fail_errno("the JVM cannot be started", call3(__NR_execve, places->java.bytes, argv, environment),
               "set NURSE_JAVA_HOME to the directory of a JDK 22 or newer that runs");
}

/* A resident helper in the foreground, until its user ends it. Its user says what it is: how many files it may open, its
 * niceness, its control group, the JVM's flags. Not by how much of a limit was left to the shell: the helper would keep every
 * run from what only the one who lowered the limit was to be kept from. */
static void serve(struct places *places, char *const *arguments, char *const *environment) __attribute__((noreturn));
static void serve(struct places *places, char *const *arguments, char *const *environment) {
    static struct text flags;
    static char path[] = "PATH=/usr/bin:/bin", language[] = "LANG=C.UTF-8";
    const char *why, *given = variable(environment, "JDK_JAVA_OPTIONS"), *low = reset_limits(0);
    char *const of_helper[] = {path, language, given ? flags.bytes : NULL, NULL};
    u64 none = 0;
    int socket;

    if (low)
        fail("no helper can be made resident", low, "start it where the limit is as it was at login");
    socket = listening_socket(places, environment, &why);
    if (socket < 0)
        fail("no helper can be made resident", why, "nurse run starts one by itself");
    text_set(&flags, "JDK_JAVA_OPTIONS=");
    text_add(&flags, given ? given : "");
    if (flags.too_long)
        fail("no helper can be made resident", "JDK_JAVA_OPTIONS is too long", "write the options to a file: @FILE");
    socket = (int)call3(__NR_fcntl, socket, F_DUPFD, SERVE_FD + 1);
    call3(__NR_dup3, socket, SERVE_FD, 0);
    call3(__NR_close_range, SERVE_FD + 1, ~0u, 0);
    call5(__NR_rt_sigprocmask, 2 /* SIG_SETMASK */, &none, 0, 8, 0);
    call3(__NR_chdir, "/", 0, 0);
    become_java(places, arguments, of_helper, 1);
}

/* stack: what the kernel gives a new program: argc, argv, NULL, environment, NULL (execve(2)). */
void client_main(long *stack) {
    static struct places places;
    static char directory[PATH_SIZE];
    u64 started = now();
    char **arguments = (char **)(stack + 1), **environment = arguments + stack[0] + 1;

    if (stack[0] < 1)
        system_exit(FAILED);
    /* A JVM does not even start there. */
    if (call3(__NR_getcwd, directory, sizeof directory, 0) == -ENOENT)
        fail("the current directory has no name", "it was removed", "cd to another one");
    find_places(&places, environment);
    arguments++;
    if (*arguments && text_equal(*arguments, "--handed-on")) { /* HandOn.java puts it first */
        places.handed_on = 1;
        arguments++;
    }
    if (*arguments && (text_equal(*arguments, "run") || text_equal(*arguments, "trace"))) /* RunsProgram.java */
        run(&places, arguments, environment, started);
    if (*arguments && !arguments[1] && text_equal(*arguments, "serve"))
        serve(&places, arguments, environment);
    become_java(&places, arguments, environment, 0);
}
