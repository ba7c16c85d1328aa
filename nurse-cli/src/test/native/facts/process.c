/* Time, futexes, identity, limits, scheduling, memory, the system. */
#include "facts.h"

#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/personality.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/fsuid.h>
#include <sys/wait.h>
#include <grp.h>

/* Takes so much time of the CPU, however long that is on a machine with other work. */
static void burn(int ms) {
    struct timespec begin, now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    do {
        for (volatile int i = 0; i < 100000; i++)
            ;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    } while ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 < ms);
}

static void timers(void) {
    struct timespec wanted = {1000, 0}, rest = {0, 0};
    INTERRUPTED("nanosleep interrupted", 0, nanosleep(&wanted, &rest));
    printf("  rest %d\n", rest.tv_sec > 900);
    INTERRUPTED("clock_nanosleep interrupted", SA_RESTART, clock_nanosleep(CLOCK_MONOTONIC, 0, &wanted, &rest));
    clock_gettime(CLOCK_MONOTONIC, &wanted);
    FACT("clock_nanosleep in the past", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wanted, NULL));
    wanted = (struct timespec){0, 1000000000};
    FACT("nanosleep of a wrong time", nanosleep(&wanted, NULL));
    wanted = (struct timespec){2147483647, 0};
    INTERRUPTED("nanosleep for 68 years", 0, nanosleep(&wanted, &rest));
    printf("  rest %d\n", rest.tv_sec > 2147483000);
    long long for_ever[2] = {1LL << 62, 0}, left[2] = {0, 0};
    INTERRUPTED("clock_nanosleep for ever", 0, syscall(SYS_clock_nanosleep_time64, CLOCK_MONOTONIC, 0, for_ever, left));
    printf("  rest %d\n", left[0] > 9000000000LL);
    INTERRUPTED("clock_nanosleep until the end", 0,
                syscall(SYS_clock_nanosleep_time64, CLOCK_REALTIME, TIMER_ABSTIME, for_ever, NULL));
    for_ever[0] = 9223372030LL; /* added to the clock it is more than 64 bits of nanoseconds */
    INTERRUPTED("clock_nanosleep for nearly ever", 0, syscall(SYS_clock_nanosleep_time64, CLOCK_MONOTONIC, 0, for_ever, left));
    printf("  rest %d\n", left[0] > 9000000000LL);
    INTERRUPTED("futex for nearly ever", 0, syscall(SYS_futex_time64, &(int){7}, FUTEX_WAIT, 7, for_ever, NULL, 0));
    sigset_t user;
    sigemptyset(&user);
    sigaddset(&user, SIGUSR1);
    INTERRUPTED("sigtimedwait for nearly ever", 0, syscall(SYS_rt_sigtimedwait_time64, &user, NULL, for_ever, 8));
    FACT("clock_nanosleep on no clock", clock_nanosleep(CLOCK_MONOTONIC_RAW, 0, &rest, NULL));
    for (int clock = 0; clock < 14; clock++)
        printf("clock %d: %s %s\n", clock, said(clock_gettime(clock, &rest)), said(clock_getres(clock, &rest)));
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    alarms = 0;
    alarm_in(1000000, 0, 0);
    FACT("timer_create", timer_create(CLOCK_MONOTONIC, &event, &timer));
    struct itimerspec when = {.it_value = {0, 10000000}, .it_interval = {0, 10000000}};
    FACT("timer_settime", timer_settime(timer, 0, &when, NULL));
    while (alarms < 3)
        pause();
    FACT("timer_gettime", timer_gettime(timer, &when));
    FACT("timer_delete", timer_delete(timer));
    FACT("timer_delete again", timer_delete(timer));
    FACT("alarm", alarm(0) > 900);
    FACT("alarm", alarm(0));
    struct rusage before, after;
    struct tms ticks;
    getrusage(RUSAGE_SELF, &before);
    burn(100);
    getrusage(RUSAGE_SELF, &after);
    printf("rusage %d %d %d\n", after.ru_utime.tv_sec * 1000000 + after.ru_utime.tv_usec
            > before.ru_utime.tv_sec * 1000000 + before.ru_utime.tv_usec, after.ru_maxrss > 500, after.ru_minflt > 10);
    FACT("rusage of nobody", getrusage(7, &after));
    int counted = times(&ticks) != -1;
    printf("times %d %d\n", counted, ticks.tms_utime >= 5);
    clock_t spent = clock();
    burn(20);
    printf("clock %d\n", clock() > spent);
}

