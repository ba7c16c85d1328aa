/* Class 8: calls that would change the process, the trustee in it, or what the sandbox rests on. Class 10: parts of the kernel
 * that nobody needs. */
#include "attack.h"
#include <sys/resource.h>

struct tried {
    const char *name;
    long nr, a[6];
};

/* Refused is what the policy alone says: any other errno is the kernel's, which then was asked. */
static int ask(const struct tried *calls, int count) {
    int asked = 0;
    for (int i = 0; i < count; i++) {
        const long *a = calls[i].a;
        long result = call(calls[i].nr, a[0], a[1], a[2], a[3], a[4], a[5]);
        if (result != -EPERM && result != -ENOSYS) {
            say("%s: %ld\n", calls[i].name, result);
            asked++;
        }
    }
    return asked ? GOT : getpid() > 0 ? HELD : BROKEN;
}

static char room[4096];

/* Arguments that ask the kernel and do no harm, since the twin makes the same calls outside, as root perhaps. */
ATTACK(kernel_parts, "parts-of-the-kernel") {
    const long bad = 1, none = (long)"none-such";
    const struct tried calls[] = {
        {"io_uring_setup", 425, {0, bad}},
        {"io_uring_enter", 426, {-1, 0, 0, 0}},
        {"bpf", 357, {5, bad, 8}},
        {"perf_event_open", 336, {bad, 0, -1, -1, 0}},
        {"add_key", 286, {bad, bad, 0, 0, 0}},
        {"request_key", 287, {bad, bad, 0, 0}},
        {"keyctl", 288, {99, 0, 0}},
        {"fanotify_init", 338, {-1, 0}},
        {"mount", 21, {bad, bad, bad, 0, 0}},
        {"umount2", 52, {none, 2}},
        {"fsopen", 430, {bad, 0}},
        {"open_tree", 428, {-100, none, 0}},
        {"move_mount", 429, {-100, none, -100, none, 0}},
        {"mount_setattr", 442, {-100, none, 0, (long)room, 0}},
        {"pivot_root", 217, {none, none}},
        {"init_module", 128, {(long)room, 10, (long)""}},
        {"finit_module", 350, {-1, (long)"", 0}},
        {"delete_module", 129, {none, 0}},
        {"kexec_load", 283, {0, 99999, bad, 0xffff}},
        {"reboot", 88, {0, 0, 0, 0}},
        {"swapon", 87, {none, 0}},
        {"acct", 51, {none}},
        {"quotactl", 131, {0, none, 0, 0}},
        {"syslog", 103, {3, bad, -1}},
        {"iopl", 110, {9}},
        {"ioperm", 101, {-1, 1, 1}},
        {"vm86", 166, {99, bad}},
        {"name_to_handle_at", 341, {-100, none, (long)room, (long)(room + 100), 0}},
        {"open_by_handle_at", 342, {-1, bad, 0}},
        {"lookup_dcookie", 253, {0, 0, (long)room, 10}},
        {"settimeofday", 79, {bad, 0}},
        {"clock_settime", 264, {99, bad}},
        {"adjtimex", 124, {bad}},
        {"sethostname", 74, {(long)"x", -1}},
        {"userfaultfd", 374, {-1}},
        {"memfd_secret", 447, {-1}},
        {"process_vm_readv", 347, {getppid(), bad, 1, bad, 1, 0}},
        {"process_vm_writev", 348, {getpid(), bad, 1, bad, 1, 0}},
        {"ptrace", 26, {16, -1, 0, 0}},
        {"kcmp", 349, {getpid(), getppid(), 99, 0, 0}},
        {"pidfd_getfd", 438, {-1, 0, 0}},
        {"process_madvise", 440, {-1, bad, 1, 0, 0}},
        {"process_mrelease", 448, {-1, 0}},
        {"landlock_create_ruleset", 444, {0, 0, 1}},
        {"shmget", 395, {0x7e577e57, 0, 0}},
        {"semget", 393, {0x7e577e57, 0, 0}},
        {"msgget", 399, {0x7e577e57, 0}},
        {"mq_open", 277, {none, O_RDWR, 0, 0}},
        {"move_pages", 317, {0, 0, 0, 0, 0, 99}},
        {"mbind", 274, {0, 0, 99, 0, 0, 0}},
        {"statmount", 457, {bad, bad, 0, 0}},
        {"listmount", 458, {bad, bad, 0, 0}},
    };
    return ask(calls, COUNT(calls));
}

