/* Descriptors: readiness, events, timers, locks, moving data, limits. */
#include "facts.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <dirent.h>

static void readiness(void) {
    int ends[2];
    pipe(ends);
    struct pollfd many[1000];
    for (int i = 0; i < 1000; i++)
        many[i] = (struct pollfd){.fd = i == 700 ? ends[1] : i == 800 ? 999 : ends[0], .events = i == 700 ? POLLOUT : POLLIN};
    FACT("poll of 1000", poll(many, 1000, 100));
    printf("  revents %d %d %d\n", many[0].revents, many[700].revents, many[800].revents);
    FACT("poll of more than may be", poll(many, 1u << 20, 0));
    FACT("poll at no address", poll((void *)16, 1, 0));
    fd_set set;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    struct timeval time = {0, 20000};
    FACT("select, nothing", select(ends[1] + 1, &set, NULL, NULL, &time));
    printf("  left %ld %ld, set %d\n", (long)time.tv_sec, (long)time.tv_usec, FD_ISSET(ends[0], &set) != 0);
    write(ends[1], "x", 1);
    FD_SET(ends[0], &set);
    time = (struct timeval){1000, 0};
    FACT("select, ready", select(ends[1] + 1, &set, NULL, NULL, &time));
    printf("  left %d, set %d\n", time.tv_sec > 900, FD_ISSET(ends[0], &set) != 0);
    FD_ZERO(&set);
    unsigned long arguments[5] = {0, 0, 0, 0, (unsigned long)&(long[2]){0, 1000}};
    FACT("old select", syscall(SYS_select, arguments));
    read(ends[0], (char[1]){0}, 1);
    INTERRUPTED("poll, interrupted", 0, poll(&(struct pollfd){.fd = ends[0], .events = POLLIN}, 1, -1));
    INTERRUPTED("poll is never restarted", SA_RESTART, poll(&(struct pollfd){.fd = ends[0], .events = POLLIN}, 1, -1));
    struct pollfd silent = {.fd = ends[0], .events = POLLIN};
    long long time64[2] = {9223372030LL, 0};
    INTERRUPTED("ppoll for nearly ever", 0, syscall(SYS_ppoll_time64, &silent, 1, time64, NULL, 8));
    printf("  left %d\n", time64[0] > 9000000000LL);
    time64[0] = 1LL << 62, time64[1] = 0;
    INTERRUPTED("ppoll for ever", 0, syscall(SYS_ppoll_time64, &silent, 1, time64, NULL, 8));
    printf("  left %d\n", time64[0] > 1LL << 61);
    time = (struct timeval){2147483647, 2147483647};
    INTERRUPTED("select for 68 years", 0, select(0, NULL, NULL, NULL, &time));
    printf("  left %d\n", time.tv_sec > 2147480000);
    time = (struct timeval){-1, 2000000};
    INTERRUPTED("select for -1 s and 2 s", 0, select(0, NULL, NULL, NULL, &time));
    time = (struct timeval){0, -1};
    FACT("select for a negative time", select(0, NULL, NULL, NULL, &time));
    time = (struct timeval){10, -9999999};
    FACT("select for a negative fraction", select(0, NULL, NULL, NULL, &time));
    time = (struct timeval){2, -2000000};
    FACT("select for 2 s less 2 s", select(0, NULL, NULL, NULL, &time));
    struct itimerval far = {.it_value = {2147483647, 0}}, was;
    setitimer(ITIMER_VIRTUAL, &far, NULL);
    getitimer(ITIMER_VIRTUAL, &was);
    printf("timer of 68 years %d\n", was.it_value.tv_sec > 2147480000);
    setitimer(ITIMER_VIRTUAL, &(struct itimerval){0}, NULL);
    close(ends[0]);
    FACT("poll of a broken pipe", poll(&(struct pollfd){.fd = ends[1], .events = POLLOUT}, 1, -1));
    close(ends[1]);
}

