/*
 * A loader that never locks: in the place of /lib/ld-linux.so.2 below --root it runs before our library, as code would that
 * took ld.so over by a hostile ELF file. It tries what such code would want, and says of each whether it was done.
 * Its twin is itself, run without a sandbox: there all of it works.
 *
 * usage: loader ... FILE PORT PROCESS
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int call(int nr, int a, int b, int c, int d, int e) {
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
    return result;
}

static int length(const char *text) {
    int n = 0;
    while (text[n])
        n++;
    return n;
}

static void say(const char *what, int result) {
    call(SYS_write, 1, (int)what, length(what), 0, 0);
    if (result < 0)
        call(SYS_write, 1, (int)" refused\n", 9, 0, 0);
    else
        call(SYS_write, 1, (int)" done\n", 6, 0, 0);
}

static int number(const char *digits) {
    int n = 0;
    while (*digits >= '0' && *digits <= '9')
        n = n * 10 + *digits++ - '0';
    return n;
}

/* These three by calls that the filter before the lock allows: what else keeps them is to be seen. */
static int inherited(void) {
    int fd;
    for (fd = 3; fd < 1024; fd++)
        if (call(SYS_dup, fd, 0, 0, 0, 0) >= 0)
            return fd;
    return -1;
}

static int exists(const char *name) {
    struct statx found;
    return call(SYS_statx, AT_FDCWD, (int)name, 0, STATX_MODE, (int)&found);
}

static int opens(const char *name, int flags) { return call(SYS_openat, AT_FDCWD, (int)name, flags, 0600, 0); }

static int secret_in(char **environment) {
    for (; *environment; environment++)
        if ((*environment)[0] == 'N' && (*environment)[1] == 'S' && (*environment)[2] == '=')
            return 0;
    return -1;
}

/* to the socket NAME.socket */
static int connect_to(const char *name) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int n = 0, fd = call(SYS_socket, AF_UNIX, SOCK_STREAM, 0, 0, 0);

    for (; name[n]; n++)
        to.sun_path[n] = name[n];
    for (const char *end = ".socket"; *end; end++)
        to.sun_path[n++] = *end;
    return fd < 0 ? fd : call(SYS_connect, fd, (int)&to, sizeof to, 0, 0);
}

/* by the magic link of a process that sees it, with /proc in its place or as the root */
static int find_by(int pid, const char *name) {
    char path[4096] = "/proc/", digits[10];
    int n = 6, count = 0, result;

    do
        digits[count++] = (char)('0' + pid % 10);
    while (pid /= 10);
    while (count)
        path[n++] = digits[--count];
    for (const char *root = "/root"; *root; root++)
        path[n++] = *root;
    for (; *name; name++)
        path[n++] = *name;
    result = exists(path);
    return result < 0 ? exists(path + 5) : result;
}

static int climb_to(const char *name) {
    char path[4096] = "../../../../../../../../../..";
    int n = length(path);

    for (; *name; name++)
        path[n++] = *name;
    return exists(path);
}

/* each of the names, with a NUL behind it, by whatever the root may be; the mode that it has, as it works outside */
static int change_one_of(const char *names, int mode) {
    int result = -1;

    for (; *names && result < 0; names += length(names) + 1)
        result = call(SYS_chmod, (int)names, mode, 0, 0, 0);
    return result;
}

static int fork_one(void) {
    int child = call(SYS_fork, 0, 0, 0, 0, 0);
    if (child == 0)
        call(SYS_exit_group, 0, 0, 0, 0, 0);
    return child;
}

void body(int *stack) __attribute__((noreturn, used, visibility("hidden")));
void body(int *stack) {
    char **argv = (char **)(stack + 1), **environment = argv + stack[0] + 1;
    const char *file = argv[stack[0] - 3];
    struct sockaddr_in to;
    int other = number(argv[stack[0] - 1]), fd;

    to.sin_family = AF_INET;
    to.sin_port = htons((unsigned short)number(argv[stack[0] - 2]));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    say("find a descriptor", inherited());
    say("read a file", opens(file, O_RDONLY));
    say("write a file", opens(file, O_WRONLY));
    say("make a file", opens("planted", O_WRONLY | O_CREAT));
    say("find a file", exists(file));
    say("climb to a file", climb_to(file));
    say("find a file by another process", find_by(other, file));
    say("change a mode", call(SYS_chmod, (int)file, 0666, 0, 0, 0));
    say("change the loader's mode", change_one_of("/proc/self/exe\0/self/exe\0self/exe\0/exe\0exe\0../exe\0/1032\0", 0755));
    say("change a mode of /proc", change_one_of("/proc/uptime\0/uptime\0uptime\0../uptime\0../../uptime\0", 0444));
    say("connect by a name", connect_to(file));
    say("list /proc", opens("/proc", O_RDONLY | O_DIRECTORY));
    fd = call(SYS_socket, AF_INET, 1, 0, 0, 0);
    say("connect", fd < 0 ? fd : call(SYS_connect, fd, (int)&to, sizeof to, 0, 0));
    say("signal another process", call(SYS_kill, other, 0, 0, 0, 0));
    say("find a variable", secret_in(environment));
    say("make a namespace", call(SYS_unshare, CLONE_NEWUTS, 0, 0, 0, 0));
    say("make a user namespace", call(SYS_unshare, CLONE_NEWUSER, 0, 0, 0, 0));
    say("fork", fork_one());
    say("fork again", fork_one()); /* nobody has waited for the first: it still counts */
    for (;;)
        call(SYS_exit_group, 0, 0, 0, 0, 0);
}

__asm__(".globl start\n.hidden start\nstart:\n\tmov %esp, %eax\n\tand $-16, %esp\n\tpush %eax\n\tpush %eax\n\tcall body\n");