/* A program that asks for nothing but the time, and writes, hears of its signals, too. */
static void clocks_and_signals(void) {
    int null = open("/dev/null", O_WRONLY), missed = 0;
    for (int i = 0; i < 40; i++) {
        long end = milliseconds() + 20000;
        alarms = 0;
        alarm_in(1 + i % 7, 0, 0);
        while (!alarms && milliseconds() < end)
            write(null, "x", 1);
        missed += !alarms;
    }
    printf("alarms missed: %d\n", missed);
}

static volatile int awaited = 7;

static void change_what_is_awaited(int sig) {
    (void)sig;
    awaited = 8;
}

/* A wait that a handler interrupts: begun anew, it finds that the word has changed; with a time-out it is not begun anew. */
static void interrupted_futexes(void) {
    struct sigaction action = {.sa_handler = change_what_is_awaited, .sa_flags = SA_RESTART};
    struct itimerval soon = {.it_value = {0, 30000}, .it_interval = {0, 30000}}, never = {0};
    struct timespec long_time = {1000, 0}, until;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    FACT("futex begun anew", syscall(SYS_futex, &awaited, FUTEX_WAIT, 7, NULL, NULL, 0));
    awaited = 7;
    FACT("futex private, begun anew", syscall(SYS_futex, &awaited, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 7, NULL, NULL, 0));
    FACT("futex with a time", syscall(SYS_futex, &awaited, FUTEX_WAIT, awaited, &long_time, NULL, 0));
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 1000;
    FACT("futex until a time", syscall(SYS_futex, &awaited, FUTEX_WAIT_BITSET, awaited, &until, NULL, -1));
    setitimer(ITIMER_REAL, &never, NULL);
}

static void futexes(void) {
    static int word = 7;
    struct timespec time = {0, 20000000}, wrong = {0, 1000000000}, negative = {-1, 0}, past = {1, 0};
    interrupted_futexes();
    FACT("futex by the realtime clock", syscall(SYS_futex, &word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 7, &time, NULL, 0));
    FACT("futex of a wrong time", syscall(SYS_futex, &word, FUTEX_WAIT, 7, &wrong, NULL, 0));
    FACT("futex of a negative time", syscall(SYS_futex, &word, FUTEX_WAIT, 8, &negative, NULL, 0));
    FACT("futex of no time's address", syscall(SYS_futex, &word, FUTEX_WAIT, 8, (void *)16, NULL, 0));
    FACT("futex until the past", syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 7, &past, NULL, -1));
    FACT("futex of no bits", syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 7, NULL, NULL, 0));
    FACT("futex wake of no bits", syscall(SYS_futex, &word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
    FACT("futex wake of bits", syscall(SYS_futex, &word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 1));
    FACT("futex requeue", syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE, 1, NULL, &word, 8));
    FACT("futex wake by an operation", syscall(SYS_futex, &word, FUTEX_WAKE_OP, 1, NULL, &word, 0));
    word = 7;
    FACT("futex of no kind", syscall(SYS_futex, &word, 77, 1, NULL, NULL, 0));
    FACT("futex other value", syscall(SYS_futex, &word, FUTEX_WAIT, 8, NULL, NULL, 0));
    FACT("futex timeout", syscall(SYS_futex, &word, FUTEX_WAIT, 7, &time, NULL, 0));
    INTERRUPTED("futex interrupted", 0, syscall(SYS_futex, &word, FUTEX_WAIT, 7, NULL, NULL, 0));
    FACT("futex wake", syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0));
    FACT("futex crooked", syscall(SYS_futex, (char *)&word + 1, FUTEX_WAIT, 7, NULL, NULL, 0));
    FACT("futex nowhere", syscall(SYS_futex, (void *)16, FUTEX_WAIT, 7, NULL, NULL, 0));
    sem_t semaphore;
    sem_init(&semaphore, 0, 1);
    clock_gettime(CLOCK_REALTIME, &time);
    FACT("sem_timedwait", sem_timedwait(&semaphore, &time));
    time.tv_nsec += time.tv_nsec < 900000000 ? 50000000 : 0;
    FACT("sem_timedwait", sem_timedwait(&semaphore, &time));
}