static void events(void) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int ends[2];
    pipe(ends);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0x123456789abcdefULL}, got[4];
    FACT("epoll add", epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event));
    FACT("epoll add again", epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event));
    FACT("epoll add itself", epoll_ctl(epoll, EPOLL_CTL_ADD, epoll, &event));
    FACT("epoll add no descriptor", epoll_ctl(epoll, EPOLL_CTL_ADD, 900, &event));
    FACT("epoll nothing", epoll_wait(epoll, got, 4, 20));
    write(ends[1], "x", 1);
    FACT("epoll one", epoll_wait(epoll, got, 4, -1));
    printf("  %x %llx\n", got[0].events, (unsigned long long)got[0].data.u64);
    event.events = EPOLLIN | EPOLLET;
    FACT("epoll mod", epoll_ctl(epoll, EPOLL_CTL_MOD, ends[0], &event));
    FACT("epoll edge", epoll_wait(epoll, got, 4, -1));
    FACT("epoll edge, once", epoll_wait(epoll, got, 4, 10));
    INTERRUPTED("epoll interrupted", SA_RESTART, epoll_wait(epoll, got, 4, -1));
    FACT("epoll del", epoll_ctl(epoll, EPOLL_CTL_DEL, ends[0], NULL));
    FACT("epoll no room", epoll_wait(epoll, got, 0, -1));
    int counter = eventfd(3, EFD_NONBLOCK | EFD_SEMAPHORE);
    unsigned long long value = 0;
    FACT("eventfd read", read(counter, &value, 8));
    printf("  %llu\n", value);
    FACT("eventfd flags", fcntl(counter, F_GETFL));
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    FACT("timerfd early", read(timer, &value, 8));
    struct itimerspec when = {.it_value = {0, 10000000}, .it_interval = {0, 10000000}};
    FACT("timerfd set", timerfd_settime(timer, 0, &when, NULL));
    FACT("timerfd poll", poll(&(struct pollfd){.fd = timer, .events = POLLIN}, 1, -1));
    FACT("timerfd read", read(timer, &value, 8));
    FACT("timerfd gettime", timerfd_gettime(timer, &when));
    printf("  %d\n", when.it_interval.tv_nsec == 10000000);
    int watch = inotify_init1(IN_NONBLOCK);
    FACT("inotify add", inotify_add_watch(watch, ".", IN_CREATE));
    FACT("inotify add nothing", inotify_add_watch(watch, "nothing", IN_CREATE));
    close(open("seen", O_CREAT | O_WRONLY, 0600));
    char room[512];
    FACT("inotify read", read(watch, room, sizeof room));
    printf("  %s\n", ((struct inotify_event *)room)->name);
    FACT("inotify rm", inotify_rm_watch(watch, 1));
    FACT("inotify rm again", inotify_rm_watch(watch, 1));
    unlink("seen");
    close(epoll), close(ends[0]), close(ends[1]), close(counter), close(timer), close(watch);
}

static void locks(void) {
    int first = open("locked", O_CREAT | O_RDWR, 0600), second = open("locked", O_RDWR);
    FACT("flock", flock(first, LOCK_EX));
    FACT("flock busy", flock(second, LOCK_EX | LOCK_NB));
    INTERRUPTED("flock interrupted", 0, flock(second, LOCK_EX));
    FACT("flock free", flock(first, LOCK_UN));
    FACT("flock second", flock(second, LOCK_SH));
    struct flock lock = {.l_type = F_WRLCK, .l_start = 10, .l_len = 5};
    FACT("F_OFD_SETLK", fcntl(first, F_OFD_SETLK, &lock));
    lock = (struct flock){.l_type = F_WRLCK, .l_start = 12, .l_len = 5};
    FACT("F_OFD_SETLK busy", fcntl(second, F_OFD_SETLK, &lock));
    INTERRUPTED("F_OFD_SETLKW interrupted", 0, fcntl(second, F_OFD_SETLKW, &lock));
    FACT("F_OFD_GETLK", fcntl(second, F_OFD_GETLK, &lock));
    printf("  %d %ld %ld\n", lock.l_type, (long)lock.l_start, (long)lock.l_len);
    FACT("F_SETLK bad", fcntl(first, F_SETLK, (void *)16));
    close(first), close(second);
    unlink("locked");
}

