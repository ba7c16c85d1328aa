/*
 * Asks the resident helper at the socket argv[1] for a program, as its client does, and is not the client. Prints what it is
 * told: the answer's kind, or the errno it got instead. Sandboxed, with the socket's directory to write to, it is the
 * program that wants more than it has; its twin is the client itself, which is answered with 1 (ServeIT).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "protocol.h"

int main(int argc, char **argv) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    unsigned char call[CALL_SIZE] = {0}, answer[ANSWER_SIZE];
    unsigned magic = CLIENT_MAGIC, version = CLIENT_VERSION, kind;
    static const char strings[] = "run\0--write\0/\0/bin/sh";
    unsigned bytes = sizeof strings;
    int socket_fd = socket(AF_UNIX, SOCK_SEQPACKET, 0), pipe_fds[2];
    struct iovec part = {call, sizeof call};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(CALL_DESCRIPTORS * sizeof(int))];
    } control = {.header = {CMSG_LEN(CALL_DESCRIPTORS * sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t got;

    if (argc < 2 || pipe(pipe_fds))
        return 2;
    strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    if (connect(socket_fd, (struct sockaddr *)&address, sizeof address)) {
        printf("connect: %s\n", strerror(errno));
        return 0;
    }
    memcpy(call + CALL_MAGIC, &magic, 4);
    memcpy(call + CALL_VERSION, &version, 4);
    memcpy(call + CALL_ARGUMENTS, &bytes, 4);
    memcpy(CMSG_DATA(&control.header), (int[]){1, 2, pipe_fds[0], pipe_fds[1]}, CALL_DESCRIPTORS * sizeof(int));
    if (sendmsg(socket_fd, &message, MSG_NOSIGNAL) < 0) { /* a sandboxed program may pass no descriptors: then without */
        message.msg_control = NULL;
        message.msg_controllen = 0;
        sendmsg(socket_fd, &message, MSG_NOSIGNAL);
    }
    got = recv(socket_fd, answer, sizeof answer, 0);
    if (got != sizeof answer) {
        printf("no answer: %zd\n", got);
        return 0;
    }
    memcpy(&kind, answer + ANSWER_KIND, 4);
    printf("kind %u\n", kind);
    return 0;
}
