/*
 * The launcher: turns the process that the helper spawned into one that may run a stranger's program, and becomes ld.so.
 *
 * Who runs it: the new process, before ld.so and before any byte of the program is read; it is trusted. It is i686 so
 * that a kernel without 32-bit support says so here, by ENOEXEC to posix_spawn.
 *
 * argv: launcher PARENT-PID-OR-0 ARGV0-OF-LOADER ARGUMENTS-OF-LOADER...; descriptors 3... are the helper's, in the order of
 * NURSE_FD_* (layout.h). Everything else above 2 is closed.
 */
#include "kernel.h"
#include "layout.h"
#include "nurse_errno.h"
#include "syscalls.h"

#define FIRST_INHERITED 3
#define AT_EMPTY_PATH 0x1000
#define STACK_MAX (64u << 20)
#define CLOSE_RANGE_ALL 0xffffffffu

s32 launcher_syscall(u32 nr, u32 a, u32 b, u32 c, u32 d, u32 e);
void launcher_main(u32 *stack) __attribute__((noreturn));

static u32 address(const void *p) { return (u32)(uintptr_t)p; }

static void die(const char *what, s32 error) __attribute__((noreturn));
static void die(const char *what, s32 error) {
    char number[8];
    u32 at = sizeof number, length = 0;

    while (what[length])
        length++;
    number[--at] = '\n';
    for (error = error < 0 ? -error : 0; error && at; error /= 10)
        number[--at] = (char)('0' + error % 10);
    launcher_syscall(NURSE_NR_write, 2, address("nurse: cannot start: "), 21, 0, 0);
    launcher_syscall(NURSE_NR_write, 2, address(what), length, 0, 0);
    launcher_syscall(NURSE_NR_write, 2, address(number + at), sizeof number - at, 0, 0);
    for (;;)
        launcher_syscall(NURSE_NR_exit_group, 125, 0, 0, 0, 0);
}

static u32 number_of(const char *digits) {
    u32 n = 0;
    while (*digits >= '0' && *digits <= '9')
        n = n * 10 + (u32)(*digits++ - '0');
    return n;
}

