/*
 * Classes 4 and 5: messages that no gate of ours would send, in the lane and on the descriptors; results, wake-ups and orders
 * forged. What the helper is to do is go on, or end the program; never believe.
 */
#include "lane.h"

static uint32_t forged;
static char junk[4096];

static int in_sandbox(void) {
    find_lane();
    memset(junk, 0xff, sizeof junk);
    return at_orders != 0;
}

/* Afterwards the lane must still answer. */
static int still_works(void) { return raw_alive() ? HELD : BROKEN; }

/* ---- descriptors of the sandbox -------------------------------------------------------------------------------------- */

ATTACK(control_junk, "control-junk") {
    if (!in_sandbox())
        return BROKEN;
    for (int i = 0; i < 20; i++)
        if (write(NURSE_FD_CONTROL, junk, 64) < 0)
            break;
    int32_t fd = raw_open("allowed", O_RDONLY, 0);
    leave(fd >= 0 ? still_works() : BROKEN);
}

/* A message that carries a descriptor is taken by the program itself, which gets no descriptor by read(2). */
static void steal(void) {
    if (read(NURSE_FD_CONTROL, junk, sizeof junk) < 0)
        return;
}

ATTACK(control_steal, "control-stolen-descriptor") {
    if (!in_sandbox())
        return BROKEN;
    int opened = 0;
    for (int i = 0; i < 3; i++) {
        while_waiting = i == 1 ? steal : NULL;
        int32_t fd = raw_open("allowed", O_RDONLY, 0);
        opened += fd >= 0;
        while_waiting = NULL;
        if (i == 1)
            break; /* it may be waiting in read(2) for good: then the runner ends it */
    }
    leave(opened ? still_works() : BROKEN);
}

/* The header that the trustee receives a descriptor with lies in memory that anyone writes: it is made to fail. */
static void break_header(void) {
    WORD(requests, NURSE_SCRATCH + 8) = 1;
    WORD(requests, NURSE_SCRATCH + 16) = at_orders;
}

ATTACK(control_header, "control-broken-header") {
    if (!in_sandbox())
        return BROKEN;
    for (int i = 0; i < 600; i++) { /* each may leave a message behind in the socket */
        while_waiting = break_header;
        int32_t fd = raw_open("allowed", O_RDONLY, 0);
        while_waiting = NULL;
        if (fd >= 0)
            RAW(SYS_close, fd, 0, 0, 0, 0, 0);
    }
    leave(still_works());
}

ATTACK(bell_flood, "bell-flood") {
    if (!in_sandbox())
        return BROKEN;
    for (int i = 0; i < 2000; i++)
        if (write(NURSE_FD_BELL_HELPER, junk, sizeof junk) < 0)
            break;
    leave(still_works());
}

ATTACK(channel_io, "channel-written") {
    if (!in_sandbox())
        return BROKEN;
    int got = write(NURSE_FD_CHANNEL, junk, 1) >= 0 || read(NURSE_FD_CHANNEL, junk, 1) != 0 ||
              read(NURSE_FD_BELL_HELPER, junk, 1) >= 0 || write(NURSE_FD_BELL_UNTRUSTEE, junk, 1) >= 0;
    leave(got ? GOT : still_works());
}

/* ---- sequence -------------------------------------------------------------------------------------------------------- */

static int jump(int by) {
    if (!in_sandbox())
        return BROKEN;
    WORD(requests, NURSE_REQUEST_SEQ) += (uint32_t)by;
    for (;;)
        ring();
}
ATTACK(sequence_ahead, "sequence-ahead") { return jump(7); }
ATTACK(sequence_back, "sequence-back") { return jump(-1); }

/* Two requests at once: the number is changed while the helper has the request. It is read once: the answer is one or the other. */
static void second_request(void) { WORD(requests, NURSE_REQUEST_NR) = SYS_getppid; }

ATTACK(two_requests, "two-requests-at-once") {
    if (!in_sandbox())
        return BROKEN;
    int32_t pid = RAW(SYS_getpid, 0, 0, 0, 0, 0, 0), parent = RAW(SYS_getppid, 0, 0, 0, 0, 0, 0);
    for (int i = 0; i < 20000; i++) {
        while_waiting = second_request;
        int32_t answer = RAW(SYS_getpid, 0, 0, 0, 0, 0, 0);
        while_waiting = NULL;
        if (answer != pid && answer != parent)
            leave(GOT);
    }
    leave(still_works());
}

/* The next request is published before the answer to this one: out of order, or answered as the next. */
ATTACK(early_request, "request-while-answering") {
    if (!in_sandbox())
        return BROKEN;
    WORD(requests, NURSE_REQUEST_NR) = SYS_getpid;
    for (;;) {
        publish();
        publish();
        ring();
    }
}

