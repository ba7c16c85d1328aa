/*
 * The launcher: turns the process that the helper spawned into one that may run a stranger's program.
 *
 * Who runs it: the new process, before any byte of the program is read; it is trusted. It is i686, so a kernel without
 * 32-bit support says so here, by ENOEXEC to posix_spawn.
 *
 * Under trap it locks itself (audit/lock.c), and the helper then orders the program's mappings: its argv and its environment
 * are the program's own, and so is its stack. Under strict it becomes ld.so, with the argv and the environment that it was
 * given. Descriptors 3... are the helper's, in the order of NURSE_FD_* (layout.h). It closes all others above 2. What is
 * to be put on stands in the header of the orders memory. Without descriptors it only ends: the doctor asks whether it runs.
 *
 * A layer that the kernel does not give is left out here: the helper looks from outside which ones there are (LockCheck).
 * One that it gives by half ends the process.
 */
#include "../audit/untrustee.h"

#define FIRST_INHERITED 3
#define AT_EMPTY_PATH 0x1000
#define ADDR_NO_RANDOMIZE 0x0040000 /* linux/personality.h */
#define PERSONALITY_ASK 0xffffffffu
#define THREADS 2 /* the program's and the trustee */
#define STACK_MAX (64u << 20)
#define CLOSE_RANGE_ALL 0xffffffffu
#define INHERITED(fd) (FIRST_INHERITED + (fd) - NURSE_FD_BASE)

s32 launcher_syscall(u32 nr, u32 a, u32 b, u32 c, u32 d, u32 e);
void launcher_begin(u32 entry, u32 *stack) __attribute__((noreturn));
void launcher_main(u32 *stack) __attribute__((noreturn));

static void end(u32 status) __attribute__((noreturn));
static void end(u32 status) {
    for (;;)
        launcher_syscall(NURSE_NR_exit_group, status, 0, 0, 0, 0);
}

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
    end(125);
}

static u32 word(const u8 *header, u32 offset) { return *(const u32 *)(const void *)(header + offset); }

static const u8 *map_header(void) {
    u32 arguments[6] = {0, NURSE_HEADER_SIZE, PROT_READ, MAP_SHARED, INHERITED(NURSE_FD_ORDERS), 0};
    s32 at = launcher_syscall(NURSE_NR_mmap, address(arguments), 0, 0, 0, 0);
    if (at == -EBADF)
        end(0); /* no descriptors: nothing is to be started */
    if ((u32)at > 0xfffff000u)
        die("the orders memory cannot be mapped; errno ", at);
    return (const u8 *)(uintptr_t)at;
}

static void write_file(const char *path, const char *text, u32 length) {
    s32 fd = launcher_syscall(NURSE_NR_open, address(path), O_WRONLY | O_CLOEXEC, 0, 0, 0);
    s32 result = fd < 0 ? fd : launcher_syscall(NURSE_NR_write, (u32)fd, address(text), length, 0, 0);
    if (result != (s32)length)
        die("a user namespace was made that cannot be used (is a security module in the way?); errno ", result);
    launcher_syscall(NURSE_NR_close, (u32)fd, 0, 0, 0, 0);
}

/* "ID ID 1": it is itself, and nobody else exists (user_namespaces(7)). */
static void write_map(const char *path, u32 id) {
    char text[24], digits[10];
    u32 length = 0, count = 0, twice;

    do
        digits[count++] = (char)('0' + id % 10);
    while (id /= 10);
    for (twice = 0; twice < 2; twice++) {
        u32 i = count;
        while (i)
            text[length++] = digits[--i];
        text[length++] = ' ';
    }
    text[length++] = '1';
    write_file(path, text, length);
}

/* Not by the Landlock rules of a helper of root's, which is to need no user namespace (Confinement.java). */
static int may_map_users(void) {
    s32 fd = launcher_syscall(NURSE_NR_open, address("/proc/self/uid_map"), O_WRONLY | O_CLOEXEC, 0, 0, 0);

    if (fd >= 0)
        launcher_syscall(NURSE_NR_close, (u32)fd, 0, 0, 0, 0);
    return fd >= 0;
}

/* Who may, asks for the namespaces alone; everyone else for a user namespace around them, or that alone, where the kernel
 * allows it. Whether one was made. */
