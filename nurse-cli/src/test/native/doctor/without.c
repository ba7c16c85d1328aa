/* Runs a command on a kernel that seems to lack something: a SECCOMP filter refuses the calls, for 64-bit and 32-bit code.
 * usage: without THING... -- COMMAND...      things: landlock mseal namespaces other-namespaces chroot memfd filters pidfd_getfd 32-bit
 *         nothing */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define WITHOUT_ARGUMENT -1

static const struct {
    const char *thing;
    int number64, number32;
    unsigned error;
    int first_argument; /* only with this one */
} calls[] = {
    {"landlock", 444, 444, ENOSYS, WITHOUT_ARGUMENT},
    {"mseal", 462, 462, ENOSYS, WITHOUT_ARGUMENT},
    {"namespaces", 272, 310, EPERM, WITHOUT_ARGUMENT},
    {"other-namespaces", 272, 310, EPERM, CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS},
    {"other-namespaces", 272, 310, EPERM, CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWUSER},
    {"chroot", 161, 61, EPERM, WITHOUT_ARGUMENT},
    {"memfd", 319, 356, EACCES, WITHOUT_ARGUMENT},
    {"filters", 157, 172, EINVAL, PR_SET_SECCOMP},
    {"pidfd_getfd", 438, 438, EPERM, WITHOUT_ARGUMENT},
};

static struct sock_filter code[128];
static unsigned short length;

static void add(unsigned short operation, unsigned char yes, unsigned char no, unsigned operand) {
    struct sock_filter instruction = {operation, yes, no, operand};
    code[length++] = instruction;
}

static void load(unsigned offset) { add(BPF_LD | BPF_W | BPF_ABS, 0, 0, offset); }

static void refuse(int number, unsigned error, int first_argument) {
    load(offsetof(struct seccomp_data, nr));
    if (first_argument == WITHOUT_ARGUMENT) {
        add(BPF_JMP | BPF_JEQ, 0, 1, (unsigned)number);
    } else {
        add(BPF_JMP | BPF_JEQ, 0, 3, (unsigned)number);
        load(offsetof(struct seccomp_data, args));
        add(BPF_JMP | BPF_JEQ, 0, 1, (unsigned)first_argument);
    }
    add(BPF_RET, 0, 0, SECCOMP_RET_ERRNO | error);
}

/* The calls of one architecture, and a jump over them for the other. */
static void of_architecture(unsigned architecture, int count, char **things, int is64) {
    unsigned short jump, i;
    int j;

    load(offsetof(struct seccomp_data, arch));
    jump = length;
    add(BPF_JMP | BPF_JEQ, 0, 0, architecture);
    for (j = 0; j < count; j++) {
        for (i = 0; i < sizeof calls / sizeof *calls; i++)
            if (!strcmp(things[j], calls[i].thing))
                refuse(is64 ? calls[i].number64 : calls[i].number32, calls[i].error, calls[i].first_argument);
        if (!is64 && !strcmp(things[j], "32-bit"))
            add(BPF_RET, 0, 0, SECCOMP_RET_KILL_PROCESS);
    }
    code[jump].jf = (unsigned char)(length - jump - 1);
}

int main(int argc, char **argv) {
    struct sock_fprog program = {0, code};
    int things = 0;

    while (things + 1 < argc && strcmp(argv[things + 1], "--"))
        things++;
    if (things + 2 >= argc)
        return 2;
    of_architecture(AUDIT_ARCH_X86_64, things, argv + 1, 1);
    of_architecture(AUDIT_ARCH_I386, things, argv + 1, 0);
    add(BPF_RET, 0, 0, SECCOMP_RET_ALLOW);
    program.len = length;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
        perror("without");
        return 2;
    }
    execvp(argv[things + 2], argv + things + 2);
    perror(argv[things + 2]);
    return 127;
}