/* Die with the helper's thread, also when it died before this. */
static void tie_to_parent(u32 parent) {
    s32 error;

    if (!parent)
        return; /* a client of a resident helper became this process: tie_to_helper alone */
    error = launcher_syscall(NURSE_NR_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (error)
        die("PR_SET_PDEATHSIG failed with errno ", error);
    if ((u32)launcher_syscall(NURSE_NR_getppid, 0, 0, 0, 0, 0) != parent)
        die("the helper is gone", 0);
}

static void limit_descriptors(u32 soft, u64 hard) {
    u64 limit[2] = {soft, hard};
    s32 error = launcher_syscall(NURSE_NR_prlimit64, 0, RLIMIT_NOFILE, address(limit), 0, 0);
    if (error)
        die("RLIMIT_NOFILE: the hard limit on open files must be 1040 or more (ulimit -Hn); errno ", error);
}

static void place_descriptors(void) {
    u64 limit[2];
    s32 error = launcher_syscall(NURSE_NR_prlimit64, 0, RLIMIT_NOFILE, 0, address(limit), 0);
    u32 i;

    if (error)
        die("prlimit64 failed with errno ", error);
    limit_descriptors(NURSE_FD_BASE + NURSE_FD_COUNT, limit[1]);
    for (i = 0; i < NURSE_FD_COUNT; i++) {
        u32 to = NURSE_FD_BASE + i;
        error = launcher_syscall(NURSE_NR_dup3, FIRST_INHERITED + i, to, to == NURSE_FD_LOADER ? O_CLOEXEC : 0, 0, 0);
        if (error < 0)
            die("a descriptor cannot be placed; errno ", error);
    }
    error = launcher_syscall(NURSE_NR_close_range, FIRST_INHERITED, NURSE_FD_BASE - 1, 0, 0, 0);
    if (error == 0)
        error = launcher_syscall(NURSE_NR_close_range, NURSE_FD_BASE + NURSE_FD_COUNT, CLOSE_RANGE_ALL, 0, 0, 0);
    if (error)
        die("close_range failed with errno ", error);
    limit_descriptors(NURSE_FD_BASE, limit[1]); /* what is open above it stays open: getrlimit(2) */
}

/* Die with the helper, whosever child this is: who reads a pipe with O_ASYNC gets the signal of its choice when the last
 * writer is gone (fcntl(2), F_SETSIG; pipe_release in fs/pipe.c), and the only writer is the helper. Nothing is ever
 * written. The signal belongs to the open file description, which outlives the execve to come. */
static void tie_to_helper(void) {
    u32 nothing[2] = {NURSE_FD_LIFE, 0}; /* struct pollfd without events: POLLHUP is told all the same */
    s32 error = launcher_syscall(NURSE_NR_fcntl64, NURSE_FD_LIFE, F_SETSIG, SIGKILL, 0, 0);

    if (!error)
        error = launcher_syscall(NURSE_NR_fcntl64, NURSE_FD_LIFE, F_SETOWN,
                                 (u32)launcher_syscall(NURSE_NR_getpid, 0, 0, 0, 0, 0), 0, 0);
    if (!error)
        error = launcher_syscall(NURSE_NR_fcntl64, NURSE_FD_LIFE, F_SETFL, O_ASYNC, 0, 0);
    if (error)
        die("the process cannot be tied to the helper; errno ", error);
    if (launcher_syscall(NURSE_NR_fcntl64, NURSE_FD_LIFE, F_GETSIG, 0, 0, 0) != SIGKILL ||
        !(launcher_syscall(NURSE_NR_fcntl64, NURSE_FD_LIFE, F_GETFL, 0, 0, 0) & O_ASYNC))
        die("F_SETSIG and O_ASYNC had no effect", 0);
    if (launcher_syscall(NURSE_NR_poll, address(nothing), 1, 0, 0, 0)) /* it was gone before */
        die("the helper is gone", 0);
}

/* The area that the kernel maps libraries in begins below the stack's limit (mmap_base, arch/x86/mm/mmap.c). With a huge
 * limit, or none, it begins so low that a program with fixed addresses could lie over ld.so (ElfRules.java). */
static void bound_stack(void) {
    u64 limit[2];
    s32 error = launcher_syscall(NURSE_NR_prlimit64, 0, RLIMIT_STACK, 0, address(limit), 0);

    if (error == 0 && limit[0] > STACK_MAX) {
        limit[0] = STACK_MAX;
        error = launcher_syscall(NURSE_NR_prlimit64, 0, RLIMIT_STACK, address(limit), 0, 0);
    }
    if (error)
        die("RLIMIT_STACK cannot be set; errno ", error);
}

/* No core file: the kernel would write it where the process was started, past the policy, or hand it to a program that runs
 * as root. 1 and not 0, which does not stop the latter: do_coredump in fs/coredump.c. */
static void forbid_core_files(void) {
    u64 limit[2];
    s32 error = launcher_syscall(NURSE_NR_prlimit64, 0, RLIMIT_CORE, 0, address(limit), 0);

    if (error == 0 && limit[1] > 1) {
        limit[0] = limit[1] = 1;
        error = launcher_syscall(NURSE_NR_prlimit64, 0, RLIMIT_CORE, address(limit), 0, 0);
    }
    if (error)
        die("RLIMIT_CORE cannot be set; errno ", error);
}

static void give_up_privileges(void) {
    s32 error = launcher_syscall(NURSE_NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (error)
        die("PR_SET_NO_NEW_PRIVS failed with errno ", error);
    if (launcher_syscall(NURSE_NR_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        die("PR_SET_NO_NEW_PRIVS had no effect", 0);
}

/* stack: what the kernel gives a new program: argc, argv, NULL, environment, NULL (execve(2)). */
void launcher_main(u32 *stack) {
    u32 count = stack[0];
    u32 *argv = stack + 1, *environment = argv + count + 1;

    if (count < 3)
        die("called without its arguments", 0);
    tie_to_parent(number_of((const char *)(uintptr_t)argv[1]));
    give_up_privileges();
    place_descriptors();
    tie_to_helper();
    bound_stack();
    forbid_core_files();
    die("the i386 dynamic linker cannot be executed; errno ",
        launcher_syscall(NURSE_NR_execveat, NURSE_FD_LOADER, address(""), address(argv + 2), address(environment),
                         AT_EMPTY_PATH));
}
