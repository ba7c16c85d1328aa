/*
 * What a program may do with sockets, one line a try: which of them end well depends on the policy alone.
 * usage: network PORT OTHER UNIX_SOCKET DIRECTORY, where somebody listens on 127.0.0.1:PORT and at UNIX_SOCKET, and has OTHER, but
 * does not listen there
 */
#include "../facts/facts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

static void trial(const char *what, long result) {
    printf("%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "done");
}

static struct sockaddr_in four(const char *address, int port) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, address, &name.sin_addr);
    return name;
}

static int stream(int family) {
    return socket(family, SOCK_STREAM, 0);
}

static long pass(int fd) {
    int ends[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    char control[CMSG_SPACE(sizeof fd)] = {0}, byte = 'f';
    struct iovec vector = {&byte, 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    long result = sendmsg(ends[0], &message, 0);
    if (result < 0)
        return result;
    message.msg_controllen = sizeof control;
    return recvmsg(ends[1], &message, 0);
}

int main(int count, char **arguments) {
    (void)count;
    int port = atoi(arguments[1]);
    struct sockaddr_in listener = four("127.0.0.1", port), other = four("127.0.0.1", atoi(arguments[2]));
    struct sockaddr_in outside = four("192.0.2.1", 9), everywhere = four("0.0.0.0", 0), here = four("127.0.0.1", 0);
    struct sockaddr_in6 mapped = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
    trial("socket", stream(AF_INET));
    trial("connect", connect(stream(AF_INET), (void *)&listener, sizeof listener));
    struct sockaddr_in nowhere = four("0.0.0.0", port);
    trial("connect nowhere", connect(stream(AF_INET), (void *)&nowhere, sizeof nowhere));
    struct sockaddr_in6 nowhere_mapped = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    inet_pton(AF_INET6, "::ffff:0.0.0.0", &nowhere_mapped.sin6_addr);
    trial("connect nowhere mapped", connect(stream(AF_INET6), (void *)&nowhere_mapped, sizeof nowhere_mapped));
    trial("connect mapped", connect(stream(AF_INET6), (void *)&mapped, sizeof mapped));
    long elsewhere = connect(stream(AF_INET), (void *)&other, sizeof other);
    printf("connect to another port: %s\n", elsewhere < 0 ? strerrorname_np(errno) : "done");
    trial("datagram outside", sendto(socket(AF_INET, SOCK_DGRAM, 0), "x", 1, MSG_DONTWAIT, (void *)&outside, sizeof outside) < 0
            && errno == EPERM ? -1 : 0);
    trial("bind here", bind(stream(AF_INET), (void *)&here, sizeof here));
    trial("bind everywhere", bind(stream(AF_INET), (void *)&everywhere, sizeof everywhere));
    trial("listen unbound", listen(stream(AF_INET), 1));
    trial("raw", socket(AF_INET, SOCK_RAW, 1));
    trial("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
    trial("packet", socket(AF_PACKET, SOCK_RAW, 0));
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strcpy(name.sun_path, arguments[3]);
    trial("unix", connect(stream(AF_UNIX), (void *)&name, sizeof name));
    struct sockaddr_un abstract = {AF_UNIX, ""}; /* its name is one of the whole machine: unix(7) */
    int length = snprintf(abstract.sun_path + 1, sizeof abstract.sun_path - 1, "nurse-test-%d", getpid());
    trial("abstract", bind(stream(AF_UNIX), (void *)&abstract, 2 + 1 + length));
    trial("SO_ATTACH_FILTER", setsockopt(stream(AF_UNIX), SOL_SOCKET, SO_ATTACH_FILTER, &abstract, 8) < 0 && errno == EPERM ? -1 : 0);
    trial("pass a file", pass(0));
    trial("pass a directory", pass(open(arguments[4], O_RDONLY | O_DIRECTORY)));
    int ours = 0;
    for (int fd = 1024; fd < 1040; fd++)
        ours += pass(fd) >= 0;
    printf("passed of the sandbox's own: %d\n", ours);
    return 0;
}
