/*
 * `nurse run`: says to a helper what is to be run, and becomes it.
 */
#include "client.h"
#include "layout.h"
#include "protocol.h"

#define SOL_SOCKET 1
#define SCM_RIGHTS 1
#define MSG_CMSG_CLOEXEC 0x40000000
#define MSG_NOSIGNAL 0x4000
#define MSG_CTRUNC 8
#define SEEK_SET 0
#define FIRST_INHERITED 3
#define ABOVE 64 /* where descriptors wait for their place */

_Static_assert(ANSWER_INHERITED == NURSE_FD_COUNT, "the launcher's descriptors");

struct part {
    void *base;
    size_t length;
};
struct message {
    void *name;
    u32 name_length;
    struct part *parts;
    size_t count;
    void *control;
    size_t control_length;
    u32 flags;
};
struct control {
    size_t length;
    s32 level, type;
    s32 fds[2 + ANSWER_INHERITED];
};
#define ANSWER_CONTROL (16 + 4 * (2 + ANSWER_INHERITED)) /* as the kernel says it: without what pads the last one */
_Static_assert(offsetof(struct control, fds) == 16, "struct cmsghdr");

static void put(u8 *message, u32 at, u32 value) { __builtin_memcpy(message + at, &value, sizeof value); }
static void put_long(u8 *message, u32 at, u64 value) { __builtin_memcpy(message + at, &value, sizeof value); }
static u32 get(const u8 *message, u32 at) {
    u32 value;
    __builtin_memcpy(&value, message + at, sizeof value);
    return value;
}

static void write_all(int fd, const char *from, size_t size) {
    while (size) {
        long done = system_write(fd, from, size);
        if (done <= 0)
            fail_errno("the arguments cannot be written down", done, "free some memory");
        from += done;
        size -= (size_t)done;
    }
}

/* Strings, each with its NUL, through a buffer of a page: most runs have some dozens of them. */
static u32 write_strings(int fd, char *const *strings) {
    static char buffer[4096];
    u32 used = 0, bytes = 0;

    for (; *strings; strings++) {
        u32 length = text_length(*strings) + 1;
        if (length > STRINGS_MOST - bytes)
            fail("the arguments and the environment are too long", "together they may have 8 MiB", "make them shorter");
        if (used + length > sizeof buffer) {
            write_all(fd, buffer, used);
            used = 0;
        }
        if (length > sizeof buffer)
            write_all(fd, *strings, length);
        else {
            const char *from = *strings;
            while (from < *strings + length)
                buffer[used++] = *from++;
        }
        bytes += length;
    }
    write_all(fd, buffer, used);
    return bytes;
}

static u64 ignored_signals(void) {
    u64 ignored = 0, action[4];
    u32 signal;

    for (signal = 1; signal <= SIGNALS; signal++)
        if (call5(__NR_rt_sigaction, signal, 0, action, 8, 0) == 0 && action[0] == 1 /* SIG_IGN */)
            ignored |= (u64)1 << (signal - 1);
    return ignored;
}

static u64 blocked_signals(void) {
    u64 blocked = 0;

    call5(__NR_rt_sigprocmask, 0, 0, &blocked, 8, 0);
    return blocked;
}

/* 1 when it went, 0 when nobody is there to take it. */
static int send_call(int socket, u8 *call, int strings) {
    int directory = system_open(AT_FDCWD, ".", O_PATH | O_DIRECTORY, 0);
    struct part part = {call, CALL_SIZE};
    struct control control = {16 + 4 * CALL_DESCRIPTORS, SOL_SOCKET, SCM_RIGHTS, {1, 2, directory, strings}};
    struct message message = {NULL, 0, &part, 1, &control, 16 + 4 * CALL_DESCRIPTORS, 0};
    long sent;

    if (directory < 0)
        fail_errno("the current directory cannot be opened", directory, "cd to another one");
    sent = call3(__NR_sendmsg, socket, &message, MSG_NOSIGNAL);
    system_close(directory);
    if (sent == -ETOOMANYREFS)
        fail("the helper cannot be asked",
             "this user's programs have too many descriptors on their way in messages (unix(7), ETOOMANYREFS)",
             "end the program that sends them, or raise ulimit -n");
    if (is_error(sent) && sent != -EPIPE && sent != -ECONNRESET)
        fail_errno("the helper cannot be asked", sent, "try again");
    return sent == CALL_SIZE;
}

