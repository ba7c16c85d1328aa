/*
 * A helper to talk to: the resident one of this user, found by its socket or started; or one for a single run.
 *
 * The socket lies in a directory of the user's that nobody else may enter, and has mode 0600; both sides ask the kernel
 * who the other is (SO_PEERCRED). Who starts a helper makes its listening socket first and hands it down, so a client
 * can connect before the JVM is there, and waits in the queue.
 */
#include "client.h"
#include "protocol.h"

#define AF_UNIX 1
#define SOCK_SEQPACKET 5
#define SOCK_CLOEXEC 02000000
#define SOL_SOCKET 1
#define SO_PEERCRED 17
#define LOCK_EX 2
#define BACKLOG 128
#define SIGCHLD 17

struct address {
    unsigned short family;
    char path[108];
};

static void exec_java(struct places *places, const char *option, int socket, int stays) __attribute__((noreturn));

/* Opens the directory if it is this user's alone; makes it if it is not there. */
static int private_directory(const char *path) {
    struct stat64 found;
    int fd;

    call5(__NR_mkdirat, AT_FDCWD, path, 0700, 0, 0);
    fd = system_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    if (fd < 0)
        return fd;
    if (system_stat(fd, &found) < 0 || found.uid != (u32)call3(__NR_geteuid, 0, 0, 0) || (found.mode & 077)) {
        system_close(fd);
        return -EPERM;
    }
    return fd;
}

static int run_directory(char *const *environment) {
    const char *given = variable(environment, "XDG_RUNTIME_DIR");
    struct text path;
    u32 user = (u32)call3(__NR_geteuid, 0, 0, 0);
    int fd = -ENOENT;

    if (given && given[0] == '/') {
        text_set(&path, given);
        text_add(&path, "/nurse");
        fd = path.too_long ? -ENAMETOOLONG : private_directory(path.bytes);
    }
    if (fd < 0) {
        text_set(&path, "/run/user/");
        text_add_number(&path, user, 10);
        text_add(&path, "/nurse");
        fd = private_directory(path.bytes);
    }
    if (fd < 0) {
        text_set(&path, "/tmp/nurse-");
        text_add_number(&path, user, 10);
        fd = private_directory(path.bytes);
    }
    return fd;
}

/* The socket's name within the directory, by way of its descriptor: short, and it means the directory that was judged. */
static void name_socket(struct address *address, int directory, struct places *places) {
    struct text path;
    long length;
    u32 i, name;

    text_set(&path, "/proc/self/fd/");
    text_add_number(&path, (u32)directory, 10);
    length = call5(__NR_readlinkat, AT_FDCWD, path.bytes, places->socket.bytes, PATH_SIZE - 1, 0);
    places->socket.length = length < 0 ? 0 : (u32)length;
    name = path.length;
    text_add(&path, "/");
    text_add_number(&path, places->identity, 16);
    text_add(&path, ".socket");
    text_add(&places->socket, path.bytes + name);
    address->family = AF_UNIX;
    for (i = 0; i < sizeof address->path; i++)
        address->path[i] = i < path.length ? path.bytes[i] : 0;
}

static int new_socket(void) { return (int)call3(__NR_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0); }

