/*
 * A loader that never locks, as loader.c: it tries what no layer but the filter would keep from code that took ld.so over, and
 * says of each whether it was done, or by which errno it was refused. Standard input is a terminal, standard output a file.
 * Its twin is itself, run without a sandbox: there all of it works.
 *
 * usage: loader ... FILE PROCESS
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/socket.h>
#include <unistd.h>

#define IDLE_DISK (3 << 13) /* IOPRIO_CLASS_IDLE (linux/ioprio.h) */
#define WHO_PROCESS 1
#define SESSION_KEYRING (-3)

static int call(int nr, int a, int b, int c, int d) {
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(0) : "memory");
    return result;
}

static void put(const char *text) {
    int length = 0;
    while (text[length])
        length++;
    call(SYS_write, 1, (int)text, length, 0);
}

static void say(const char *what, int result) {
    char digits[8];
    int at = sizeof digits - 1;

    digits[at] = 0;
    put(what);
    if (result >= 0)
        put(" done\n");
    else {
        for (result = -result; result; result /= 10)
            digits[--at] = (char)('0' + result % 10);
        put(" refused ");
        put(digits + at);
        put("\n");
    }
}

static int number(const char *digits) {
    int n = 0;
    while (*digits >= '0' && *digits <= '9')
        n = n * 10 + *digits++ - '0';
    return n;
}

static int open_by_handle(const char *file) {
    struct {
        unsigned bytes;
        int type;
        char handle[MAX_HANDLE_SZ];
    } handle = {.bytes = MAX_HANDLE_SZ};
    int mount;

    call(SYS_name_to_handle_at, AT_FDCWD, (int)file, (int)&handle, (int)&mount);
    return call(SYS_open_by_handle_at, AT_FDCWD, (int)&handle, O_RDONLY, 0);
}

void body(int *stack) __attribute__((noreturn, used, visibility("hidden")));
void body(int *stack) {
    char **argv = (char **)(stack + 1);
    const char *file = argv[stack[0] - 2];
    int process = number(argv[stack[0] - 1]), discipline = 0, priority = 0;
    struct rlimit64 limit = {64, 64};

    say("type on the terminal", call(SYS_ioctl, 0, TIOCSTI, (int)"x", 0));
    say("set the terminal's discipline", call(SYS_ioctl, 0, TIOCSETD, (int)&discipline, 0));
    say("limit another process", call(SYS_prlimit64, process, RLIMIT_NOFILE, (int)&limit, 0));
    say("slow another process", call(SYS_setpriority, PRIO_PROCESS, process, 5, 0));
    say("slow its disk", call(SYS_ioprio_set, WHO_PROCESS, process, IDLE_DISK, 0));
    say("let it starve", call(SYS_sched_setscheduler, process, SCHED_IDLE, (int)&priority, 0));
    say("signal another process", call(SYS_kill, process, SIGWINCH, 0, 0));
    say("signal all processes", call(SYS_kill, -1, 0, 0, 0));
    say("have it signalled", call(SYS_fcntl, 0, F_SETOWN, process, 0));
    say("make a set-id file", call(SYS_fchmod, 1, 04755, 0, 0));
    say("change a mode", call(SYS_chmod, (int)file, 0666, 0, 0));
    say("change an owner", call(SYS_chown32, (int)file, -1, -1, 0));
    say("use a keyring", call(SYS_keyctl, KEYCTL_GET_KEYRING_ID, SESSION_KEYRING, 0, 0));
    say("open by a handle", open_by_handle(file));
    say("talk to the kernel", call(SYS_socket, AF_NETLINK, SOCK_RAW, 0, 0));
    say("outlive the helper", call(SYS_prctl, PR_SET_PDEATHSIG, 0, 0, 0));
    call(SYS_fchmod, 1, 04755, 0, 0); /* again: what was written since took the set-id bit away (file_remove_privs) */
    for (;;)
        call(SYS_exit_group, 0, 0, 0, 0);
}

__asm__(".globl start\n.hidden start\nstart:\n\tmov %esp, %eax\n\tand $-16, %esp\n\tpush %eax\n\tpush %eax\n\tcall body\n");