/* Returns the answer's kind, or 0 when the helper has gone. */
static u32 receive_answer(int socket, u8 *answer, struct control *control) {
    struct part part = {answer, ANSWER_SIZE};
    struct message message = {NULL, 0, &part, 1, control, sizeof *control, 0};
    long got;

    do
        got = call3(__NR_recvmsg, socket, &message, MSG_CMSG_CLOEXEC);
    while (got == -EINTR);
    if (got != ANSWER_SIZE || get(answer, ANSWER_MAGIC) != CLIENT_MAGIC || get(answer, ANSWER_VERSION) != CLIENT_VERSION)
        return 0;
    if (get(answer, ANSWER_KIND) == ANSWER_RUN &&
        ((message.flags & MSG_CTRUNC) || message.control_length < ANSWER_CONTROL ||
         control->length != ANSWER_CONTROL || control->type != SCM_RIGHTS))
        fail("the helper's answer has not all its descriptors", "too many files are open", "raise ulimit -n");
    return get(answer, ANSWER_KIND);
}

/* Strings of a memfd, one behind the other, as the vector that execve(2) takes. */
static char **vector(char **at, char *strings, u32 bytes) {
    char *end = strings + bytes;

    while (strings < end) {
        *at++ = strings;
        strings += text_length(strings) + 1;
    }
    *at++ = NULL;
    return at;
}

static char *room(size_t size) {
    long address = system_memory(size);
    if (is_error(address))
        fail_errno("there is no memory for the arguments", address, "free some");
    return (char *)address;
}

/* Nothing of ours survives but the descriptors: signals are handled as a new program has it. Those that are blocked stay so:
 * one that came now would end the launcher, and the program was to get it later. */
static void become(const u8 *answer, struct control *control) {
    u32 arguments = get(answer, ANSWER_ARGUMENTS), variables = get(answer, ANSWER_ENVIRONMENT);
    u32 size = arguments + variables, done = 0, i;
    char *strings, **argv, **environment;
    long error = 0;

    if (arguments > STRINGS_MOST || variables > STRINGS_MOST)
        fail("the helper's answer is malformed", "its strings are too long", "this is a fault of nurse; please report it");
    strings = room(size + 1);
    while (done < size && (error = call5(__NR_pread64, control->fds[1], strings + done, size - done, done, 0)) > 0)
        done += (u32)error;
    if (done < size)
        fail_errno("the helper's answer cannot be read", error, "try again");
    argv = (char **)room(((size_t)size + 2) * sizeof *argv);
    environment = vector(argv, strings, arguments);
    vector(environment, strings + arguments, variables);
    for (i = 0; i < 2 + ANSWER_INHERITED; i++) { /* first out of each other's way */
        control->fds[i] = (s32)call3(__NR_fcntl, control->fds[i], F_DUPFD_CLOEXEC, ABOVE);
        if (control->fds[i] < 0)
            fail_errno("a descriptor cannot be placed", control->fds[i], "raise ulimit -n to 128 or more");
    }
    for (i = 0; i < ANSWER_INHERITED; i++)
        call3(__NR_dup3, control->fds[2 + i], FIRST_INHERITED + i, 0);
    reset_actions();
    error = call5(__NR_execveat, control->fds[0], "", argv, environment, AT_EMPTY_PATH);
    if (error == -ENOEXEC)
        fail("the kernel does not run 32-bit programs",
             "it was built without CONFIG_IA32_EMULATION, or booted with ia32_emulation=0", "boot a kernel that has it");
    fail_errno("the launcher cannot be executed", error, "see docs/serve.md");
}

