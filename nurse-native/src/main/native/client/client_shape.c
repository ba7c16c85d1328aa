/*
 * What a process inherits from the one that starts it, taken off the helper that is to serve other runs as well.
 *
 * Who runs it: the process that becomes the helper, before the JVM. A run that starts the resident helper lends it nothing:
 * with a limit of 32 KiB on files, or at niceness 19, the helper would fail, or slow down, every other run of that user. What
 * the kernel lets only a privileged process take back (a lowered hard limit, a raised niceness) stands against this process's
 * becoming a resident helper; then the run gets one of its own, and the next run tries anew.
 *
 * Descriptors, environment, session, working directory, signal mask and dispositions: client_helper.c. User, groups,
 * capabilities, namespaces, SECCOMP: no reset, the helper serves only a client that has the same (Likeness.java).
 */
#include "client.h"

#define NO_LIMIT (~(u64)0)
#define MIB ((u64)1 << 20)
#define PRIO_PROCESS 0
#define NICE_ZERO 20 /* getpriority(2): the system call's result is 20 less the niceness */
#define IOPRIO_WHO_PROCESS 1
#define PR_SET_TIMERSLACK 29
#define PR_SET_TSC 26
#define PR_TSC_ENABLE 1
#define PR_SET_THP_DISABLE 41
#define PR_GET_MDWE 66
#define PR_SET_MEMORY_MERGE 67
#define SLACK_NANOS 50000 /* that of the first process (init/init_task.c) */
#define UTIL_CLAMP 0x60   /* SCHED_FLAG_UTIL_CLAMP_MIN and _MAX */

enum resource { CPU, FSIZE, DATA, STACK, CORE, RSS, NPROC, NOFILE, MEMLOCK, AS, LOCKS, SIGPENDING, MSGQUEUE, NICE, RTPRIO, RTTIME };

/* Per limit: the soft one that the helper gets; the hard one that it needs, and the one that it takes where it has not
 * enough and may raise it. What is not here decides nothing of what the helper does, but gets the hard one all the same. */
struct need {
    enum resource resource;
    u64 soft, least, raised;
    const char *lowered;
};
static const struct need needs[] = {
    {CPU, NO_LIMIT, NO_LIMIT, NO_LIMIT, "the hard limit of CPU time is lowered (ulimit -Ht)"},
    {FSIZE, NO_LIMIT, NO_LIMIT, NO_LIMIT, "the hard limit of a file's size is lowered (ulimit -Hf)"},
    {DATA, NO_LIMIT, NO_LIMIT, NO_LIMIT, "the hard limit of data is lowered (ulimit -Hd)"},
    {AS, NO_LIMIT, NO_LIMIT, NO_LIMIT, "the hard limit of memory is lowered (ulimit -Hv)"},
    /* without a limit, or with a huge one, the kernel lays libraries out from the bottom (arch/x86/mm/mmap.c) */
    {STACK, 8 * MIB, 8 * MIB, 8 * MIB, "the hard limit of the stack is lowered (ulimit -Hs)"},
    {CORE, 0, 0, 0, ""},
    /* a thread for each of 256 programs, and some: HelperFiles.java and ServeCommand.java count both */
    {NPROC, NO_LIMIT, 1024, 4096, "the hard limit of processes is lowered (ulimit -Hu)"},
    {NOFILE, NO_LIMIT, 4096, 524288, "the hard limit of open files is lowered (ulimit -Hn)"},
};

static long set_limit(enum resource resource, u64 soft, u64 hard) {
    u64 limit[2] = {soft < hard ? soft : hard, hard};
    return call5(__NR_prlimit64, 0, resource, limit, 0, 0);
}

/* NULL, or which limit is too low and stays so. */
static const char *reset_limit(const struct need *need, int serves_many) {
    u64 now[2];
    int enough;

    if (call5(__NR_prlimit64, 0, need->resource, 0, now, 0))
        return need->lowered;
    enough = now[1] >= need->least || (!serves_many && need->resource == NOFILE);
    if (!enough && (set_limit(need->resource, need->soft, need->raised) == 0 ||
                    set_limit(need->resource, need->soft, need->least) == 0)) /* EPERM: more than fs.nr_open */
        return NULL;
    return !enough || set_limit(need->resource, need->soft, now[1]) ? need->lowered : NULL;
}

const char *reset_limits(int serves_many) {
    const char *lowered = NULL;
    u32 resource, i;
    u64 now[2];

    for (resource = CPU; resource <= RTTIME; resource++)
        if (call5(__NR_prlimit64, 0, resource, 0, now, 0) == 0)
            set_limit(resource, now[1], now[1]);
    for (i = 0; i < sizeof needs / sizeof *needs && !lowered; i++)
        lowered = reset_limit(&needs[i], serves_many);
    return lowered;
}

