/* Class 11: more than its share. The program may be refused or ended; the helper and the host go on. */
#include "lane.h"
#include <netinet/in.h>

/* Memory until there is no more: the helper answers all the same. Address space, since the host's memory is others' too. */
ATTACK(hog_memory, "memory-hog") {
    int maps = 0, again = 0;
    for (uint32_t size = 1u << 28; size >= 4096; size /= 2)
        while (mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED)
            if (++maps > 5000)
                break;
    for (int i = 0; i < 100; i++)
        again += access("allowed", F_OK) == 0;
    return maps > 5 && again == 100 ? HELD : BROKEN;
}

/* Many mappings of one page each, of two kinds, so that they do not merge: up to vm.max_map_count. */
ATTACK(hog_mappings, "mapping-hog") {
    int maps = 0;
    while (maps < 3000 && mmap(NULL, 4096, maps & 1 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
        maps++;
    return maps == 3000 && access("allowed", F_OK) == 0 ? HELD : BROKEN;
}

ATTACK(fork_bomb, "fork-bomb") {
    int got = 0;
    for (int i = 0; i < 100; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        got += child > 0;
    }
    got += CALL(SYS_clone, 0x200 /* CLONE_FS alone: a child without a signal */, 0, 0, 0, 0) > 0;
    return got ? GOT : access("allowed", F_OK) == 0 ? HELD : BROKEN;
}

/* A call without end, again and again, and one that no signal of the program's own ends: the runner's time limit does. */
ATTACK(forever, "call-without-end") {
    struct timespec time = {0x7fffffff, 999999999};
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    while (access("allowed", F_OK) == 0)
        nanosleep(&time, NULL);
    return BROKEN;
}

ATTACK(busy, "loop-without-end") {
    signal(SIGTERM, SIG_IGN);
    while (access("allowed", F_OK) == 0)
        continue;
    return BROKEN;
}

/* Output as fast as it goes. */
ATTACK(flood_output, "output-flood") {
    static char text[65536];
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 500; i++)
        if (write(1, text, sizeof text) < 0)
            return BROKEN;
    return access("allowed", F_OK) == 0 ? HELD : BROKEN;
}

/* Refusals: each could be a line in a log, an object in the helper. */
ATTACK(flood_refusals, "refusal-flood") {
    char name[4096];
    memset(name, 'x', sizeof name);
    for (int i = 0; i < 20000; i++) {
        int n = snprintf(name, 32, "/nowhere/%d", i);
        name[n] = i & 1 ? 0 : '\n';
        name[3000] = 0;
        if (open(name, O_RDONLY) >= 0)
            return GOT;
    }
    return access("allowed", F_OK) == 0 ? HELD : BROKEN;
}

/* The longest names, links to links, and walks that begin anew: work for the helper, which must end. */
ATTACK(long_walks, "long-walks") {
    char name[4096];
    int n = 0;
    while (n < 4000)
        n += snprintf(name + n, sizeof name - (size_t)n, "./");
    strcpy(name + n, "allowed");
    int plain = access(name, F_OK) == 0;
    for (n = 0; n < 4000;)
        n += snprintf(name + n, sizeof name - (size_t)n, "w/../");
    strcpy(name + n, "allowed");
    int dots = access(name, F_OK) == 0;
    symlink("loop", "w/loop");
    for (int i = 0; i < 45; i++) {
        char from[16], to[16];
        snprintf(from, sizeof from, "w/l%d", i);
        snprintf(to, sizeof to, "l%d", i + 1);
        symlink(to, from);
    }
    int loops = open("w/loop", O_RDONLY) >= 0 || open("w/l0", O_RDONLY) >= 0;
    memset(name, 'x', 4095);
    name[4095] = 0;
    int longest = open(name, O_RDONLY);
    return loops || longest >= 0 ? GOT : plain && dots ? HELD : BROKEN;
}

/* Names of sockets that were bound are remembered; more of them than there can be sockets must not be. */
ATTACK(many_names, "bound-names") {
    for (int i = 0; i < 5000; i++) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof address.sun_path, "w/%d", i);
        int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
        if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || unlink(address.sun_path) != 0)
            return BROKEN;
        close(fd);
    }
    return HELD;
}