/* Chrome's legacy sandbox read the number of a call again from memory that the program could write. Here it alternates between
 * a call that is answered and one that would map over the protected area. */
static void flip_number(void) {
    static unsigned turn;
    WORD(requests, NURSE_REQUEST_NR) = turn++ & 1 ? SYS_getpid : SYS_munmap;
}

ATTACK(number_again, "chrome-number-read-again") {
    if (!in_sandbox())
        return BROKEN;
    int answered = 0, refused = 0;
    for (int32_t end = raw_ticks() + 100; raw_ticks() < end;) {
        while_waiting = flip_number;
        int32_t result = RAW(SYS_munmap, at_orders, 0x1000, 0, 0, 0, 0);
        while_waiting = NULL;
        result > 0 ? answered++ : refused++;
        if (result == 0)
            leave(GOT);
    }
    say("answered %d, refused %d\n", answered, refused);
    leave(WORD(orders_base, NURSE_HEADER_MAGIC) == NURSE_MAGIC ? still_works() : GOT);
}

/* ---- lengths and offsets ----------------------------------------------------------------------------------------------- */

/* Chrome's legacy sandbox lost step with lengths that did not match. Every argument's offset and length is wild. */
ATTACK(lengths, "chrome-length-desynchronised") {
    static const uint32_t wild[] = {0, 1, 4, 4096, 4097, 0xffff, NURSE_REQUEST_DATA_SIZE - 1, NURSE_REQUEST_DATA_SIZE,
                                    NURSE_REQUEST_DATA_SIZE + 1, 0x20000, 0x7fffffff, 0x80000000u, 0xfffffff0u, 0xffffffffu};
    static const int numbers[] = {SYS_open, SYS_stat64, SYS_rename, SYS_nanosleep, SYS_setitimer, SYS_epoll_ctl, SYS_rt_sigaction,
                                  SYS_mmap, SYS_prlimit64, SYS_symlink, SYS_sched_setaffinity, SYS_timer_create, 437, SYS_mkdir};
    int tries = 0;
    if (!in_sandbox())
        return BROKEN;
    for (int n = 0; n < COUNT(numbers); n++)
        for (int o = 0; o < COUNT(wild); o++)
            for (int l = 0; l < COUNT(wild); l++, tries++) {
                for (int i = 0; i < 6; i++) {
                    WORD(requests, NURSE_REQUEST_ARG + 4 * i) = 0x1000;
                    WORD(requests, NURSE_REQUEST_OFFSET + 4 * i) = wild[o];
                    WORD(requests, NURSE_REQUEST_LENGTH + 4 * i) = wild[l];
                }
                WORD(requests, NURSE_REQUEST_NR) = numbers[n];
                if (numbers[n] == SYS_nanosleep) /* what it finds there must not be a long time */
                    memset((void *)(requests + NURSE_REQUEST_DATA), 0, NURSE_REQUEST_DATA_SIZE);
                await_raw(publish());
            }
    say("tries %d\n", tries);
    leave(still_works());
}

/* Numbers and arguments at random; what would end or stop the program is left out. argument 1: the seed. */
ATTACK(random_requests, "random-requests") {
    static const int ends[] = {SYS_exit, SYS_exit_group, SYS_pause, SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo,
                               SYS_rt_tgsigqueueinfo, 424, SYS_setrlimit,
                               SYS_prlimit64, SYS_alarm, SYS_setitimer, SYS_timer_create, SYS_timer_settime, 409,
                               SYS_munmap, SYS_mprotect, SYS_mmap, SYS_mmap2, SYS_mremap, SYS_madvise, SYS_brk, SYS_dup2, SYS_dup3,
                               SYS_close, 436, SYS_fallocate, SYS_ftruncate, SYS_ftruncate64, 0x4e550002};
    uint32_t seed = argc > 1 ? (uint32_t)atoi(argv[1]) : 1;
    int tries = 0;
    if (!in_sandbox())
        return BROKEN;
    while (tries < 30000) {
        uint32_t a[6], nr = (seed = seed * 1664525 + 1013904223) >> 23;
        int skip = 0;
        for (int i = 0; i < COUNT(ends); i++)
            skip |= (uint32_t)ends[i] == nr;
        for (int i = 0; i < 6; i++) {
            seed = seed * 1664525 + 1013904223;
            static const uint32_t often[] = {0, 1, 2, 3, 5, 1024, 1029, 0xffffffffu, 0xffffff9cu, 0x80000000u};
            a[i] = seed >> 28 < 10 ? often[seed >> 28] : seed >> 27 & 1 ? seed >> 8 : at_requests + (seed >> 12 & 0xfff0);
            WORD(requests, NURSE_REQUEST_OFFSET + 4 * i) = seed >> 9 & 0x1fff;
            WORD(requests, NURSE_REQUEST_LENGTH + 4 * i) = seed >> 3 & 0x1ff;
            WORD(requests, NURSE_REQUEST_ARG + 4 * i) = a[i];
        }
        if (skip)
            continue;
        WORD(requests, NURSE_REQUEST_DATA + (seed >> 10 & 0x1ffc)) = seed;
        WORD(requests, NURSE_REQUEST_NR) = nr > 480 ? seed : nr;
        WORD(requests, NURSE_INTERRUPT) = WORD(requests, NURSE_REQUEST_SEQ) + 1; /* what would wait, does not */
        await_raw(publish());
        tries++;
    }
    leave(still_works());
}