static int enter_namespaces(u32 wanted) {
    u32 uid = (u32)launcher_syscall(NURSE_NR_geteuid32, 0, 0, 0, 0, 0); /* inside it is unknown until it is mapped */
    u32 gid = (u32)launcher_syscall(NURSE_NR_getegid32, 0, 0, 0, 0, 0);

    if (!wanted || launcher_syscall(NURSE_NR_unshare, wanted, 0, 0, 0, 0) == 0)
        return 0;
    if (!may_map_users() || (launcher_syscall(NURSE_NR_unshare, wanted | CLONE_NEWUSER, 0, 0, 0, 0) &&
                             launcher_syscall(NURSE_NR_unshare, CLONE_NEWUSER, 0, 0, 0, 0)))
        return 0;
    write_file("/proc/self/setgroups", "deny", 4);
    write_map("/proc/self/uid_map", uid);
    write_map("/proc/self/gid_map", gid);
    return 1;
}

/* From here on no name leads to a file: every name begins among the process's descriptors, where under strict ld.so finds
 * what it was given as ./N. Not in /proc, where chmod(2), which Landlock does not cover, reaches self/exe and root's own
 * entries. By chroot(2), and not by a mount namespace: a helper under Landlock forbids mount(2) and pivot_root(2) to what it
 * starts. A process that gives up CAP_SYS_CHROOT next does not get out (path_resolution(7)). Where chroot(2) is refused,
 * LockCheck sees it. */
static void leave_files(void) {
    s32 error = launcher_syscall(NURSE_NR_chdir, address("/proc/self/fd"), 0, 0, 0, 0);

    if (error)
        die("/proc/self/fd cannot be entered (is /proc mounted?); errno ", error);
    launcher_syscall(NURSE_NR_chroot, address("."), 0, 0, 0, 0);
}

/* Under strict no filter can come before the lock: no third thread and no process, as far as the kernel counts those of a user
 * namespace (RLIMIT_NPROC in kernel/ucount.c); nor the keys of the user's session (session-keyring(7)). */
static void do_without_filter(int in_user_namespace) {
    u64 limit[2] = {THREADS, THREADS};
    s32 error = 0;

    if (in_user_namespace)
        error = launcher_syscall(NURSE_NR_prlimit64, 0, RLIMIT_NPROC, address(limit), 0, 0);
    if (error)
        die("RLIMIT_NPROC cannot be set; errno ", error);
    launcher_syscall(NURSE_NR_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0); /* ENOSYS: there are no keys */
}

