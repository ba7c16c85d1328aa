/* Class 9: descriptors. */
#include "lane.h"
#include <netinet/in.h>

/* Each of the sandbox's own numbers in every call that takes a descriptor. Outside they name nothing; the twin is the same call
 * with /dev/zero, which is the other descriptor. */
ATTACK(our_numbers, "sandbox-descriptors") {
    find_lane();
    if (!at_orders)
        return BROKEN;
    int bad = 0;
    int z = raw_open("/dev/zero", O_RDWR, 0);
    for (int fd = NURSE_FD_BASE; fd < NURSE_FD_BASE + NURSE_FD_COUNT + 1; fd++) {
        static char buf[4096];
        uint32_t b = (uint32_t)buf;
        struct { int nr; uint32_t a[6]; } t[] = {
            {SYS_close, {fd}}, {SYS_dup, {fd}}, {SYS_dup2, {fd, 9}}, {SYS_dup2, {z, fd}}, {SYS_dup3, {fd, 9, 0}}, {SYS_dup3, {z, fd, 0}},
            {SYS_fcntl64, {fd, F_DUPFD, 9}}, {SYS_fcntl64, {z, F_DUPFD, fd}}, {SYS_fcntl, {fd, F_SETFL, 0}}, {SYS_fcntl64, {fd, F_SETFD, 1}},
            {SYS_fcntl64, {fd, F_GETFL}}, {SYS_fcntl64, {fd, 1033, 1}}, {SYS_fcntl64, {fd, 8, 1}},
            {SYS_ioctl, {fd, 0x5421, b}}, {SYS_ioctl, {fd, 0x541b, b}}, {SYS_lseek, {fd, 1, 0}}, {SYS__llseek, {fd, 0, 1, b, 0}},
            {SYS_pread64, {fd, b, 1, 0, 0}}, {SYS_pwrite64, {fd, b, 1, 0, 0}}, {SYS_preadv, {fd, b, 1}}, {SYS_pwritev2, {fd, b, 1}},
            {SYS_sendfile, {fd, z, 0, 10}}, {SYS_sendfile, {z, fd, 0, 10}}, {SYS_sendfile64, {fd, z, 0, 10}}, {SYS_splice, {fd, 0, z, 0, 10}},
            {SYS_splice, {z, 0, fd, 0, 10}}, {SYS_tee, {fd, z, 10}}, {SYS_tee, {z, fd, 10}}, {SYS_copy_file_range, {fd, 0, z, 0, 10}},
            {SYS_copy_file_range, {z, 0, fd, 0, 10}}, {SYS_mmap2, {0, 4096, 3, 1, fd, 0}}, {SYS_mmap2, {0, 4096, 1, 2, fd, 0}},
            {SYS_ftruncate, {fd, 0}}, {SYS_ftruncate64, {fd, 0}}, {SYS_fallocate, {fd, 0, 0, 0, 4096}}, {SYS_fchmod, {fd, 0777}},
            {SYS_fchown, {fd, 0, 0}}, {SYS_flock, {fd, 2}}, {SYS_fsync, {fd}}, {SYS_getdents64, {fd, b, 100}}, {SYS_fchdir, {fd}},
            {SYS_fsetxattr, {fd, b, b, 1, 0}}, {SYS_fgetxattr, {fd, b, b, 1}}, {SYS_sendmsg, {fd, b}}, {SYS_recvmsg, {fd, b}},
            {SYS_sendto, {fd, b, 1, 0, 0, 0}}, {SYS_recvfrom, {fd, b, 1, 0, 0, 0}}, {SYS_bind, {fd, b, 16}}, {SYS_connect, {fd, b, 16}},
            {SYS_listen, {fd, 1}}, {SYS_accept4, {fd, 0, 0, 0}}, {SYS_getsockname, {fd, b, b}}, {SYS_getsockopt, {fd, 1, 3, b, b}},
            {SYS_shutdown, {fd, 2}}, {SYS_epoll_ctl, {z, 1, fd, b}}, {SYS_epoll_wait, {fd, b, 1, 0}}, {SYS_vmsplice, {fd, b, 1}},
            {SYS_setsockopt, {fd, 1, 1, b, 4}}, {SYS_socketcall, {16, b}}, {438, {fd, 0, 0}}, {SYS_readahead, {fd, 0, 0, 10}},
            {SYS_inotify_add_watch, {fd}}, {SYS_inotify_rm_watch, {fd, 1}}, {SYS_timerfd_settime, {fd}}, {SYS_timerfd_gettime, {fd, b}},
            {SYS_fstat64, {fd, b}}, {SYS_fstatfs64, {fd, 84, b}}, {SYS_utimensat, {fd, 0, 0, 0}}, {424, {fd, 9, 0, 0}},
            {436, {fd, fd, 0}}, {436, {fd, 0xffffffff, 0}},
        };
        for (int k = 0; k < COUNT(t); k++) {
            int r = raw_with(t[k].nr, t[k].a, -1, 0, 0);
            if (r >= 0 && t[k].nr != 436) {
                say("fd %d nr %d k %d: %d\n", fd, t[k].nr, k, r);
                bad++;
            }
        }
        struct { int fd; short e, r; } p = {fd, 1, 0};
        raw_with(SYS_poll, WORDS(&p, 1, 0, 0, 0, 0), 0, &p, 8);
        char name[64];
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
        bad += raw_open(name, O_RDONLY, 0) >= 0;
        bad += raw_open(name, O_RDWR, 0) >= 0;
    }
    RAW(436, 3, 0xffffffff, 0, 0, 0, 0); /* close_range over all */
    leave(bad ? GOT : z >= 0 && raw_alive() ? HELD : BROKEN);
}