/* ---- results --------------------------------------------------------------------------------------------------------- */

/* While a descriptor of /dev/null is passed, its number is forged to that of argument 1, which may only be read: the kernel's
 * descriptor is then that file, the helper's book says /dev/null; fchmod of it. */
static void forge_number(void) { WORD(requests, NURSE_SCRATCH + 0x30 + 12) = forged; }

ATTACK(forged_book, "forged-descriptor-number") {
    if (!in_sandbox() || argc < 2)
        return BROKEN;
    int32_t victim = raw_open(argv[1], O_RDONLY, 0), changed = 0;
    forged = (uint32_t)victim;
    for (int i = 0; i < 100 && victim >= 0; i++) {
        while_waiting = forge_number;
        int32_t other = raw_open("/dev/null", O_RDWR, 0);
        while_waiting = NULL;
        if (other < 0)
            break;
        changed += RAW(SYS_fchmod, other, 0777, 0, 0, 0, 0) == 0;
    }
    say("fchmod succeeded %d times\n", changed);
    leave(victim < 0 ? BROKEN : changed ? GOT : still_works());
}

static void forge_result(void) { WORD(requests, NURSE_RESULT + NURSE_RESULT_VALUE) = forged; }

/* Numbers that are no errno: the program may be told nonsense, the helper must go on. */
ATTACK(forged_result, "forged-result") {
    static const uint32_t values[] = {(uint32_t)-5000, 0x80000000u, (uint32_t)-134, 0xffff, 0x7fffffff};
    static const int numbers[][2] = {{SYS_dup2, 7}, {SYS_pipe2, 0}, {SYS_memfd_create, 0}, {SYS_epoll_create1, 0}, {SYS_mmap2, 4096}};
    if (!in_sandbox() || RAW(SYS_dup2, 1, 7, 0, 0, 0, 0) != 7)
        return BROKEN;
    for (int i = 0; i < 300; i++) {
        forged = values[i % COUNT(values)];
        while_waiting = forge_result;
        const int *call = numbers[i % 3 ? 0 : i / 3 % COUNT(numbers)];
        RAW(call[0], call[0] == SYS_mmap2 ? 0 : call[0] == SYS_dup2 ? 1 : (int)at_requests + 0x8000, call[1], 3, 0x22, -1, 0);
        while_waiting = NULL;
    }
    leave(still_works());
}

/* The trustee's result is announced before it is there, for this order and for later ones: were it believed, the helper would
 * overwrite what the order points to while the kernel reads it, and an order would be lost. Each must have its effect. */
static void forge_sequence(void) {
    uint64_t order = *(volatile uint64_t *)(orders + NURSE_ORDER_SEQ);
    *(volatile uint64_t *)(requests + NURSE_RESULT + NURSE_RESULT_SEQ) = order;
    WORD(requests, NURSE_RESULT + NURSE_RESULT_VALUE) = 0;
}

#define ORDERS 4000

/* One byte is moved by each of many orders, with forged ends and forged wake-ups in between; what arrived is counted by the file. */
ATTACK(order_once, "chrome-order-run-twice") {
    if (!in_sandbox())
        return BROKEN;
    int32_t file = raw_open("w/count", O_CREAT | O_RDWR | O_APPEND, 0600);
    int32_t one = raw_open("allowed", O_RDONLY, 0);
    if (file < 0 || one < 0)
        return BROKEN;
    static uint32_t vector[2];
    vector[0] = (uint32_t) "!";
    vector[1] = 1;
    for (int i = 0; i < ORDERS; i++) {
        while_waiting = forge_sequence;
        RAW(SYS_pwritev, file, vector, 1, 0, 0, 0); /* O_APPEND: at the end, whatever the offset */
        while_waiting = NULL;
        ring();
    }
    static uint32_t stat64[24];
    memset(stat64, 0, sizeof stat64);
    RAW(SYS_fstat64, file, stat64, 0, 0, 0, 0);
    uint32_t size = WORD(orders, NURSE_REPLY_DATA + 44); /* struct stat64, st_size */
    say("%u of %d\n", size, ORDERS);
    leave(size == ORDERS ? still_works() : size > ORDERS ? GOT : BROKEN);
}

