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