/* A thread without CAP_SETPCAP cannot change the bounding set; with no_new_privs it gains nothing by exec either. */
static void drop_capabilities(u64 kept) {
    u32 header[2] = {CAPABILITY_VERSION_3, 0};
    struct {
        u32 effective, permitted, inheritable;
    } sets[2];
    u32 capability, i;
    s32 error = 0;

    for (capability = 0; capability < 64 && error == 0; capability++) /* EINVAL: there are no more */
        if (!(kept >> capability & 1))
            error = launcher_syscall(NURSE_NR_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0);
    launcher_syscall(NURSE_NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    error = launcher_syscall(NURSE_NR_capget, address(header), address(sets), 0, 0, 0);
    for (i = 0; i < 2; i++) {
        u32 half = (u32)(kept >> 32 * i);
        sets[i].permitted &= half;
        sets[i].effective &= half;
        sets[i].inheritable = 0;
    }
    if (error == 0)
        error = launcher_syscall(NURSE_NR_capset, address(header), address(sets), 0, 0, 0);
    if (error)
        die("capabilities cannot be dropped; errno ", error);
}

/* Dies with the helper's thread, even if that died before this call. */
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
        error = launcher_syscall(NURSE_NR_dup3, FIRST_INHERITED + i, to, to == NURSE_FD_LOADER || to == NURSE_FD_RULES ? O_CLOEXEC : 0, 0, 0);
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

/* Dies with the helper, even when it is not the helper's child: O_ASYNC on a pipe delivers F_SETSIG's signal when the last
 * writer closes it (fcntl(2); pipe_release in fs/pipe.c), and the only writer is the helper. Nothing is ever written. The
 * signal belongs to the open file description, which outlives strict's execveat(2). */
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
 * limit, or none, it begins so low that ld.so may lie where a program with fixed addresses has to be: under strict the
 * program would be mapped over it (ElfRules.java). Under trap no execve(2) follows, and this only bounds the stack. */
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

static void give_up_privileges(void) {
    s32 error = launcher_syscall(NURSE_NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (error)
        die("PR_SET_NO_NEW_PRIVS failed with errno ", error);
    if (launcher_syscall(NURSE_NR_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        die("PR_SET_NO_NEW_PRIVS had no effect", 0);
}

/* A core dump is written by the kernel, or by a program of root's that reads what the sandboxed process made of itself. 1
 * and not 0: it is the only value that keeps a dump from a program, too (fs/coredump.c, RLIMIT_CORE of 1). */
static void refuse_core_dumps(void) {
    u64 limit[2] = {1, 1};
    s32 error;

    launcher_syscall(NURSE_NR_prlimit64, 0, RLIMIT_CORE, 0, address(limit), 0);
    limit[0] = limit[1] = limit[1] < 1 ? limit[1] : 1;
    error = launcher_syscall(NURSE_NR_prlimit64, 0, RLIMIT_CORE, address(limit), 0, 0);
    if (error)
        die("RLIMIT_CORE cannot be set; errno ", error);
}

static void restrict_to_rules(void) {
    s32 error = launcher_syscall(NURSE_NR_landlock_restrict_self, INHERITED(NURSE_FD_RULES), 0, 0, 0, 0);
    if (error)
        die("the Landlock rules cannot be put on; errno ", error);
}

/* What addresses tell would differ from run to run (personality(2)). execve(2) lays everything out: the launcher's own, once
 * more, under trap; that of ld.so under strict. */
static void fix_addresses(u32 *argv, u32 *environment, u32 lock) {
    s32 now = launcher_syscall(NURSE_NR_personality, PERSONALITY_ASK, 0, 0, 0, 0);
    s32 error = now < 0 ? now : launcher_syscall(NURSE_NR_personality, (u32)now | ADDR_NO_RANDOMIZE, 0, 0, 0, 0);

    if (error < 0)
        die("random cannot be fixed, as the kernel does not let addresses be (personality(2)); errno ", error);
    if (!(launcher_syscall(NURSE_NR_personality, PERSONALITY_ASK, 0, 0, 0, 0) & ADDR_NO_RANDOMIZE))
        die("ADDR_NO_RANDOMIZE had no effect", 0);
    if (lock == NURSE_LOCK_TRAP && !(now & ADDR_NO_RANDOMIZE))
        die("the launcher cannot be executed again; errno ",
            launcher_syscall(NURSE_NR_execve, address("/proc/self/exe"), address(argv), address(environment), 0, 0));
}

static void become_loader(const u32 *argv, const u32 *environment) __attribute__((noreturn));
static void become_loader(const u32 *argv, const u32 *environment) {
    die("the i386 dynamic linker cannot be executed; errno ",
        launcher_syscall(NURSE_NR_execveat, NURSE_FD_LOADER, address(""), address(argv), address(environment),
                         AT_EMPTY_PATH));
}

/* Locks, and goes on where the helper says: the program's loader, or the program itself, finds the stack as execve(2) would
 * have left it. */
static void lock_and_begin(u32 *stack, const u32 *auxiliary) __attribute__((noreturn));
static void lock_and_begin(u32 *stack, const u32 *auxiliary) {
    u32 vsyscall = 0;

    for (; auxiliary[0] != AT_NULL; auxiliary += 2)
        if (auxiliary[0] == AT_SYSINFO)
            vsyscall = auxiliary[1];
    if (!vsyscall)
        die("the kernel gives 32-bit programs no vDSO (vdso32=0): boot it without that", 0);
    launcher_begin((u32)nurse_lock(vsyscall, NULL, stack), stack);
}

/* stack: what the kernel gives a new program: argc, argv, NULL, environment, NULL, auxiliary vector (execve(2)). */
void launcher_main(u32 *stack) {
    u32 *argv = stack + 1, *environment = argv + stack[0] + 1, *auxiliary = environment;
    const u8 *header = map_header();
    u32 lock = word(header, NURSE_HEADER_LOCK);
    int in_user_namespace;

    while (*auxiliary++)
        ;
    if (word(header, NURSE_HEADER_REPEAT) & NURSE_REPEAT_RANDOM)
        fix_addresses(argv, environment, lock);
    /* before tie_to_parent: new credentials untie (prctl(2)) */
    in_user_namespace = enter_namespaces(word(header, NURSE_HEADER_NAMESPACES));
    leave_files();
    if (lock == NURSE_LOCK_STRICT)
        do_without_filter(in_user_namespace);
    tie_to_parent(word(header, NURSE_HEADER_PARENT));
    give_up_privileges();
    drop_capabilities(*(const u64 *)(const void *)(header + NURSE_HEADER_CAPABILITIES));
    if (word(header, NURSE_HEADER_RULES))
        restrict_to_rules();
    place_descriptors();
    tie_to_helper();
    bound_stack();
    refuse_core_dumps();
    if (launcher_syscall(NURSE_NR_munmap, address(header), NURSE_HEADER_SIZE, 0, 0, 0))
        die("the header cannot be unmapped", 0);
    if (lock == NURSE_LOCK_STRICT)
        become_loader(argv, environment);
    lock_and_begin(stack, auxiliary);
}