/* What an order points to is changed by the next one only when it is done: epoll_ctl takes a structure. */
ATTACK(stale_order, "stale-order") {
    if (!in_sandbox())
        return BROKEN;
    int32_t set = RAW(SYS_epoll_create1, 0, 0, 0, 0, 0, 0), wrong = 0;
    static uint32_t pipefd[2], seen[3];
    RAW(SYS_pipe2, pipefd, 0, 0, 0, 0, 0);
    uint32_t event[3] = {4 /* EPOLLOUT */, 0, 0};
    if (set < 0 || raw_with(SYS_epoll_ctl, WORDS(set, 1, pipefd[1], event, 0, 0), 3, event, 12) != 0)
        return BROKEN;
    for (uint32_t i = 1; i < 2000 && !wrong; i++) {
        uint32_t other[3] = {0, 0xbad, 0xbad};
        event[1] = event[2] = i;
        while_waiting = forge_sequence;
        raw_with(SYS_epoll_ctl, WORDS(set, 3, pipefd[1], event, 0, 0), 3, event, 12);
        raw_with(SYS_epoll_ctl, WORDS(set, 3, 0x3ff, other, 0, 0), 3, other, 12);
        while_waiting = NULL;
        if (RAW(SYS_epoll_wait, set, seen, 1, 0, 0, 0) == 1)
            wrong += seen[1] != i;
    }
    say("wrong %d\n", wrong);
    leave(wrong ? GOT : still_works());
}

/* A forged interrupt ends a sleep early, and no more. */
ATTACK(forged_interrupt, "forged-interrupt") {
    if (!in_sandbox())
        return BROKEN;
    struct { int seconds, nanos; } time = {100, 0};
    WORD(requests, NURSE_INTERRUPT) = WORD(requests, NURSE_REQUEST_SEQ) + 1;
    int32_t result = raw_with(SYS_nanosleep, WORDS(&time, 0, 0, 0, 0, 0), 0, &time, 8);
    leave(result < 0 ? still_works() : GOT);
}

/* ---- what only the helper writes ----------------------------------------------------------------------------------------- */

/* Whether a store there is a fault: in a child of longjmp, since libc's handler is the program's own. */
#include <setjmp.h>
static sigjmp_buf back;
static void on_fault(int sig) { siglongjmp(back, sig); }

static int can_store(volatile uint8_t *at) {
    if (sigsetjmp(back, 1))
        return 0;
    uint8_t value = *at;
    *at = value;
    return 1;
}

/* Stores, and calls that let the kernel store: into the orders, the reply, the trustee's code, the vDSO. */
ATTACK(orders_written, "orders-written") {
    if (!in_sandbox())
        return BROKEN;
    volatile uint8_t *at[] = {orders_base, orders_base + NURSE_CODE, orders + NURSE_ORDER_NR, orders + NURSE_REPLY, orders + NURSE_ORDER_DATA, (volatile uint8_t *)at_vdso};
    signal(SIGSEGV, on_fault);
    signal(SIGBUS, on_fault);
    int got = 0, file = open("allowed", O_RDONLY);
    for (int i = 0; i < COUNT(at); i++) {
        uint8_t was = *at[i];
        int by = 0;
        by |= can_store(at[i]);
        by |= (read(file, (void *)at[i], 1) >= 0) << 1;
        by |= (pread(file, (void *)at[i], 1, 0) >= 0) << 2;
        by |= (CALL(SYS_getrandom, at[i], 1, 0) >= 0) << 3;
        by |= (CALL(SYS_futex, requests, 5 /* FUTEX_WAKE_OP */, 1, 1, at[i], 0 /* FUTEX_OP_SET */) >= 0) << 4;
        by |= (CALL(SYS_getcwd, at[i], 4096) >= 0) << 5;
        by |= (CALL(SYS_fstat64, file, at[i]) >= 0) << 6;
        if (by)
            say("place %d: %x\n", i, by);
        got |= by;
        if (*at[i] != was && i != 2 && i != 3 && i != 4) /* those the helper writes, in its own time */
            say("place %d changed\n", i), got = 1;
    }
    return got ? GOT : can_store(requests) ? HELD : BROKEN;
}