/* What was open when nurse was started: the runner starts it with 9 open to ../secret. */
ATTACK(inherited, "inherited-descriptor") {
    char text[8];
    for (int fd = 3; fd < 1024; fd++)
        if (lseek(fd, 0, SEEK_CUR) >= 0 || read(fd, text, sizeof text) >= 0)
            return GOT;
    return read(open("allowed", O_RDONLY), text, 1) == 1 ? HELD : BROKEN;
}

static int send_fd(int socket, int fd) {
    union { struct cmsghdr header; char room[CMSG_SPACE(4)]; } control = {.header = {CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec vector = {"!", 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    memcpy(CMSG_DATA(&control.header), &fd, 4);
    return sendmsg(socket, &message, MSG_DONTWAIT) == 1 ? 0 : -errno;
}

static int receive_fd(int socket) {
    union { struct cmsghdr header; char room[CMSG_SPACE(4)]; } control;
    char text;
    int fd = -1;
    struct iovec vector = {&text, 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    if (recvmsg(socket, &message, MSG_DONTWAIT) == 1 && message.msg_controllen >= CMSG_LEN(4))
        memcpy(&fd, CMSG_DATA(&control.header), 4);
    return fd;
}

/* The sandbox's own descriptors are none that can be sent, in a message of one header or of several. */
ATTACK(smuggle_out, "smuggle-out-sandbox-descriptors") {
    int pair[2], got = 0;
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
        return BROKEN;
    for (int fd = NURSE_FD_BASE; fd < NURSE_FD_BASE + NURSE_FD_COUNT; fd++) {
        got += send_fd(pair[0], fd) == 0;
        struct { struct cmsghdr one; int fd1; struct cmsghdr two; int fd2[2]; } control = {
            {CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS}, 1, {CMSG_LEN(8), SOL_SOCKET, SCM_RIGHTS}, {1, fd}};
        struct iovec vector = {"!", 1};
        struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
        got += sendmsg(pair[0], &message, MSG_DONTWAIT) == 1;
    }
    return got ? GOT : send_fd(pair[0], 1) == 0 && receive_fd(pair[1]) >= 0 ? HELD : BROKEN;
}

/* A directory that somebody outside sends (the racer, at w/door): a way past the policy if names could start there. */
RACER(racer_door, "door") {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "w/door"};
    int door = socket(AF_UNIX, SOCK_STREAM, 0), directory = open("../hidden", O_RDONLY | O_DIRECTORY);
    if (bind(door, (struct sockaddr *)&address, sizeof address) != 0 || listen(door, 5) != 0 || directory < 0)
        return BROKEN;
    for (;;) {
        int to = accept(door, NULL, NULL);
        send_fd(to, directory);
        send_fd(to, open("../hidden", O_PATH));
        send_fd(to, 1);
        char byte;
        if (read(to, &byte, 1) < 0)
            return BROKEN;
        close(to);
    }
}

ATTACK(smuggle_in, "smuggled-in-directory") {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "w/door"};
    int door = socket(AF_UNIX, SOCK_STREAM, 0), got = 0, plain = 0;
    for (int i = 0; connect(door, (struct sockaddr *)&address, sizeof address) != 0; i++) {
        if (i == 500)
            return BROKEN;
        usleep(10000);
    }
    for (int i = 0; i < 5000 && !plain; i++) {
        int fd = receive_fd(door);
        struct stat st;
        if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
            got += openat(fd, "secret", O_RDONLY) >= 0;
            got += fchdir(fd) == 0 && reads("secret", "secret");
        } else if (fd >= 0)
            plain = 1;
        usleep(2000);
    }
    return got ? GOT : plain ? HELD : BROKEN;
}

/* All numbers used up: the next one must not be one of the sandbox's. */
ATTACK(exhaust, "exhaust-numbers") {
    int most = 0, fd;
    while ((fd = open("allowed", O_RDONLY)) >= 0)
        most = fd > most ? fd : most;
    int refused = errno == EMFILE && dup(0) < 0 && socket(AF_UNIX, SOCK_STREAM, 0) < 0 && open("/dev/null", O_RDWR) < 0;
    int pair[2];
    if (pipe(pair) == 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 || most >= NURSE_FD_BASE)
        return GOT;
    for (fd = 3; fd <= most; fd++)
        close(fd);
    return refused && most > 900 && open("allowed", O_RDONLY) >= 0 ? HELD : BROKEN;
}

/* A number is closed and used again while an order with it is on its way: by the lane, which takes any request. */
ATTACK(reuse, "number-reused") {
    int got = 0;
    for (int i = 0; i < 3000; i++) {
        int fd = open("allowed", O_RDONLY);
        int pair[2];
        if (fd < 0 || pipe(pair) != 0)
            return BROKEN;
        dup2(pair[1], fd); /* the book's file and the kernel's are to be the same thing */
        struct stat st;
        got += fstat(fd, &st) != 0 || !S_ISFIFO(st.st_mode) || fchmod(fd, 0666) == 0;
        close(fd);
        got += fstat(fd, &st) == 0;
        close(pair[0]);
        close(pair[1]);
    }
    return got ? GOT : HELD;
}

/* ---- sockets: who may be talked to. argument 1: a port that may be, argument 2: one that may not ------------------------------ */

static struct sockaddr_in loopback(int family, int port) {
    struct sockaddr_in address = {.sin_family = (sa_family_t)family, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* For udp_sendmsg() AF_UNSPEC is AF_INET; and for inet_bind(), with address 0. */
ATTACK(unspec, "unspecified-family") {
    if (argc < 3)
        return BROKEN;
    struct sockaddr_in allowed = loopback(AF_INET, atoi(argv[1])), not = loopback(AF_UNSPEC, atoi(argv[2]));
    int fd = socket(AF_INET, SOCK_DGRAM, 0), other = socket(AF_INET, SOCK_DGRAM, 0);
    int got = sendto(fd, "!", 1, 0, (struct sockaddr *)&not, sizeof not) == 1;
    struct iovec vector = {"!", 1};
    struct msghdr message = {.msg_name = &not, .msg_namelen = sizeof not, .msg_iov = &vector, .msg_iovlen = 1};
    got |= sendmsg(fd, &message, 0) == 1;
    not.sin_addr.s_addr = 0;
    not.sin_port = 0;
    got |= bind(other, (struct sockaddr *)&not, sizeof not) == 0;
    return got ? GOT : sendto(fd, "!", 1, 0, (struct sockaddr *)&allowed, sizeof allowed) == 1 ? HELD : BROKEN;
}

/* Control data that sends a datagram another way than its address says: IP options with a route (IP_RETOPTS). */
ATTACK(source_route, "source-route") {
    if (argc < 2)
        return BROKEN;
    struct sockaddr_in to = loopback(AF_INET, atoi(argv[1]));
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct { struct cmsghdr header; uint8_t options[8]; } control = {
        {CMSG_LEN(8), 0 /* SOL_IP */, 7 /* IP_RETOPTS */}, {131 /* LSRR */, 7, 4, 127, 0, 0, 9, 0}};
    struct iovec vector = {"!", 1};
    struct msghdr message = {.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &vector, .msg_iovlen = 1,
                             .msg_control = &control, .msg_controllen = sizeof control};
    int result = sendmsg(fd, &message, 0) == 1 ? 0 : errno;
    say("%d\n", result);
    int options = setsockopt(fd, 0, 4 /* IP_OPTIONS */, control.options, 8) == 0;
    return (result != EPERM && result != EINVAL) || options ? GOT : sendto(fd, "!", 1, 0, (struct sockaddr *)&to, sizeof to) == 1 ? HELD : BROKEN;
}

/* Names of sockets that are no files, raw sockets, other families. */
ATTACK(families, "socket-families") {
    int got = 0;
    for (int family = 0; family < 46; family++)
        for (int type = 1; type < 11; type++) {
            int fd = socket(family, type, 0);
            int usual = family == AF_UNIX || ((family == AF_INET || family == AF_INET6) && type <= 2);
            if (fd >= 0 && !usual) {
                say("family %d type %d\n", family, type);
                got++;
            }
            if (fd >= 0)
                close(fd);
        }
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "nurse-attack-%d", getpid());
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    got += bind(fd, (struct sockaddr *)&name, sizeof name) == 0;
    return got ? GOT : fd >= 0 ? HELD : BROKEN;
}

RACER(racer_service, "service") {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "w/agent"};
    int door = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(door, (struct sockaddr *)&address, sizeof address) != 0 || listen(door, 5) != 0)
        return BROKEN;
    for (;;)
        close(accept(door, NULL, NULL));
}

/* A service's socket that happens to lie where files may be written (a terminal multiplexer's, an agent's): argument 1. To talk
 * to it is to act outside. */
ATTACK(service, "service-socket") {
    struct sockaddr_un address = {.sun_family = AF_UNIX}, own = {.sun_family = AF_UNIX, .sun_path = "w/own"};
    if (argc < 2)
        return BROKEN;
    strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), got = 0;
    for (int i = 0; i < 1000 && access(argv[1], F_OK) != 0; i++)
        usleep(10000);
    got = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    say("%s\n", got ? "connected" : strerror(errno));
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    int works = bind(listener, (struct sockaddr *)&own, sizeof own) == 0 && listen(listener, 1) == 0 &&
                connect(client, (struct sockaddr *)&own, sizeof own) == 0;
    return got ? GOT : works ? HELD : BROKEN;
}
