/*
 * Class 2: what was judged is not what is executed. The arguments lie in a page that another process, outside of the sandbox
 * and on another CPU, writes all the time (w/shared), or in the lane itself, which the program writes while the helper reads.
 */
#include "lane.h"
#include <netinet/in.h>
#include <sys/uio.h>

/* Ends when the program that races with it has had its time. */
#define RACE(body)                                                                                                     \
    do {                                                                                                               \
        long long end = now() + 60 * RACE_NANOS;                                                                       \
        while (now() < end)                                                                                            \
            for (int turn = 0; turn < 1000; turn++) {                                                                  \
                body;                                                                                                  \
                __asm__ volatile("" ::: "memory"); /* each of them is a store */                                       \
            }                                                                                                          \
    } while (0)

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* ---- a path ---------------------------------------------------------------------------------------------------------- */

RACER(racer_path, "path") {
    volatile uint8_t *page = shared_page();
    if (!page)
        return BROKEN;
    RACE(memcpy((void *)page, turn & 1 ? "./allowed\0" : "../secret", 10));
    return 0;
}

/* Sometimes the name must be the one, sometimes the other, or nothing was raced. */
ATTACK(race_path, "race-path") {
    volatile uint8_t *page = shared_page();
    int opened = 0, refused = 0;
    if (!page)
        return BROKEN;
    for (long long end = now() + 2 * RACE_NANOS; RACING(end, opened && refused);) {
        int fd = open((const char *)page, O_RDONLY);
        if (is_secret(fd))
            return GOT;
        fd >= 0 ? opened++ : refused++;
        if (fd >= 0)
            close(fd);
    }
    say("opened %d, refused %d\n", opened, refused);
    return opened && refused ? HELD : BROKEN;
}

/* Chrome's legacy sandbox kept a call's arguments on a stack that both threads could write. Here they are in the lane: the name
 * is changed in it as long as the helper works on it. */
static void flip_name(void) {
    static unsigned turn;
    memcpy((void *)(requests + NURSE_REQUEST_DATA), turn++ & 1 ? "./allowed\0" : "../secret", 10);
}

ATTACK(lane_path, "chrome-arguments-in-shared-memory") {
    find_lane();
    if (!at_orders)
        return BROKEN;
    int opened = 0, refused = 0, got = 0;
    int32_t end = raw_ticks() + 100;
    while (raw_ticks() < end || (!(opened && (refused || got)) && raw_ticks() < end + 2000)) { /* RACING */
        while_waiting = flip_name;
        int32_t fd = raw_open("./allowed", O_RDONLY, 0);
        while_waiting = NULL;
        char text[6] = "";
        if (fd < 0) {
            refused++;
            continue;
        }
        opened++;
        if (read(fd, text, 6) == 6 && memcmp(text, "secret", 6) == 0)
            got++;
        RAW(SYS_close, fd, 0, 0, 0, 0, 0);
    }
    say("opened %d, refused %d\n", opened, refused);
    leave(got ? GOT : opened ? HELD : BROKEN);
}

/* ---- a socket's address: argument 1 is a port that the policy allows, argument 2 one that it does not ------------------ */

RACER(racer_sockaddr, "sockaddr") {
    volatile uint8_t *page = shared_page();
    if (!page || argc < 3)
        return BROKEN;
    struct sockaddr_in either[2] = {loopback(atoi(argv[1])), loopback(atoi(argv[2]))};
    RACE(memcpy((void *)page, &either[turn & 1], sizeof *either));
    return 0;
}

static int port_of(int fd) {
    struct sockaddr_in peer = {0};
    socklen_t size = sizeof peer;
    return getpeername(fd, (struct sockaddr *)&peer, &size) ? -1 : ntohs(peer.sin_port);
}

ATTACK(race_sockaddr, "race-sockaddr") {
    volatile uint8_t *page = shared_page();
    int connected = 0, refused = 0;
    if (!page || argc < 3)
        return BROKEN;
    for (long long end = now() + RACE_NANOS; RACING(end, connected && refused);) {
        int fd = socket(AF_INET, SOCK_DGRAM, 0);
        if (fd < 0)
            return BROKEN;
        int done = connect(fd, (const struct sockaddr *)page, sizeof(struct sockaddr_in)) == 0;
        if (done && port_of(fd) == atoi(argv[2]))
            return GOT;
        done ? connected++ : refused++;
        close(fd);
    }
    say("connected %d, refused %d\n", connected, refused);
    return connected && refused ? HELD : BROKEN;
}