/* One exchange; returns when this helper cannot serve this client, with ANSWER_UNLIKE or 0. */
static u32 ask(int socket, u8 *call, int strings, struct places *places, char *const *arguments, char *const *environment) {
    static u8 answer[ANSWER_SIZE];
    static struct control control;
    u32 kind = send_call(socket, call, strings) ? receive_answer(socket, answer, &control) : 0;

    system_close(socket);
    if (kind == ANSWER_RUN)
        become(answer, &control);
    if (kind == ANSWER_END)
        system_exit((s32)get(answer, ANSWER_STATUS) & 0xff);
    if (kind == ANSWER_ALONE)
        become_java(places, arguments, environment, 0);
    return kind;
}

/* A standard descriptor that is closed would be given to the next file that is opened. */
static void hold_standard_descriptors(void) {
    int fd;

    while ((fd = (int)call5(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR, 0, 0)) >= 0 && fd < 3)
        ;
    if (fd >= 0)
        system_close(fd);
}

/* Whether this process may become the program of a helper that is not its parent. The helper takes descriptors of the program by
 * pidfd_getfd(2), which asks as ptrace(2) does: where Yama is on (Documentation/admin-guide/LSM/Yama.rst), all but root may
 * trace their children only. */
static int may_be_served(void) {
    char scope = '0';
    int fd;

    /* Process 1 of a PID namespace gets no signal from inside it that it has no handler for, SIGKILL included
     * (pid_namespaces(7)): a helper could not end it, nor would it end with its helper. */
    if (call3(__NR_getpid, 0, 0, 0) == 1)
        return 0;
    if (call3(__NR_geteuid, 0, 0, 0) == 0)
        return 1;
    fd = system_open(AT_FDCWD, "/proc/sys/kernel/yama/ptrace_scope", O_RDONLY, 0);
    if (fd >= 0) {
        system_read(fd, &scope, 1);
        system_close(fd);
    }
    return scope == '0';
}

void run(struct places *places, char *const *arguments, char *const *environment, u64 started) {
    const char *wish = variable(environment, "NURSE_RESIDENT");
    int resident = !places->training && !(wish && text_equal(wish, "no"));
    u8 call[CALL_SIZE] = {0};
    int strings, socket, tries;
    u32 mask;

    /* Whoever came as a JVM is one again, with the cache, and the program's parent. */
    if ((places->handed_on && !resident) || !may_be_served())
        become_java(places, arguments, environment, 0);
    hold_standard_descriptors();
    strings = (int)call3(__NR_memfd_create, "nurse-call", MFD_CLOEXEC, 0);
    if (strings < 0)
        fail_errno("memfd_create failed", strings, "see docs/serve.md");
    put(call, CALL_MAGIC, CLIENT_MAGIC);
    put(call, CALL_VERSION, CLIENT_VERSION);
    mask = (u32)call3(__NR_umask, 0, 0, 0);
    call3(__NR_umask, mask, 0, 0);
    put(call, CALL_UMASK, mask);
    put(call, CALL_ARGUMENTS, write_strings(strings, arguments));
    put(call, CALL_ENVIRONMENT, write_strings(strings, environment));
    put(call, CALL_HANDED_ON, places->handed_on);
    put_long(call, CALL_IGNORED, ignored_signals());
    put_long(call, CALL_BLOCKED, blocked_signals());
    put_long(call, CALL_STARTED, started);
    /* A resident helper may end, idle, just when it is asked. Then the next one is there in no time. */
    for (tries = 0; tries < 2 && resident; tries++) {
        socket = resident_helper(places, environment);
        if (socket < 0 || ask(socket, call, strings, places, arguments, environment) == ANSWER_UNLIKE)
            break;
    }
    socket = own_helper(places);
    if (socket < 0)
        fail_errno("no helper can be started", socket, "see whether there may be more processes (ulimit -u)");
    ask(socket, call, strings, places, arguments, environment);
    fail("the helper has ended before it answered", "a message above, if any, is the JVM's own",
         "run java -jar with the same arguments, which shows more");
}