static void moves(void) {
    int file = open("from", O_CREAT | O_RDWR, 0600), to = open("to", O_CREAT | O_RDWR, 0600), ends[2];
    // On a page of its own: vmsplice(2) takes a slot of the pipe for each page it touches, and F_SETPIPE_SZ below counts them.
    _Alignas(4096) char text[9000];
    memset(text, 'a', sizeof text);
    write(file, text, sizeof text);
    off_t at = 0;
    FACT("sendfile to file", sendfile(to, file, &at, 20000));
    printf("  %ld\n", (long)at);
    pipe(ends);
    at = 8900;
    FACT("sendfile to pipe", sendfile(ends[1], file, &at, 20000));
    FACT("splice", splice(ends[0], NULL, to, NULL, 1000, 0));
    FACT("splice, empty", splice(ends[0], NULL, to, NULL, 1000, SPLICE_F_NONBLOCK));
    INTERRUPTED("splice, interrupted", 0, splice(ends[0], NULL, to, NULL, 1000, 0));
    FACT("splice, no pipe", splice(file, NULL, to, NULL, 1000, 0));
    struct iovec vector[2] = {{text, 10}, {text + 10, 20}};
    FACT("vmsplice", vmsplice(ends[1], vector, 2, 0));
    int other[2];
    pipe(other);
    FACT("tee", tee(ends[0], other[1], 100, 0));
    FACT("read of it", read(other[0], text, 100));
    loff_t in = 0, out = 9000;
    FACT("copy_file_range", copy_file_range(file, &in, to, &out, 100, 0));
    FACT("preadv2", preadv2(file, vector, 2, 8980, 0));
    FACT("pwritev2", pwritev2(file, vector, 2, -1, RWF_APPEND));
    FACT("preadv beyond", preadv(file, vector, 2, 100000));
    FACT("fallocate", posix_fallocate(to, 0, 20000));
    FACT("lseek", lseek(to, 0, SEEK_END));
    FACT("lseek data", lseek(to, 0, SEEK_DATA));
    FACT("lseek bad", lseek(to, -1, SEEK_SET));
    FACT("lseek pipe", lseek(ends[0], 0, SEEK_CUR));
    FACT("ftruncate", ftruncate(to, 5));
    FACT("FIONREAD", ioctl(ends[0], FIONREAD, &(int){0}));
    FACT("FIONBIO", ioctl(ends[0], FIONBIO, &(int){1}));
    printf("  flags %o\n", fcntl(ends[0], F_GETFL));
    FACT("unknown ioctl", ioctl(file, 0x12345678, 0));
    FACT("TCGETS", ioctl(file, 0x5401, text));
    FACT("pipe size", fcntl(ends[0], F_SETPIPE_SZ, 8192));
    close(file), close(to), close(ends[0]), close(ends[1]), close(other[0]), close(other[1]);
    unlink("from"), unlink("to");
}

static volatile int signalled;

static void note_signal(int sig) {
    signalled = sig;
}

#define SIGNAL_FACT(what, result)                                                                                              \
    do {                                                                                                                       \
        signalled = 0;                                                                                                         \
        FACT(what, result);                                                                                                    \
        printf("  signal %d\n", signalled);                                                                                    \
    } while (0)