/* The kind of address changes between two looks: from a file's name to an Internet address and back. */
RACER(racer_family, "family") {
    volatile uint8_t *page = shared_page();
    if (!page || argc < 2)
        return BROKEN;
    struct sockaddr_in internet = loopback(atoi(argv[1]));
    struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "w/none"};
    RACE(memcpy((void *)page, turn & 1 ? (void *)&internet : (void *)&local, sizeof internet));
    return 0;
}

ATTACK(race_family, "race-address-family") {
    volatile uint8_t *page = shared_page();
    int bound = 0, refused = 0;
    if (!page)
        return BROKEN;
    for (long long end = now() + RACE_NANOS; RACING(end, bound && refused);) {
        int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
        connect(fd, (const struct sockaddr *)page, sizeof(struct sockaddr_in));
        bind(fd, (const struct sockaddr *)page, sizeof(struct sockaddr_in)) == 0 ? bound++ : refused++;
        sendto(fd, "x", 1, 0, (const struct sockaddr *)page, sizeof(struct sockaddr_in));
        unlink("w/none");
        close(fd);
    }
    say("bound %d, refused %d\n", bound, refused);
    return bound && refused ? HELD : BROKEN;
}

/* ---- msghdr: its address, its control data ---------------------------------------------------------------------------- */

struct message { /* in the shared page */
    struct msghdr header;
    struct iovec vector;
    struct sockaddr_in to[2];
    char text;
};

RACER(racer_msghdr, "msghdr") {
    volatile uint8_t *page = shared_page();
    if (!page)
        return BROKEN;
    struct message *m = (struct message *)page;
    /* the program, which has the page somewhere else, left the pointers there */
    RACE(m->header.msg_name = (char *)m->header.msg_control + (turn & 1) * sizeof m->to[0]);
    return 0;
}

/* Whether the forbidden port got a datagram is for the runner to see: nobody tells the sender. */
ATTACK(race_msghdr, "race-msghdr") {
    struct message *m = (struct message *)shared_page();
    int sent = 0, refused = 0;
    if (!m || argc < 3)
        return BROKEN;
    m->to[0] = loopback(atoi(argv[1]));
    m->to[1] = loopback(atoi(argv[2]));
    m->text = '!';
    m->vector = (struct iovec){&m->text, 1};
    m->header = (struct msghdr){.msg_namelen = sizeof m->to[0], .msg_iov = &m->vector, .msg_iovlen = 1};
    m->header.msg_control = m->to; /* where the racer finds the addresses; with a length of 0 it is no control data */
    m->header.msg_name = m->to;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    int either = connect(socket(AF_INET, SOCK_DGRAM, 0), (struct sockaddr *)&m->to[1], sizeof m->to[1]) == 0; /* the twin */
    for (long long end = now() + RACE_NANOS; RACING(end, sent && (refused || either));)
        sendmsg(fd, &m->header, 0) == 1 ? sent++ : refused++;
    say("sent %d, refused %d\n", sent, refused);
    return sent && refused ? HELD : BROKEN;
}

struct rights { /* in the shared page */
    struct cmsghdr header;
    int fd;
};

RACER(racer_rights, "rights") {
    struct rights *r = (struct rights *)shared_page();
    if (!r)
        return BROKEN;
    RACE(r->fd = turn & 1 ? 1 : NURSE_FD_CHANNEL);
    return 0;
}