/* Big, but with nothing in it: to be mapped, read at its end, and refused as a program. */
ATTACK(sparse, "sparse-giant") {
    int fd = open("w/giant", O_CREAT | O_RDWR, 0755);
    if (fd < 0)
        return BROKEN;
    ftruncate64(fd, 1ll << 40);
    CALL(SYS_preadv, fd, 0, 0, 0, 1);
    mmap64(NULL, 1 << 20, PROT_READ, MAP_SHARED, fd, 1ll << 32);
    return access("allowed", F_OK) == 0 ? HELD : BROKEN;
}

/* ---- what the kernel counts for all of a user's processes ---------------------------------------------------------------- */

/* Descriptors on their way (unix(7)): beyond a process's limit of open files, 1024 mostly, it can send none. */
ATTACK(in_flight, "descriptors-in-flight") {
    enum { EACH = 250, PAIRS = 40, QUEUE = 8 };
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(EACH * sizeof(int))];
    } control;
    struct iovec byte = {"x", 1};
    struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    int sent = 0;
    control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(EACH * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    for (int i = 0; i < EACH; i++)
        ((int *)CMSG_DATA(&control.header))[i] = 1;
    for (int p = 0; p < PAIRS && sent < 2 * 1024; p++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
            break;
        for (int i = 0; i < QUEUE && sendmsg(pair[0], &message, MSG_DONTWAIT) == 1; i++)
            sent += EACH;
    }
    say("%d descriptors in flight\n", sent);
    return sent >= 1000 ? GOT : sent > 0 ? HELD : BROKEN;
}

/* 128 inotify instances; epoll instances, each of which may watch everything. */
ATTACK(instances, "inotify-instances") {
    int notify = 0, poll = 0;
    while (notify < 100 && CALL(SYS_inotify_init1, 0) >= 0)
        notify++;
    while (poll < 100 && CALL(SYS_epoll_create1, 0) >= 0)
        poll++;
    say("%d inotify instances, %d epoll instances\n", notify, poll);
    return notify >= 64 || poll >= 64 ? GOT : notify && poll ? HELD : BROKEN;
}

/* Pages of pipes, 64 MiB for a user. */
ATTACK(pipe_pages, "pipe-buffers") {
    long bytes = 0;
    for (int i = 0; i < 40; i++) {
        int pipes[2];
        if (pipe(pipes) != 0)
            break;
        int size = fcntl(pipes[0], 1031 /* F_SETPIPE_SZ */, 1 << 20);
        bytes += size > 0 ? size : 65536;
    }
    say("%ld bytes of pipes\n", bytes);
    return bytes >= 32 << 20 ? GOT : bytes ? HELD : BROKEN;
}

/* ---- what the limits do not see ------------------------------------------------------------------------------------------ */

/* Names of directories in one another have no bound. The helper keeps them, one for each file that is open. */
ATTACK(long_names, "long-names") {
    char name[252];
    int depth = 0, files = 0;
    memset(name, 'x', 251);
    name[251] = 0;
    if (chdir("w") != 0)
        return BROKEN;
    while (depth < 500 && mkdir(name, 0700) == 0 && chdir(name) == 0)
        depth++;
    while (files < 900 && open(".", O_RDONLY | O_DIRECTORY) >= 0)
        files++;
    say("depth %d, %d files\n", depth, files);
    if (depth < 500)
        rmdir(name);
    for (int i = 0; i < depth; i++) /* the runner removes what has a name that it can name */
        if (chdir("..") != 0 || rmdir(name) != 0)
            return BROKEN;
    return depth == 500 && files > 200 ? GOT : depth ? HELD : BROKEN;
}