static void identity(void) {
    uid_t r, e, s;
    printf("ids %s", said(getresuid(&r, &e, &s)));
    printf(" %d %d %d %d\n", r, e, s, getuid());
    FACT("setuid to itself", setuid(getuid()));
    FACT("setreuid of nothing", setreuid(-1, -1));
    FACT("setresgid of itself", setresgid(getgid(), -1, getgid()));
    FACT("setuid to no id", setuid(-1));
    FACT("setfsuid", setfsuid(getuid()));
    FACT("16-bit getuid", syscall(SYS_getuid));
    FACT("16-bit setuid", syscall(SYS_setuid, getuid()));
    unsigned short narrow[64];
    printf("groups %d %ld\n", getgroups(0, NULL), syscall(SYS_getgroups, 64, narrow));
    FACT("groups, no room for them", getgroups(-1, NULL));
    unsigned header[2] = {0x20080522, 0}, data[6] = {0};
    FACT("capget", syscall(SYS_capget, header, data));
    header[0] = 1;
    FACT("capget of no version", syscall(SYS_capget, header, data));
    printf("  %x\n", header[0]);
    FACT("getpgid", getpgid(0) == getpgrp());
    FACT("getpgid of nobody", getpgid(1 << 22));
    FACT("setpgid to its own", setpgid(0, getpgrp()));
    FACT("personality", personality(0xffffffff));
    FACT("wait", waitpid(-1, NULL, 0));
    FACT("wait for itself", waitpid(getpid(), NULL, WNOHANG));
}

static void scheduling(void) {
    cpu_set_t set;
    FACT("affinity", sched_getaffinity(0, sizeof set, &set));
    FACT("affinity set", sched_setaffinity(0, sizeof set, &set));
    CPU_ZERO(&set);
    FACT("affinity to none", sched_setaffinity(0, sizeof set, &set));
    FACT("affinity of nobody", sched_getaffinity(1 << 22, sizeof set, &set));
    FACT("nice", nice(2));
    FACT("getpriority", getpriority(PRIO_PROCESS, 0));
    // Never upwards, wherever nice(1) began: root may do that outside, and nobody inside.
    int next = getpriority(PRIO_PROCESS, 0) + 1;
    FACT("setpriority", setpriority(PRIO_PROCESS, 0, next));
    FACT("setpriority of what", setpriority(9, 0, next));
    FACT("scheduler", sched_getscheduler(0));
    struct sched_param param = {0};
    FACT("to batch", sched_setscheduler(0, SCHED_BATCH, &param));
    FACT("scheduler", sched_getscheduler(0));
    FACT("setparam", sched_setparam(0, &param));
    param.sched_priority = 3;
    FACT("setparam wrong", sched_setparam(0, &param));
    FACT("to no policy", sched_setscheduler(0, 77, &param));
    FACT("max", sched_get_priority_max(SCHED_FIFO));
    FACT("max of nothing", sched_get_priority_max(77));
    struct timespec slice;
    FACT("interval", sched_rr_get_interval(0, &slice));
    unsigned attr[12];
    FACT("getattr", syscall(SYS_sched_getattr, 0, attr, sizeof attr, 0));
    printf("  %u %d\n", attr[1], (int)attr[4]);
    FACT("ioprio_get", syscall(SYS_ioprio_get, 1, 0) >= 0);
    FACT("ioprio_set", syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 5));
    FACT("ioprio_get", syscall(SYS_ioprio_get, 1, 0));
    FACT("yield", sched_yield());
}

/* The process's own bounding set, and not somebody else's: as /proc/self/status has it. */
static int bounding_set_is_told(void) {
    unsigned long long bounding = 0;
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        sscanf(line, "CapBnd: %llx", &bounding);
    for (int capability = 0; capability < 41; capability++)
        if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) != (int)(bounding >> capability & 1))
            return 0;
    return status != NULL;
}