/* A descriptor of the sandbox's own is put into a message in the place of one of the program's. */
ATTACK(race_rights, "race-control-data") {
    struct rights *r = (struct rights *)shared_page();
    int pair[2], sent = 0, refused = 0;
    if (!r || socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
        return BROKEN;
    r->header = (struct cmsghdr){.cmsg_len = CMSG_LEN(4), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    struct iovec vector = {"!", 1};
    for (long long end = now() + RACE_NANOS; RACING(end, sent && refused);) {
        struct msghdr out = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = r, .msg_controllen = sizeof *r};
        if (sendmsg(pair[0], &out, MSG_DONTWAIT) != 1) {
            refused++;
            continue;
        }
        struct rights in = {0};
        char text;
        struct iovec got = {&text, 1};
        struct msghdr back = {.msg_iov = &got, .msg_iovlen = 1, .msg_control = &in, .msg_controllen = sizeof in};
        if (recvmsg(pair[1], &back, 0) != 1)
            return BROKEN;
        sent++;
        struct stat channel, out1;
        fstat(1, &out1);
        if (fstat(in.fd, &channel) == 0 && (channel.st_ino != out1.st_ino || channel.st_dev != out1.st_dev))
            return GOT;
        close(in.fd);
    }
    say("sent %d, refused %d\n", sent, refused);
    return sent && refused ? HELD : BROKEN;
}

/* ---- structures that a call points to ---------------------------------------------------------------------------------- */

struct open_how_words {
    uint64_t flags, mode, resolve;
};

RACER(racer_how, "open-how") {
    volatile struct open_how_words *how = (void *)shared_page();
    if (!how)
        return BROKEN;
    RACE(how->flags = turn & 1 ? O_RDONLY : O_RDWR);
    return 0;
}

/* openat2's flags change from reading to writing: argument 1 is a file that may only be read. */
ATTACK(race_how, "race-open-how") {
    struct open_how_words *how = (void *)shared_page();
    int opened = 0, refused = 0;
    if (!how || argc < 2)
        return BROKEN;
    for (long long end = now() + RACE_NANOS; RACING(end, opened && refused);) {
        long fd = CALL(437, AT_FDCWD, argv[1], how, sizeof *how);
        if (fd < 0) {
            refused++;
            continue;
        }
        opened++;
        if (write((int)fd, "x", 1) == 1)
            return GOT;
        close((int)fd);
    }
    say("opened %d, refused %d\n", opened, refused);
    return opened && refused ? HELD : BROKEN;
}

struct old_mmap {
    uint32_t at, length, protection, flags, fd, offset;
};

RACER(racer_mmap, "mmap") {
    volatile struct old_mmap *a = (void *)shared_page();
    if (!a)
        return BROKEN;
    RACE(a->at = turn & 1 ? a->fd : a->offset); /* the program left both addresses there */
    return 0;
}

/* Chrome's legacy sandbox: a mapping that races into the protected area. The old mmap has its arguments in memory. */
ATTACK(race_mmap, "chrome-mmap-into-protected-area") {
    struct old_mmap *a = (void *)shared_page();
    int mapped = 0, refused = 0;
    find_lane();
    if (!a)
        return BROKEN;
    uint32_t target = at_orders ? at_orders : (uint32_t)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t harmless = (uint32_t)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *a = (struct old_mmap){harmless, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, harmless, target};
    for (long long end = now() + RACE_NANOS; RACING(end, mapped && refused);) {
        long at = call(SYS_mmap, a, 0, 0, 0, 0, 0);
        if (at == (long)target)
            return GOT;
        at == (long)harmless ? mapped++ : refused++;
    }
    say("mapped %d, refused %d\n", mapped, refused);
    return mapped && refused ? HELD : BROKEN;
}

RACER(racer_vector, "vector") {
    volatile uint32_t *words = (void *)shared_page();
    if (!words)
        return BROKEN;
    RACE(words[0] = turn & 1 ? words[4] : words[5]);
    return 0;
}

/* An iovec that points now at the program's memory, now at the orders: what is read from a file must not land there. */
ATTACK(race_vector, "race-iovec") {
    volatile uint32_t *words = (void *)shared_page();
    static uint8_t room[64];
    int done = 0, failed = 0, changed = 0;
    find_lane();
    if (!words || !at_orders)
        return BROKEN;
    int fd = open("allowed", O_RDONLY);
    words[4] = words[0] = (uint32_t)room;
    words[5] = at_orders + NURSE_ORDERS_LANES + NURSE_ORDER_DATA + NURSE_ORDER_DATA_SIZE - 64;
    words[1] = 8;
    for (long long end = now() + RACE_NANOS; RACING(end, done && (failed || changed));) {
        long got = CALL(SYS_preadv, fd, words, 1, 0, 0);
        got == 8 ? done++ : failed++;
        changed |= memcmp((void *)words[5], "allowed", 7) == 0;
    }
    say("done %d, failed %d\n", done, failed);
    return changed ? GOT : done && failed ? HELD : BROKEN;
}
