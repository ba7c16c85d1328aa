/*
 * What becomes the program in the sandboxes to compare with: has itself traced, or its calls notified, and is the program
 * from then on.
 *
 *   tracee HOW PROGRAM ARGS...
 *     ptrace    traced by its parent
 *     trace     the same, and a filter that stops it (SECCOMP_RET_TRACE) at all but the calls that nurse's lock allows
 *     notify    a filter that has all but these decided by who holds the listener, which is its lowest free descriptor
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_RET_USER_NOTIF
#define SECCOMP_RET_USER_NOTIF 0x7fc00000U
#define SECCOMP_FILTER_FLAG_NEW_LISTENER (1UL << 3)
#endif

static long filter_calls(unsigned action, unsigned long flags) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 5, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sigreturn, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static int failed(const char *what) {
    perror(what);
    return 125;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: tracee ptrace|trace|notify PROGRAM ARGS...\n");
        return 125;
    }
    int notify = strcmp(argv[1], "notify") == 0;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return failed("tracee: prctl");
    if (!notify && (ptrace(PTRACE_TRACEME, 0, NULL, NULL) || raise(SIGSTOP)))
        return failed("tracee: ptrace");
    if (strcmp(argv[1], "trace") == 0 && filter_calls(SECCOMP_RET_TRACE, 0))
        return failed("tracee: seccomp");
    if (notify && filter_calls(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER) < 0)
        return failed("tracee: seccomp");
    execv(argv[2], argv + 2);
    return failed(argv[2]);
}