/* Into a file by other ways than write(2), of 8 MiB each, where 1 MiB may be written. */
ATTACK(uncounted, "uncounted-writes") {
    static char page[65536];
    int pipes[2], file = open("w/uncounted", O_CREAT | O_RDWR, 0600), held = 0;
    long moved = 0, one;
    if (file < 0 || pipe(pipes) != 0)
        return BROKEN;
    for (int i = 0; i < 128; i++) {
        struct iovec iov = {page, sizeof page};
        CALL(SYS_fcntl64, pipes[0], F_SETFL, O_NONBLOCK);
        one = CALL(SYS_vmsplice, pipes[1], &iov, 1, 2 /* SPLICE_F_NONBLOCK */);
        one = one > 0 ? CALL(SYS_splice, pipes[0], 0, file, 0, one, 2) : one;
        lseek(file, 0, SEEK_SET); /* no file may be larger than the limit */
        moved += one > 0 ? one : 0;
    }
    for (int i = 0; i < 8; i++) {
        char name[32];
        snprintf(name, sizeof name, "w/room%d", i);
        int room = open(name, O_CREAT | O_RDWR, 0600);
        held += CALL(SYS_fallocate, room, 0, 0, 0, 1 << 20, 0) == 0;
        ftruncate(room, 1 << 19);
        void *map = mmap(NULL, 1 << 19, PROT_READ | PROT_WRITE, MAP_SHARED, room, 0);
        if (map != MAP_FAILED) {
            memset(map, 'x', 1 << 19);
            held++;
        }
    }
    say("%ld bytes by splice, %d files by fallocate and mmap\n", moved, held);
    return moved >= 8 << 20 || held > 8 ? GOT : access("allowed", F_OK) == 0 ? HELD : BROKEN;
}

/* Memory that is no address space, where 64 MiB of that are allowed: a memfd, and buffers of sockets and pipes. */
ATTACK(elsewhere, "memory-elsewhere") {
    long memory = 0, buffers = 0;
    static char chunk[32768];
    for (int i = 0; i < 6; i++) {
        int fd = memfd_create("m", 0);
        memory += fd >= 0 && CALL(SYS_fallocate, fd, 0, 0, 0, 16 << 20, 0) == 0 ? 16 << 20 : 0;
    }
    for (int i = 0; i < 480; i++) {
        int pair[2];
        long one = 0;
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
            break;
        for (int k = 0; k < 2; k++)
            while ((one = send(pair[k], chunk, sizeof chunk, MSG_DONTWAIT)) > 0)
                buffers += one;
    }
    say("%ld bytes in memfds, %ld in sockets\n", memory, buffers);
    return memory + buffers > 80 << 20 ? GOT : buffers > 0 ? HELD : BROKEN;
}

/* Calls that cost their maker little, and who looks the name up much: 19 links, each by 780 directories. One second of
 * processor time is allowed. */
ATTACK(dear, "dear-calls") {
    char to[4096], from[32];
    struct stat st;
    for (int i = 0; i < 19; i++) { /* of 40: a walk that begins anew counts on (set_nameidata in fs/namei.c) */
        int n = 0;
        while (n < 780 * 5)
            n += snprintf(to + n, sizeof to - (size_t)n, "../w/");
        snprintf(to + n, sizeof to - (size_t)n, "l%d", i + 1);
        snprintf(from, sizeof from, "w/l%d", i);
        if (symlink(to, from) != 0 && errno != EEXIST) /* its twin comes into the same directory */
            return BROKEN;
    }
    close(open("w/l19", O_CREAT | O_WRONLY, 0600));
    for (int i = 0; i < 3000; i++)
        if (stat("w/l0", &st) != 0)
            return BROKEN;
    return GOT;
}

/* A tree that is deep, and closed, left in the run's temporary directory. The runner looks whether it is gone. */
ATTACK(deep_tree, "deep-tree") {
    const char *tmp = getenv("TMPDIR");
    if (!tmp || chdir(tmp) != 0)
        return BROKEN;
    say("%s\n", tmp);
    for (int i = 0; i < 3000; i++)
        if (mkdir("ddd", 0700) != 0 || chdir("ddd") != 0)
            return BROKEN;
    return chmod(".", 0) == 0 && chmod(tmp, 0500) == 0 ? HELD : BROKEN;
}