ATTACK(process_calls, "process-calls") {
    const long bad = 1, none = (long)"none-such";
    const struct tried calls[] = {
        {"unshare", 310, {1}},
        {"setns", 346, {-1, 0}},
        {"chroot", 61, {none}},
        {"seccomp", 354, {99, 0, 0}},
        {"modify_ldt read", 123, {0, (long)room, 16}},
        {"modify_ldt write", 123, {1, bad, 16}},
        {"setsid", 66, {0}},
        {"prctl SECCOMP", 172, {22, 99, 0, 0, 0}},
        {"prctl PDEATHSIG", 172, {1, 0, 0, 0, 0}},
        {"prctl TSC", 172, {26, 99, 0, 0, 0}},
        {"prctl MM", 172, {35, 99, 0x10000, 0, 0}},
        {"prctl SYSCALL_USER_DISPATCH", 172, {59, 99, 0, 0, 0}},
        {"prctl DUMPABLE", 172, {4, 0, 0, 0, 0}},
        {"execve", 11, {none, 0, 0}},
        {"execveat", 358, {-100, none, 0, 0, 0}},
        {"clone", 120, {0x800 /* SIGHAND without VM: EINVAL */, 0, 0, 0, 0}},
        {"clone3", 435, {(long)room, 1}},
        {"setgroups", 206, {-1, 0}},
        {"capset", 185, {bad, bad}},
        {"remap_file_pages", 257, {bad, 4096, 0, 0, 0}},
        {"mseal", 462, {bad, 0, 0}},
        {"pkey_alloc", 381, {-1, 0}},
        {"set_mempolicy", 276, {99, 0, 0}},
        {"setpriority of another user's", 97, {2, 54321, 5}},
    };
    return ask(calls, COUNT(calls));
}

/* What goes up, or is of another identity. As root outside, all succeed. */
ATTACK(raise_limits, "raise-limits-and-ids") {
    struct rlimit files = {2000, 2000}, over = {1025, 1030}, most = {RLIM_INFINITY, RLIM_INFINITY}, now_;
    int got = 0;
    got += setrlimit(RLIMIT_NOFILE, &files) == 0 || setrlimit(RLIMIT_NOFILE, &over) == 0;
    got += getrlimit(RLIMIT_CORE, &now_) == 0 && now_.rlim_max != RLIM_INFINITY && setrlimit(RLIMIT_CORE, &most) == 0;
    got += CALL(SYS_prlimit64, getppid(), RLIMIT_NOFILE, 0, room) == 0;
    got += setuid(12345) == 0 || setreuid(-1, 12345) == 0 || setresuid(12345, 12345, 12345) == 0 || setgid(12345) == 0;
    got += CALL(SYS_setfsuid32, 12345) != (long)geteuid() || CALL(SYS_setfsuid32, -1) != (long)geteuid();
    got += nice(-5) != -1 && getpriority(PRIO_PROCESS, 0) < 0;
    got += CALL(SYS_personality, 0x0400000) >= 0; /* READ_IMPLIES_EXEC */
    struct rlimit less = {512, 512};
    return got ? GOT : setrlimit(RLIMIT_NOFILE, &less) == 0 && open("allowed", O_RDONLY) >= 0 ? HELD : BROKEN;
}

/* The kernel writes core files where the process was started, whatever the policy says; or hands them to a program as root. The
 * runner raises the limit and looks whether there is one. */
ATTACK(core, "core-dump") {
    struct rlimit most = {RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_CORE, &most);
    abort();
}

/* ---- terminals: standard input is one, and the controlling terminal ------------------------------------------------------ */

/* CVE-2017-5226 (bubblewrap), CVE-2019-10063 (flatpak: a number whose upper half the kernel does not look at),
 * CVE-2023-28100 (flatpak: TIOCLINUX). argument 1: the request. */
ATTACK(terminal, "terminal-request") {
    unsigned request = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 0;
    struct { unsigned short rows, columns, x, y; } size;
    char byte = request == 0x541c ? 2 /* set selection */ : '\n';
    if (CALL(SYS_ioctl, 0, 0x5413, &size) != 0)
        return BROKEN; /* the twin: asking for the size of the same terminal */
    long result = CALL(SYS_ioctl, 0, request, &byte);
    say("%ld\n", result);
    return result == -EPERM || result == -ENOTTY ? HELD : GOT;
}

/* The terminal by another way: its own names. */
ATTACK(terminal_open, "terminal-opened") {
    int got = open("/dev/tty", O_RDWR) >= 0 || open("/dev/tty0", O_RDWR) >= 0 || open("/dev/console", O_RDWR) >= 0 ||
              open("/dev/ptmx", O_RDWR) >= 0 || open("/dev/pts/0", O_RDWR) >= 0;
    return got ? GOT : open("/dev/null", O_RDWR) >= 0 ? HELD : BROKEN;
}

ATTACK(devices, "devices") {
    static const char *const names[] = {"mem", "kmem", "port", "kmsg", "sda", "vda", "nvme0n1", "loop0", "loop-control", "fuse",
                                        "kvm", "userfaultfd", "net/tun", "uinput", "input/event0", "dri/card0", "snd/controlC0",
                                        "video0", "rtc0", "vhost-net", "hpet", "btrfs-control", "mapper/control", "cuse", "tty",
                                        "ptmx", "vcs", "mqueue", "shm", "pts", "zero/../mem"};
    int got = 0;
    for (int i = 0; i < COUNT(names); i++)
        for (int writes = 0; writes < 2; writes++) {
            char name[64];
            snprintf(name, sizeof name, "/dev/%s", names[i]);
            int fd = open(name, (writes ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_NOCTTY);
            if (fd >= 0) {
                say("%s\n", name);
                got++;
                close(fd);
            }
        }
    return got ? GOT : open("/dev/zero", O_RDWR) >= 0 ? HELD : BROKEN;
}