static void process_control(void) {
    int word = -1;
    FACT("bounding set", bounding_set_is_told());
    FACT("bounding set of nothing", prctl(PR_CAPBSET_READ, 77, 0, 0, 0));
    FACT("keep capabilities", prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0));
    FACT("keep capabilities", prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
    FACT("keep capabilities", prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0));
    FACT("keep capabilities twice", prctl(PR_SET_KEEPCAPS, 2, 0, 0, 0));
    FACT("dumpable", prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
    FACT("dumpable twice", prctl(PR_SET_DUMPABLE, 2, 0, 0, 0));
    FACT("timing", prctl(PR_GET_TIMING, 0, 0, 0, 0));
    FACT("timing", prctl(PR_SET_TIMING, 1, 0, 0, 0));
    FACT("secure bits", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
    FACT("slack", prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0));
    FACT("slack", prctl(PR_SET_TIMERSLACK, 70000, 0, 0, 0));
    FACT("slack", prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0));
    FACT("slack", prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0));
    FACT("slack", prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0));
    FACT("machine checks", prctl(PR_MCE_KILL_GET, 0, 0, 0, 0));
    FACT("machine checks and more", prctl(PR_MCE_KILL_GET, 0, 0, 0, 1));
    FACT("reaper", prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
    FACT("reaper", prctl(PR_GET_CHILD_SUBREAPER, &word, 0, 0, 0));
    printf("  %d\n", word);
    FACT("reaper nowhere", prctl(PR_GET_CHILD_SUBREAPER, 0, 0, 0, 0));
    FACT("no new privileges and more", prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
    FACT("no new privileges twice", prctl(PR_SET_NO_NEW_PRIVS, 2, 0, 0, 0));
    FACT("no new privileges, with more", prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0));
    FACT("huge pages", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
    FACT("huge pages", prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
    FACT("huge pages", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
    FACT("ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 7, 0, 0));
    FACT("ambient of nothing", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 77, 0, 0));
    FACT("ambient raised", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 7, 0, 0));
    FACT("ambient lowered", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, 7, 0, 0));
    FACT("ambient cleared", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
    FACT("ambient cleared of one", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 7, 0, 0));
}

/* There is no child. What is wrong with the arguments comes first. */
static void waits(void) {
    siginfo_t info;
    FACT("wait of no kind", waitpid(-1, NULL, 4096));
    FACT("wait for the smallest number", waitpid(-2147483647 - 1, NULL, 0));
    FACT("wait for all kinds", waitpid(-1, NULL, __WALL | __WCLONE | WUNTRACED | WCONTINUED));
    FACT("waitid", waitid(P_ALL, 0, &info, WEXITED));
    FACT("waitid for nothing", waitid(P_ALL, 0, &info, WNOHANG));
    FACT("waitid of no kind", waitid(P_ALL, 0, &info, WEXITED | 4096));
    FACT("waitid for whom", waitid(77, 0, &info, WEXITED));
    FACT("waitid for no number", waitid(P_PID, 0, &info, WEXITED));
    FACT("waitid for a group", waitid(P_PGID, 0, &info, WEXITED));
    FACT("waitid for no group", waitid(P_PGID, -1, &info, WEXITED));
    FACT("waitid by a descriptor", waitid(P_PIDFD, 900, &info, WEXITED));
    FACT("waitid by no descriptor", waitid(P_PIDFD, -1, &info, WEXITED));
    FACT("waitid by a file", waitid(P_PIDFD, 1, &info, WEXITED));
    FACT("setpgid to a negative group", setpgid(1 << 22, -1));
}

static sigjmp_buf out_of_the_fault;

static void on_fault(int sig, siginfo_t *info, void *context) {
    (void)context;
    siglongjmp(out_of_the_fault, sig * 100 + info->si_code);
}

/* A page behind the end of its file: SIGBUS for who touches it, EFAULT for who gives it to the kernel. */
static void pages_behind_the_end(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    int file = memfd_create("short", 0);
    ftruncate(file, 100);
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    memset(pages, 'x', 4096);
    FACT("open of a name behind the end", open(pages + 4096, O_RDONLY));
    FACT("open of a name that goes on behind the end", open(pages + 4000, O_RDONLY));
    FACT("uname into a page behind the end", uname((struct utsname *)(pages + 4000)));
    FACT("poll of entries behind the end", poll((struct pollfd *)(pages + 4088), 3, 0));
    sigaction(SIGBUS, &action, NULL);
    int caught = sigsetjmp(out_of_the_fault, 1);
    if (!caught)
        pages[4096] = 1;
    printf("touched behind the end: %d\n", caught);
    FACT("kill", kill(getpid(), 0));
    signal(SIGBUS, SIG_IGN);
    raise(SIGBUS);
    signal(SIGBUS, SIG_DFL);
    munmap(pages, 8192);
    close(file);
}

static void memory(void) {
    char *pages = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pages[0] = 1;
    unsigned char in[4];
    FACT("mincore", mincore(pages, 16384, in));
    printf("  %d\n", in[0] & 1);
    FACT("mincore crooked", mincore(pages + 1, 16384, in));
    FACT("mlock", mlock(pages, 4096));
    FACT("munlock", munlock(pages, 4096));
    FACT("mprotect", mprotect(pages, 4096, PROT_READ));
    FACT("msync", msync(pages, 4096, MS_SYNC));
    FACT("madvise", madvise(pages + 4096, 4096, MADV_DONTNEED));
    FACT("madvise unknown", madvise(pages, 4096, 77));
    char *moved = mremap(pages + 8192, 4096, 65536, MREMAP_MAYMOVE);
    printf("mremap %d\n", moved != MAP_FAILED && moved[65535] == 0);
    FACT("munmap", munmap(moved, 65536));
    FACT("munmap crooked", munmap(pages + 1, 4096));
    FACT("munmap wrapping around", munmap((void *)0xfffff000, 0x2000));
    FACT("mmap of nothing", (long)mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    int fixed = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, not_replacing = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    FACT("mmap of nothing at a place", (long)mmap(pages, 0, PROT_READ, fixed, -1, 0));
    FACT("mmap at a crooked place", (long)mmap(pages + 1, 4096, PROT_READ, fixed, -1, 0));
    FACT("mmap at a crooked low place", (long)mmap((void *)4097, 4096, PROT_READ, not_replacing, -1, 0));
    FACT("mmap of no descriptor, low", (long)mmap((void *)4096, 4096, PROT_READ, MAP_PRIVATE | MAP_FIXED, 900, 0));
    FACT("mmap where something is", (long)mmap(pages, 4096, PROT_READ, not_replacing, -1, 0));
    FACT("mmap near a low place", (long)mmap((void *)4096, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != -1);
    FACT("mmap of no descriptor", (long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 900, 0));
    FACT("membarrier", syscall(SYS_membarrier, 0, 0, 0) > 0);
    void *end = sbrk(0);
    printf("brk %s %d\n", said(brk((char *)end + 8192)), (char *)sbrk(0) == (char *)end + 8192);
}

static void systems(void) {
    struct utsname name;
    struct sysinfo info;
    FACT("uname", uname(&name));
    printf("  %s %s\n", name.sysname, name.machine);
    char old[325] = {0};
    FACT("olduname", syscall(SYS_olduname, old));
    printf("  %s\n", old);
    FACT("oldolduname", syscall(SYS_oldolduname, old));
    printf("  %s\n", old);
    FACT("sysinfo", sysinfo(&info));
    printf("  %d\n", info.mem_unit > 0 && info.totalram > 0);
    char bytes[300];
    FACT("getrandom", getrandom(bytes, 300, 0));
    FACT("getrandom flags", getrandom(bytes, 300, 77));
    struct rlimit limit;
    FACT("getrlimit", getrlimit(RLIMIT_CORE, &limit));
    limit.rlim_cur = 0;
    FACT("setrlimit", setrlimit(RLIMIT_CORE, &limit));
    limit.rlim_cur = 5, limit.rlim_max = 4;
    FACT("setrlimit wrong", setrlimit(RLIMIT_CORE, &limit));
    FACT("getrlimit of nothing", getrlimit(77, &limit));
    FACT("prctl name", prctl(PR_SET_NAME, "a name that is far too long"));
    char text[16];
    FACT("prctl name", prctl(PR_GET_NAME, text));
    printf("  %s\n", text);
    FACT("prctl nothing", prctl(12345, 0, 0, 0, 0));
    FACT("dumpable", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
    FACT("no such call", syscall(9999));
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    timers();
    clocks_and_signals();
    futexes();
    identity();
    process_control();
    waits();
    scheduling();
    memory();
    pages_behind_the_end();
    systems();
    return 0;
}