/* ---- the helper is a JVM -------------------------------------------------------------------------------------------------- */

/* A file .attach_pidN where the JVM looks for it, and SIGQUIT (Ctrl-\ reaches it with the program), make it listen in
 * /tmp/.java_pidN for who wants to load code into it. argument 1: what is /tmp to it, argument 2: the JVM's number, or 0. */
ATTACK(attach, "jvm-attach") {
    char name[256];
    int pid = argc > 2 && atoi(argv[2]) ? atoi(argv[2]) : getppid(), made = 0, listens = 0;
    const char *tmp = argc > 1 ? argv[1] : "/tmp";
    static const char *const places[] = {".attach_pid%d", "w/.attach_pid%d"};
    for (int i = 0; i < COUNT(places); i++) {
        snprintf(name, sizeof name, places[i], pid);
        made += open(name, O_CREAT | O_WRONLY, 0600) >= 0;
    }
    snprintf(name, sizeof name, "%s/.attach_pid%d", tmp, pid);
    made += open(name, O_CREAT | O_WRONLY, 0600) >= 0;
    signal(SIGQUIT, SIG_IGN); /* a JVM that is the parent passes it on */
    say("%d\n", pid); /* now the runner sends SIGQUIT */
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/.java_pid%d", tmp, pid);
    for (int i = 0; i < 400 && !listens; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        listens = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
        close(fd);
        usleep(10000);
    }
    return listens ? GOT : made ? HELD : BROKEN;
}

/* The JVM's own counters, a file of its user's that it has mapped: shortened, a read of it is a SIGBUS. argument 1: /tmp. */
#include <dirent.h>
ATTACK(hsperfdata, "jvm-counters") {
    int got = 0;
    DIR *tmp = opendir("/tmp");
    for (struct dirent *user; tmp && (user = readdir(tmp));) {
        char name[512];
        if (strncmp(user->d_name, "hsperfdata_", 11) != 0)
            continue;
        snprintf(name, sizeof name, "/tmp/%s/%d", user->d_name, getppid());
        got += open(name, O_RDWR) >= 0;
        got += open(name, O_RDONLY) >= 0;
    }
    char name[64];
    snprintf(name, sizeof name, "/tmp/nurse-attack-%d", getpid());
    int own = open(name, O_CREAT | O_RDWR, 0600);
    unlink(name);
    return got ? GOT : own >= 0 ? HELD : BROKEN;
}

/* Calls for which the helper borrows the program's descriptor, having none of its own: each must be given back. The runner lets
 * it have 1500 in all. */
ATTACK(borrowed, "borrowed-descriptors") {
    int pipes[2], memory = memfd_create("m", 0), pair[2];
    if (pipe(pipes) != 0 || memory < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return BROKEN;
    int fds[] = {pipes[0], memory, pair[0]}, worked = 0;
    char text[8], room[256];
    struct stat st;
    for (int i = 0; i < 700; i++)
        for (int k = 0; k < COUNT(fds); k++) {
            worked += fchmod(fds[k], 0600) == 0;
            CALL(SYS_fchown, fds[k], getuid(), getgid());
            CALL(SYS_fsetxattr, fds[k], "user.x", "y", 1, 0);
            CALL(SYS_fsetxattr, fds[k], "security.x", "y", 1, 0);
            CALL(SYS_fgetxattr, fds[k], "user.x", text, sizeof text);
            CALL(SYS_flistxattr, fds[k], text, sizeof text);
            CALL(SYS_fremovexattr, fds[k], "user.x");
            worked += fstat(fds[k], &st) == 0;
            CALL(SYS_fcntl64, fds[k], F_SETFL, O_NONBLOCK);
            CALL(SYS__llseek, fds[k], 0, 0, text, SEEK_SET);
            futimens(fds[k], NULL);
            CALL(SYS_fstatfs64, fds[k], 84, room);
        }
    int fd = open("allowed", O_RDONLY);
    say("%d worked, then open: %d\n", worked, fd < 0 ? -errno : fd);
    return fd < 0 ? GOT : worked ? HELD : BROKEN;
}
