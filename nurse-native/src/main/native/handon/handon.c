/*
 * execve(2) for a JVM that has found, as it began, that the native client or a newer JVM is to do the work: so that it is
 * that process, and no parent of it. Who runs it: Boot.java of nurse-cli, by JNI, since Java 11 to 21 have nothing else, and
 * the first call through FFM takes longer than all of a run with a warm helper (docs/start.md).
 *
 * x86-64, in the user's JVM, before anything of a stranger's is read. Of the C library it knows the environment only.
 */
#include "../client/system.h"

#define CLOSE_RANGE_CLOEXEC 4
#define FD_CLOEXEC 1

/* The JNI Specification, chapter 4: a JNIEnv points to a table of functions, whose order is fixed. */
#define GET_ARRAY_LENGTH 171
#define GET_BYTE_ARRAY_REGION 200

typedef const void *const *const *jni;
typedef void *object;

extern char **environ; /* environ(7) */

int Java_nurse_cli_boot_Exec_execve(jni env, object class, object strings, int own)
    __attribute__((visibility("default")));

/* An argument that names a descriptor, such as /dev/fd/63 or /proc/self/fd/3, names one of the user's: it stays open. */
static void keep_named(const char *argument) {
    for (; *argument; argument++) {
        int fd = 0;
        const char *digit = argument + 4;
        if (argument[0] != '/' || argument[1] != 'f' || argument[2] != 'd' || argument[3] != '/')
            continue;
        for (; *digit >= '0' && *digit <= '9' && fd < 1 << 20; digit++)
            fd = fd * 10 + (*digit - '0');
        if (fd >= 3)
            call3(__NR_fcntl, fd, F_SETFD, 0);
    }
}

/* The signals that the JVM was started with as blocked. This thread's own mask is the JVM's (HotSpot blocks and unblocks some
 * in every thread); its first thread, which only waits for this one, has the user's: proc_pid_status(5), SigBlk. */
static u64 blocked_signals(void) {
    static const char name[] = "\nSigBlk:\t";
    char status[8192];
    int fd = system_open(AT_FDCWD, "/proc/self/status", O_RDONLY, 0);
    long length = fd < 0 ? 0 : system_read(fd, status, sizeof status), at, i;
    u64 blocked = 0;

    if (fd >= 0)
        system_close(fd);
    for (at = 0; at + (long)sizeof name + 16 <= length; at++) {
        for (i = 0; name[i] && status[at + i] == name[i]; i++)
            ;
        if (name[i])
            continue;
        for (; status[at + i] != '\n'; i++)
            blocked = blocked << 4 | (u64)(status[at + i] <= '9' ? status[at + i] - '0' : status[at + i] - 'a' + 10);
        break;
    }
    return blocked;
}

/*
 * strings: the file's name, which is argv[0] as well, and the other arguments, each with its NUL. own: bit fd for a standard
 * descriptor that the user had closed and the JVM has its own file at. Returns a negative errno, or not at all: the kernel
 * ends the JVM's other threads (execve(2)). Of the descriptors from 3 on those are inherited that an argument names.
 */
int Java_nurse_cli_boot_Exec_execve(jni env, object class, object strings, int own) {
    int (*length_of)(jni, object);
    void (*copy_region)(jni, object, int, int, char *);
    char *bytes, **argv;
    int length, i, n = 0;
    long error, memory;
    u64 blocked;

    (void)class;
    __builtin_memcpy(&length_of, &(*env)[GET_ARRAY_LENGTH], sizeof length_of);
    __builtin_memcpy(&copy_region, &(*env)[GET_BYTE_ARRAY_REGION], sizeof copy_region);
    length = length_of(env, strings);
    memory = system_memory(((size_t)length + 1) * (sizeof *argv + 1)); /* no more strings than bytes */
    if (is_error(memory))
        return (int)memory;
    argv = (char **)memory;
    bytes = (char *)(argv + length + 1);
    copy_region(env, strings, 0, length, bytes);
    for (i = 0; i < length; i++)
        if (i == 0 || !bytes[i - 1])
            argv[n++] = bytes + i;
    argv[n] = NULL;
    for (i = 0; i < 3; i++)
        if (own >> i & 1)
            call3(__NR_fcntl, i, F_SETFD, FD_CLOEXEC);
    blocked = blocked_signals();
    call5(__NR_rt_sigprocmask, 2 /* SIG_SETMASK */, &blocked, 0, 8, 0);
    error = call3(__NR_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC); /* Linux 5.11, older than what we need elsewhere */
    for (i = 1; i < n; i++)
        keep_named(argv[i]);
    return (int)(error < 0 ? error : call3(__NR_execve, bytes, argv, environ));
}