static int connected(struct address *address) {
    struct {
        s32 pid;
        u32 uid, gid;
    } peer = {0, 0, 0};
    u32 size = sizeof peer;
    int fd = new_socket();
    long error = fd < 0 ? fd : call3(__NR_connect, fd, address, sizeof *address);

    if (error >= 0)
        error = call5(__NR_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
    if (error >= 0 && peer.uid != (u32)call3(__NR_geteuid, 0, 0, 0))
        error = -EPERM;
    if (error < 0 && fd >= 0)
        system_close(fd);
    return error < 0 ? (int)error : fd;
}

/* Listens there. Whoever holds the directory's lock does this, and nobody listens: a name left behind may go. */
static int listen_at(struct address *address) {
    int fd = new_socket();
    long mask, error;

    if (fd < 0)
        return fd;
    call3(__NR_unlinkat, AT_FDCWD, address->path, 0);
    mask = call3(__NR_umask, 0177, 0, 0);
    error = call3(__NR_bind, fd, address, sizeof *address);
    call3(__NR_umask, mask, 0, 0);
    if (error >= 0)
        error = call3(__NR_listen, fd, BACKLOG, 0);
    if (error < 0)
        system_close(fd);
    return error < 0 ? (int)error : fd;
}

static int locked(int directory) {
    int fd = system_open(directory, "lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    return fd >= 0 && call3(__NR_flock, fd, LOCK_EX, 0) < 0 ? -EPERM : fd;
}

/* A child in a session of its own. Returns 0 in it; else, when it has ended, its status, or a negative errno. */
static long child_in_session(void) {
    long child = call5(__NR_clone, SIGCHLD, 0, 0, 0, 0);
    u32 status = 0;

    if (child == 0)
        call3(__NR_setsid, 0, 0, 0);
    if (child <= 0)
        return child;
    while (call5(__NR_wait4, child, &status, 0, 0, 0) == -EINTR)
        ;
    return status == 0 ? child : -EAGAIN;
}

/* Goes on in a child that is nobody's here, and leads no session: the program must not be told of its end, and no terminal
 * that it opens becomes its own. */
static void leave_parent(void) {
    long child = call5(__NR_clone, SIGCHLD, 0, 0, 0, 0);

    if (child)
        system_exit(child < 0);
}

void reset_actions(void) {
    u64 usual[4] = {0, 0, 0, 0}; /* struct sigaction: SIG_DFL */
    long signal;

    for (signal = 1; signal <= SIGNALS; signal++)
        call5(__NR_rt_sigaction, signal, usual, 0, 8, 0);
}

/* Becomes the helper. It has its socket, and of the user's descriptors none but, if it is theirs alone, standard error. */
static void exec_java(struct places *places, const char *option, int socket, int stays) {
    static char path[] = "PATH=/usr/bin:/bin", language[] = "LANG=C.UTF-8";
    static char *const environment[] = {path, language, NULL};
    const char *argv[JAVA_ARGUMENTS];
    u32 n = java_command(places, argv, stays);
    u64 none = 0;
    int nothing = system_open(AT_FDCWD, "/dev/null", O_RDWR, 0);

    argv[n++] = "serve";
    argv[n++] = option;
    argv[n] = NULL;
    if (nothing < 0)
        fail_errno("cannot open /dev/null", nothing, "see to it that there is one");
    call3(__NR_dup3, nothing, 0, 0);
    call3(__NR_dup3, nothing, 1, 0);
    if (stays)
        call3(__NR_dup3, nothing, 2, 0);
    socket = (int)call3(__NR_fcntl, socket, F_DUPFD, SERVE_FD + 1);
    call3(__NR_dup3, socket, SERVE_FD, 0);
    call3(__NR_close_range, SERVE_FD + 1, ~0u, 0);
    reset_actions();
    call5(__NR_rt_sigprocmask, 2 /* SIG_SETMASK */, &none, 0, 8, 0);
    if (stays)
        call3(__NR_chdir, "/", 0, 0);
    fail_errno("the JVM cannot be started", call3(__NR_execve, places->java.bytes, argv, environment),
               "set NURSE_JAVA_HOME to the directory of a JDK 22 or newer that runs");
}

/* Listens only when nothing stands against its serving others: who finds nobody there has a helper of its own. */
static void become_resident(struct places *places, struct address *address) __attribute__((noreturn));
static void become_resident(struct places *places, struct address *address) {
    int listener = reset_shape() ? -EPERM : listen_at(address);

    if (listener < 0)
        system_exit(1);
    leave_parent();
    exec_java(places, "--resident", listener, 1);
}

int resident_helper(struct places *places, char *const *environment) {
    struct address address;
    int directory = run_directory(environment), lock, fd;
    long started;

    if (directory < 0)
        return directory;
    name_socket(&address, directory, places);
    fd = connected(&address);
    if (fd >= 0 || fd == -EPERM)
        return fd;
    lock = locked(directory);
    if (lock < 0)
        return lock;
    fd = connected(&address); /* somebody else may have been quicker */
    if (fd < 0 && fd != -EPERM) {
        started = child_in_session();
        if (!started)
            become_resident(places, &address);
        fd = started < 0 ? (int)started : connected(&address);
    }
    system_close(lock);
    system_close(directory);
    return fd;
}

int own_helper(struct places *places) {
    int ends[2];
    long error = call5(__NR_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends, 0);

    if (error < 0)
        return (int)error;
    error = child_in_session();
    if (!error) {
        reset_limits(0); /* as far as they go: the program's are this process's own, which becomes it */
        leave_parent();
        exec_java(places, "--once", ends[1], 0);
    }
    system_close(ends[1]);
    return error < 0 ? (int)error : ends[0];
}

int listening_socket(struct places *places, char *const *environment, const char **why) {
    struct address address;
    int directory = run_directory(environment), lock, fd;

    *why = "there is no directory that is this user's alone: XDG_RUNTIME_DIR, /run/user/UID or /tmp/nurse-UID";
    if (directory < 0)
        return directory;
    name_socket(&address, directory, places);
    lock = locked(directory);
    if (lock < 0)
        return lock;
    fd = connected(&address);
    if (fd >= 0) {
        system_close(fd);
        *why = "one serves this user already";
        return -EEXIST;
    }
    return listen_at(&address);
}