/* Whoever carries a call out, its signals are for the program. */
static void signals(void) {
    int file = open("limited", O_CREAT | O_RDWR, 0600), ends[2];
    struct rlimit limit = {5000, RLIM_INFINITY};
    signal(SIGXFSZ, note_signal);
    signal(SIGPIPE, note_signal);
    setrlimit(RLIMIT_FSIZE, &limit);
    SIGNAL_FACT("pwrite below the limit", pwrite(file, "x", 1, 4999));
    SIGNAL_FACT("pwrite above", pwrite(file, "x", 1, 5000));
    SIGNAL_FACT("fallocate above", fallocate(file, 0, 0, 5001));
    SIGNAL_FACT("ftruncate above", ftruncate(file, 5001));
    SIGNAL_FACT("truncate above", truncate("limited", 5001));
    SIGNAL_FACT("truncate below", truncate("limited", 4000));
    signal(SIGXFSZ, SIG_IGN);
    SIGNAL_FACT("ignored", ftruncate(file, 5001));
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);
    pipe(ends);
    close(ends[0]);
    struct iovec vector = {"text", 4};
    SIGNAL_FACT("write to nobody", write(ends[1], "x", 1));
    SIGNAL_FACT("pwritev2 to nobody", pwritev2(ends[1], &vector, 1, -1, 0));
    SIGNAL_FACT("splice to nobody", splice(file, NULL, ends[1], NULL, 10, 0));
    SIGNAL_FACT("vmsplice to nobody", vmsplice(ends[1], &vector, 1, 0));
    SIGNAL_FACT("sendfile to nobody", sendfile(ends[1], file, &(off_t){0}, 10));
}

/* What the kernel does not even begin is not waited for. */
static void refused_moves(void) {
    int file = open("from", O_RDWR), empty[2], other[2], sockets[2];
    loff_t at = 1;
    char text[10];
    struct iovec vector = {text, 10};
    pipe(empty);
    pipe(other);
    socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
    FACT("splice with offsets of pipes", splice(empty[0], &at, other[1], &at, 10, 0));
    FACT("splice with bad flags", splice(empty[0], NULL, other[1], NULL, 10, ~0));
    FACT("splice of nothing", splice(empty[0], NULL, other[1], NULL, 0, 0));
    FACT("splice into itself", splice(empty[0], NULL, empty[1], NULL, 10, 0));
    FACT("splice from a socket's offset", splice(sockets[0], &at, other[1], NULL, 10, 0));
    FACT("splice from the wrong end", splice(empty[1], NULL, file, NULL, 10, 0));
    FACT("splice between sockets", splice(sockets[0], NULL, sockets[1], NULL, 10, 0));
    FACT("tee into itself", tee(empty[0], empty[1], 10, 0));
    FACT("tee of a file", tee(file, other[1], 10, 0));
    FACT("vmsplice of a file", vmsplice(file, &vector, 1, 0));
    FACT("sendfile from a pipe", sendfile(file, empty[0], NULL, 10));
    FACT("sendfile from a socket", sendfile(file, sockets[0], NULL, 10));
    INTERRUPTED("tee, interrupted", 0, tee(empty[0], other[1], 10, 0));
    INTERRUPTED("vmsplice out, interrupted", 0, vmsplice(empty[0], &vector, 1, 0));
    INTERRUPTED("splice from a socket, interrupted", 0, splice(sockets[0], NULL, other[1], NULL, 10, 0));
    write(sockets[1], "hello", 5);
    FACT("splice from a socket", splice(sockets[0], NULL, other[1], NULL, 10, 0));
    FACT("vmsplice out", vmsplice(other[0], &vector, 1, 0));
    printf("  %.5s\n", text);
}

/* dnotify (fcntl(2), F_NOTIFY): SIGIO when something changes in a directory. */
static void directory_changes(void) {
    sigset_t io;
    struct timespec time = {10, 0};
    sigemptyset(&io);
    sigaddset(&io, SIGIO);
    sigprocmask(SIG_BLOCK, &io, NULL);
    int directory = open(".", O_RDONLY | O_DIRECTORY), file = open("changed", O_RDWR | O_CREAT, 0600);
    FACT("notify of creation", fcntl(directory, F_NOTIFY, DN_CREATE | DN_DELETE));
    close(open("created", O_RDWR | O_CREAT, 0600));
    FACT("notified", sigtimedwait(&io, NULL, &time));
    FACT("notify of nothing", fcntl(directory, F_NOTIFY, 0));
    FACT("notify of a file", fcntl(file, F_NOTIFY, DN_MODIFY));
    FACT("notify of no descriptor", fcntl(900, F_NOTIFY, DN_MODIFY));
    unlink("created");
    unlink("changed");
    close(directory);
    close(file);
    sigprocmask(SIG_UNBLOCK, &io, NULL);
}

