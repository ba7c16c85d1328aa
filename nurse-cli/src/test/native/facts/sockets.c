/* Sockets of one process that talks to itself. With an argument: only what needs no network. */
#include "facts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/stat.h>

static void pass(int socket, int fd) {
    char control[CMSG_SPACE(sizeof(int))] = {0}, byte = 'f';
    struct iovec vector = {&byte, 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    FACT("pass a descriptor", sendmsg(socket, &message, 0));
}

static int take(int socket) {
    char control[CMSG_SPACE(sizeof(int))] = {0}, byte;
    struct iovec vector = {&byte, 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    FACT("take a descriptor", recvmsg(socket, &message, MSG_CMSG_CLOEXEC));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    int fd = -1;
    if (header)
        memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

static void pairs(void) {
    int ends[2];
    char text[100000];
    FACT("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    FACT("send", send(ends[0], "hello", 5, 0));
    FACT("peek", recv(ends[1], text, 100, MSG_PEEK));
    FACT("recv", recv(ends[1], text, 3, 0));
    FACT("recv", recv(ends[1], text, 100, 0));
    FACT("recv nothing", recv(ends[1], text, 100, MSG_DONTWAIT));
    INTERRUPTED("recv interrupted", 0, recv(ends[1], text, 100, 0));
    struct timeval time = {0, 20000};
    FACT("SO_RCVTIMEO", setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time));
    FACT("recv timed out", recv(ends[1], text, 100, 0));
    int file = open("passed", O_CREAT | O_RDWR, 0600);
    pass(ends[0], file);
    int got = take(ends[1]);
    FACT("descriptor", got);
    FACT("cloexec", fcntl(got, F_GETFD));
    FACT("write to it", write(got, "x", 1));
    struct stat st;
    FACT("is the same", fstat(file, &st) == 0 && st.st_size == 1);
    close(got), close(file);
    unlink("passed");
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    long all = 0, n;
    memset(text, 'x', sizeof text);
    while ((n = send(ends[0], text, sizeof text, 0)) > 0)
        all += n;
    FACT("send when full", n);
    FACT("peer", getpeername(ends[0], (struct sockaddr *)text, &(socklen_t){110}));
    FACT("shutdown", shutdown(ends[1], SHUT_WR));
    close(ends[1]);
    struct sigaction action = {.sa_handler = count_alarm};
    sigaction(SIGPIPE, &action, NULL);
    alarms = 0;
    FACT("send to nobody", send(ends[0], "x", 1, 0));
    printf("  SIGPIPE %d\n", alarms);
    FACT("quietly", send(ends[0], "x", 1, MSG_NOSIGNAL));
    printf("  SIGPIPE %d\n", alarms);
    int number = 0;
    socklen_t length = sizeof number;
    FACT("SO_TYPE", getsockopt(ends[0], SOL_SOCKET, SO_TYPE, &number, &length));
    printf("  %d\n", number);
    close(ends[0]);
    FACT("no socket", send(0, "x", 1, 0));
    FACT("no descriptor", send(900, "x", 1, 0));
    FACT("no such family", socket(77, SOCK_STREAM, 0));
    FACT("no such type", socket(AF_UNIX, 9, 0));
}

static void local(void) {
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "socket"}, other;
    socklen_t length = sizeof other;
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    FACT("connect to nothing", connect(client, (void *)&name, sizeof name));
    umask(077);
    FACT("bind", bind(server, (void *)&name, sizeof name));
    umask(022);
    struct stat st;
    stat("socket", &st);
    printf("  mode %o\n", st.st_mode);
    FACT("bind again", bind(client, (void *)&name, sizeof name));
    memset(&other, 0, sizeof other);
    FACT("getsockname", getsockname(server, (void *)&other, &length));
    printf("  %s %u\n", other.sun_path, length);
    FACT("connect early", connect(client, (void *)&name, sizeof name));
    FACT("listen", listen(server, 1));
    FACT("connect", connect(client, (void *)&name, sizeof name));
    length = sizeof other;
    int peer = accept(server, (void *)&other, &length);
    printf("accept %s %u\n", said(peer), length);
    length = sizeof other;
    /* Its own name, whole, in a buffer that is large enough or is not. */
    for (socklen_t room = 0; room <= sizeof other; room += room < 12 ? 1 : 49) {
        memset(&other, '#', sizeof other);
        length = room;
        printf("name in %d: %s", room, said(getsockname(server, (void *)&other, &length)));
        printf(" %d %.20s\n", length, room > 3 ? other.sun_path : "");
    }
    FACT("getpeername", getpeername(client, (void *)&other, &length));
    printf("  %s\n", other.sun_path);
    FACT("send", send(peer, "abc", 3, 0));
    char text[10];
    FACT("recv all", recv(client, text, 3, MSG_WAITALL));
    INTERRUPTED("accept interrupted", 0, accept(server, NULL, NULL));
    int datagram = socket(AF_UNIX, SOCK_DGRAM, 0), sender = socket(AF_UNIX, SOCK_DGRAM, 0);
    strcpy(name.sun_path, "datagrams");
    FACT("bind", bind(datagram, (void *)&name, sizeof name));
    FACT("sendto", sendto(sender, "12345", 5, 0, (void *)&name, sizeof name));
    length = sizeof other;
    FACT("recvfrom", recvfrom(datagram, text, 3, MSG_TRUNC, (void *)&other, &length));
    FACT("connect to a file", connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&(struct sockaddr_un){AF_UNIX, "."}, sizeof name));
    unlink("socket"), unlink("datagrams");
    close_range(3, ~0u, 0);
}

static void internet(int family, const char *what) {
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr *name = family == AF_INET ? (void *)&four : (void *)&six;
    socklen_t length = family == AF_INET ? sizeof four : sizeof six;
    puts(what);
    int server = socket(family, SOCK_STREAM, 0), client = socket(family, SOCK_STREAM, 0), one = 1;
    FACT("SO_REUSEADDR", setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
    FACT("bind", bind(server, name, length));
    FACT("getsockname", getsockname(server, name, &length));
    FACT("listen", listen(server, 5));
    FACT("connect", connect(client, name, length));
    int peer = accept4(server, NULL, NULL, SOCK_NONBLOCK);
    FACT("flags", fcntl(peer, F_GETFL));
    FACT("TCP_NODELAY", setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one));
    FACT("send", send(client, "hello", 5, 0));
    FACT("poll", poll(&(struct pollfd){.fd = peer, .events = POLLIN}, 1, 1000));
    char text[10];
    FACT("read", read(peer, text, 10));
    FACT("recv", recv(peer, text, 10, 0));
    FACT("shutdown", shutdown(client, SHUT_WR));
    FACT("poll", poll(&(struct pollfd){.fd = peer, .events = POLLIN}, 1, 1000));
    FACT("end", recv(peer, text, 10, 0));
    close(server), close(peer), close(client);
    /* Where nobody listens and nobody can: the number of a port that was given back may be the next one's, even the client's own. */
    four.sin_port = six.sin6_port = 0;
    int deaf = socket(family, SOCK_STREAM, 0);
    bind(deaf, name, length);
    getsockname(deaf, name, &length);
    client = socket(family, SOCK_STREAM, 0);
    FACT("connect to nobody", connect(client, name, length));
    close(client), close(deaf);
    int udp = socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0), sender = socket(family, SOCK_DGRAM, 0);
    four.sin_port = six.sin6_port = 0;
    FACT("bind udp", bind(udp, name, length));
    getsockname(udp, name, &length);
    FACT("sendto", sendto(sender, "datagram", 8, 0, name, length));
    struct iovec vector = {text, 4};
    struct msghdr message = {.msg_name = name, .msg_namelen = length, .msg_iov = &vector, .msg_iovlen = 1};
    memcpy(text, "abcd", 4);
    FACT("sendmsg", sendmsg(sender, &message, 0));
    struct mmsghdr several[2] = {{.msg_hdr = message}, {.msg_hdr = message}};
    FACT("sendmmsg", sendmmsg(sender, several, 2, 0));
    message.msg_name = NULL, message.msg_namelen = 0;
    FACT("recvmsg", recvmsg(udp, &message, 0));
    printf("  %s\n", message.msg_flags & MSG_TRUNC ? "cut" : "whole");
    several[0].msg_hdr = several[1].msg_hdr = message;
    FACT("recvmmsg", recvmmsg(udp, several, 2, MSG_WAITFORONE, NULL));
    printf("  %u %u\n", several[0].msg_len, several[1].msg_len);
    FACT("recv", recv(udp, text, 10, 0));
    FACT("recv", recv(udp, text, 10, 0));
    /* More than a lane has room for at once: all of them go, by as many calls as it takes. */
    struct mmsghdr many[20];
    int sent = 0, taken = 0, wrong = 0, n = 1;
    message.msg_name = name, message.msg_namelen = length;
    for (int i = 0; i < 20; i++)
        many[i] = (struct mmsghdr){.msg_hdr = message, .msg_len = 77};
    while (sent < 20 && (n = sendmmsg(sender, many + sent, 20 - sent, 0)) > 0)
        sent += n;
    message.msg_name = NULL, message.msg_namelen = 0;
    for (int i = 0; i < 20; i++)
        wrong += many[i].msg_len != 4, many[i] = (struct mmsghdr){.msg_hdr = message, .msg_len = 77};
    while (taken < 20 && (n = recvmmsg(udp, many + taken, 20 - taken, MSG_DONTWAIT, NULL)) > 0)
        taken += n;
    for (int i = 0; i < 20; i++)
        wrong += many[i].msg_len != 4;
    FACT("sent", sent);
    FACT("taken", taken);
    FACT("wrong lengths", wrong);
    FACT("connect udp", connect(sender, name, length));
    FACT("send", send(sender, "x", 1, 0));
    FACT("disconnect", connect(sender, (void *)&(struct sockaddr){AF_UNSPEC}, sizeof(struct sockaddr)));
    FACT("send", send(sender, "x", 1, 0));
    four.sin_addr.s_addr = 0, six.sin6_addr = in6addr_any; /* to no address: to this machine */
    FACT("sendto nowhere", sendto(sender, "datagram", 8, 0, name, length));
    FACT("address too short", sendto(sender, "x", 1, 0, name, 3));
    close_range(3, ~0u, 0);
}

int main(int count, char **arguments) {
    (void)arguments;
    setvbuf(stdout, NULL, _IOLBF, 0);
    close_range(3, ~0u, 0);
    signal(SIGPIPE, SIG_IGN);
    pairs();
    local();
    if (count == 1) {
        internet(AF_INET, "IPv4");
        internet(AF_INET6, "IPv6");
    }
    return 0;
}