/* sched(7): policy, priority, niceness, slice and bounds of utilization; CPUs, NUMA nodes, disk priority, timers. */
static const char *reset_scheduling(void) {
    static u64 every_cpu[128]; /* the kernel leaves out those that there are not, or that the cpuset forbids */
    struct {
        u32 size, policy;
        u64 flags;
        s32 nice;
        u32 priority;
        u64 runtime, deadline, period;
        u32 least, most;
    } usual = {.size = sizeof usual}, clamp = {.size = sizeof clamp, .flags = UTIL_CLAMP, .least = ~0u, .most = ~0u};
    u32 i;

    for (i = 0; i < sizeof every_cpu / sizeof *every_cpu; i++)
        every_cpu[i] = NO_LIMIT;
    call3(__NR_sched_setaffinity, 0, sizeof every_cpu, every_cpu);
    call3(__NR_set_mempolicy, 0 /* MPOL_DEFAULT */, 0, 0);
    call3(__NR_ioprio_set, IOPRIO_WHO_PROCESS, 0, 0 /* IOPRIO_CLASS_NONE */);
    call5(__NR_prctl, PR_SET_TIMERSLACK, SLACK_NANOS, 0, 0, 0);
    call3(__NR_sched_setattr, 0, &clamp, 0); /* EOPNOTSUPP: without CONFIG_UCLAMP_TASK there are no bounds */
    call3(__NR_sched_setattr, 0, &usual, 0);
    if (call3(__NR_getpriority, PRIO_PROCESS, 0, 0) != NICE_ZERO)
        return "its niceness cannot be reset (nice(1))";
    if (call3(__NR_sched_getscheduler, 0, 0, 0) != 0 /* SCHED_OTHER */)
        return "its scheduling policy cannot be reset (chrt(1))";
    return NULL;
}

/* What execve(2) lets through besides. */
static const char *reset_traits(void) {
    call3(__NR_umask, 022, 0, 0);
    if (call3(__NR_personality, 0, 0, 0) < 0) /* ADDR_NO_RANDOMIZE, READ_IMPLIES_EXEC and their kin */
        return "its personality cannot be reset (setarch(8))";
    call5(__NR_prctl, PR_SET_THP_DISABLE, 0, 0, 0, 0);
    call5(__NR_prctl, PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0);
    call5(__NR_prctl, PR_SET_MEMORY_MERGE, 0, 0, 0, 0);
    return call5(__NR_prctl, PR_GET_MDWE, 0, 0, 0, 0) > 0 ? "it may not make code (PR_SET_MDWE)" : NULL;
}

static long write_file(const char *path, const char *text) {
    int fd = system_open(AT_FDCWD, path, O_WRONLY, 0);
    long wrote = fd < 0 ? fd : system_write(fd, text, text_length(text));

    if (fd >= 0)
        system_close(fd);
    return wrote;
}

/* proc(5): 0 is what a process has by itself. Below the value that a privileged process gave, only a privileged one may go,
 * so the lowest that is to be had is looked for. */
static void reset_oom_score(void) {
    struct text score;
    u32 value;

    for (value = 0; value <= 1000; value += 50) {
        text_set(&score, "");
        text_add_number(&score, value, 10);
        if (write_file("/proc/self/oom_score_adj", score.bytes) > 0)
            return;
    }
}

/* Moves into a directory of cgroup v2: into itself, or, where it has controllers for what is below it and so may have no
 * processes (cgroups(7)), into one of ours below it. */
static int move_to(struct text *directory) {
    u32 length = directory->length;

    text_add(directory, "/cgroup.procs");
    if (!directory->too_long && write_file(directory->bytes, "0") > 0)
        return 1;
    directory->bytes[directory->length = length] = 0;
    text_add(directory, "/nurse-helper");
    call3(__NR_mkdirat, AT_FDCWD, directory->bytes, 0755);
    text_add(directory, "/cgroup.procs");
    if (!directory->too_long && write_file(directory->bytes, "0") > 0)
        return 1;
    directory->bytes[directory->length = length] = 0;
    return 0;
}

/* Out of the control group of the run, whose bounds and whose end (a service manager kills all of it) are that run's affair:
 * to the topmost that this user may write. Where the user may write none above its own, as in a login session without a
 * service manager of the user's, the helper stays; so it does in a hierarchy of version 1. docs/serve.md says so. */
static void leave_cgroup(void) {
    static char groups[PATH_SIZE], own[PATH_SIZE];
    static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
    int fd = system_open(AT_FDCWD, "/proc/self/cgroup", O_RDONLY, 0);
    long length = fd < 0 ? 0 : system_read(fd, groups, sizeof groups - 1);
    u32 at = 0, end = 0, i;
    struct text directory;

    if (fd >= 0)
        system_close(fd);
    groups[length < 0 ? 0 : length] = 0;
    while (groups[at] && !text_begins(groups + at, "0::/")) {
        while (groups[at] && groups[at] != '\n')
            at++;
        at += groups[at] == '\n';
    }
    for (at += groups[at] ? 3 : 0; groups[at + end] && groups[at + end] != '\n'; end++)
        own[end] = groups[at + end];
    if (text_begins(own, "/..")) /* a cgroup namespace whose root lies below (cgroup_namespaces(7)) */
        return;
    for (i = 0; i < sizeof mounts / sizeof *mounts; i++) {
        text_set(&directory, mounts[i]);
        text_add(&directory, "/cgroup.controllers"); /* of version 2 alone */
        if (call5(__NR_faccessat, AT_FDCWD, directory.bytes, 0, 0, 0))
            continue;
        for (at = 0; at + 1 < end; at++) /* each directory above its own, the topmost first */
            if (own[at] == '/') {
                char below = own[at];
                own[at] = 0;
                text_set(&directory, mounts[i]);
                text_add(&directory, own);
                own[at] = below;
                if (move_to(&directory))
                    return;
            }
    }
}

const char *reset_shape(void) {
    const char *why = reset_limits(1);

    if (!why)
        why = reset_scheduling();
    if (!why)
        why = reset_traits();
    if (why)
        return why;
    reset_oom_score();
    leave_cgroup();
    return NULL;
}