static void numbers(void) {
    int first = open("/dev/null", O_RDONLY);
    FACT("open", first);
    FACT("dup2 far", dup2(first, 600));
    FACT("dup2 too far", dup2(first, 1 << 20));
    FACT("dup2 negative", dup2(first, -1));
    FACT("dup3 same", dup3(first, first, 0));
    FACT("F_DUPFD", fcntl(first, F_DUPFD, 500));
    FACT("F_DUPFD_CLOEXEC", fcntl(first, F_DUPFD_CLOEXEC, 500));
    FACT("F_GETFD", fcntl(501, F_GETFD));
    FACT("close_range", close_range(500, 600, 0));
    FACT("closed", fcntl(600, F_GETFD));
    FACT("close_range cloexec", close_range(first, ~0u, CLOSE_RANGE_CLOEXEC));
    FACT("F_GETFD", fcntl(first, F_GETFD));
    struct rlimit limit = {20, 1024};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 20;
    FACT("RLIMIT_NOFILE", setrlimit(RLIMIT_NOFILE, &limit));
    int last = 0;
    for (int fd; (fd = open("/dev/null", O_RDONLY)) >= 0;)
        last = fd;
    printf("last %d, %s\n", last, strerrorname_np(errno));
    FACT("pipe at the limit", pipe((int[2]){0}));
    FACT("dup2 at the limit", dup2(first, 20));
    FACT("F_DUPFD at the limit", fcntl(first, F_DUPFD, 20));
    FACT("F_DUPFD below the limit", fcntl(first, F_DUPFD, 19));
    FACT("dup at the limit", dup(first));
    FACT("dup of nothing at the limit", dup(900));
    FACT("dup3 of nothing to itself", dup3(900, 900, 0));
    FACT("memfd at the limit", memfd_create("name", 0));
    FACT("eventfd at the limit", eventfd(0, 0));
    FACT("epoll at the limit", epoll_create1(0));
    FACT("socket at the limit", socket(AF_UNIX, SOCK_STREAM, 0));
    FACT("poll of more than the limit", poll((void *)16, 21, 0));
    for (int fd = first; fd <= last; fd++)
        close(fd);
    DIR *list = opendir("/proc/self/fd");
    for (struct dirent *entry; (entry = readdir(list)) != NULL;)
        if (entry->d_name[0] != '.')
            printf("fd %s\n", entry->d_name);
    closedir(list);
    int path = open("/dev/null", O_PATH);
    FACT("flags of a path", fcntl(path, F_GETFL) & O_PATH);
    FACT("flags of a path, set", fcntl(path, F_SETFL, O_NONBLOCK));
    FACT("lock of a path", fcntl(path, F_GETLK, &(struct flock){.l_type = F_WRLCK}));
    FACT("owner of a path", fcntl(path, F_GETOWN));
    FACT("signal of a path", fcntl(path, F_GETSIG));
    FACT("no command of a path", fcntl(path, 77));
    FACT("no command", fcntl(1, 77));
    FACT("copy of a path", fcntl(path, F_DUPFD, 30));
    close_range(path, ~0u, 0);
    int memory = memfd_create("name", MFD_ALLOW_SEALING);
    FACT("memfd", ftruncate(memory, 4096));
    FACT("seal", fcntl(memory, F_ADD_SEALS, F_SEAL_GROW));
    FACT("sealed", ftruncate(memory, 8192));
    FACT("seals", fcntl(memory, F_GET_SEALS));
    close(memory);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    close_range(3, ~0u, 0); /* what who started us left open is no fact of ours */
    readiness();
    events();
    locks();
    moves();
    refused_moves();
    signals();
    directory_changes();
    numbers();
    return 0;
}
