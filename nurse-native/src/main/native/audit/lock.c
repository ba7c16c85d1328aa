/*
 * The lock: shared memory, trustee, handlers, handshake, SECCOMP, and the first request, which is answered when the helper
 * has looked at the process from outside (LockCheck.java).
 *
 * Who runs it: the main thread, not locked yet, then the untrustee. Under trap our own launcher calls it, before anything of
 * the program is mapped; under strict la_version does, from within ld.so. Every failure ends the process with a message:
 * there is no way to return from here unlocked.
 */
#include "untrustee.h"

#define ALL_SIGNALS 0xffffffffu
#define TRUSTEE_FLAGS (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)
#define SEALED_ORDERS 1u
#define SEALED_REQUESTS 2u
#define SEALED_VDSO 4u
#define PUSHES 0x555251u /* push %ecx; push %edx; push %ebp: how __kernel_vsyscall begins, little endian */

struct region {
    u32 start, size;
};

static u32 call(u32 nr, u32 a, u32 b, u32 c) { return (u32)nurse_syscall6(nr, a, b, c, 0, 0, 0); }

static int failed(u32 result) { return result > 0xfffff000u; }

static u32 length_of(const char *text) {
    u32 n = 0;
    while (text[n])
        n++;
    return n;
}

static void say(const char *what) {
    static const char prefix[] = "nurse: the sandbox could not be locked, so the program was not started: ";
    call(NURSE_NR_write, 2, address(prefix), sizeof prefix - 1);
    call(NURSE_NR_write, 2, address(what), length_of(what));
    call(NURSE_NR_write, 2, address("\n"), 1);
}

static void die(const char *what) __attribute__((noreturn));
static void die(const char *what) {
    say(what);
    for (;;)
        call(NURSE_NR_exit_group, 125, 0, 0);
}

static u32 map_shared(u32 fd, u32 size, u32 protection) {
    return (u32)nurse_syscall6(NURSE_NR_mmap2, 0, size, protection, MAP_SHARED, fd, 0);
}

static int seal(struct region region) { return call(NURSE_NR_mseal, region.start, region.size, 0) == 0; }

/* Maps both memfds; how many lanes there are is in the header. */
static void map_memory(struct region *orders, struct region *requests) {
    u32 header = map_shared(NURSE_FD_ORDERS, NURSE_HEADER_SIZE, PROT_READ);
    u32 lanes, lock;

    if (failed(header))
        die("the orders memory cannot be mapped");
    if (read_u32((u8 *)pointer(header) + NURSE_HEADER_MAGIC) != NURSE_MAGIC ||
        read_u32((u8 *)pointer(header) + NURSE_HEADER_VERSION) != NURSE_LAYOUT_VERSION)
        die("the helper speaks another version of the memory layout than this code; both must come from one build");
    lock = read_u32((u8 *)pointer(header) + NURSE_HEADER_LOCK);
    if (lock != NURSE_LOCK_STRICT && lock != NURSE_LOCK_TRAP)
        die("the helper asks for a lock that this code does not have");
    nurse_lane.strict = lock == NURSE_LOCK_STRICT;
    lanes = read_u32((u8 *)pointer(header) + NURSE_HEADER_LANES);
    call(NURSE_NR_munmap, header, NURSE_HEADER_SIZE, 0);

    orders->size = NURSE_ORDERS_LANES + lanes * NURSE_ORDERS_LANE_SIZE;
    orders->start = map_shared(NURSE_FD_ORDERS, orders->size, PROT_READ);
    requests->size = lanes * NURSE_REQUESTS_LANE_SIZE;
    requests->start = map_shared(NURSE_FD_REQUESTS, requests->size, PROT_READ | PROT_WRITE);
    if (failed(orders->start) || failed(requests->start))
        die("the shared memory cannot be mapped");
    if (call(NURSE_NR_mprotect, orders->start + NURSE_CODE, NURSE_CODE_SIZE, PROT_READ | PROT_EXEC))
        die("the trustee's code cannot be made executable (is a security module in the way?)");
}

static u32 start_trustee(u32 lane_orders, u32 code, u64 blocked) {
    u32 all[2] = {ALL_SIGNALS, ALL_SIGNALS};
    u64 mask;
    s32 tid;

    /* The new thread inherits the mask: it must never run a handler, for a handler has a stack. */
    if (nurse_syscall6(NURSE_NR_rt_sigprocmask, SIG_SETMASK, address(all), 0, 8, 0, 0))
        die("signals cannot be blocked");
    /* When this thread ends, the kernel wakes who sleeps on this word: the trustee, which tells the helper. Nobody reads
     * what set_tid_address(2) is for: who could join the first thread of a process waits for another futex. */
    call(NURSE_NR_set_tid_address, lane_orders + NURSE_ORDER_SEQ, 0, 0);
    tid = nurse_clone(TRUSTEE_FLAGS, pointer(lane_orders), pointer(code));
    if (tid < 0)
        die("the trustee's thread cannot be started (is a limit on processes reached?)");
    nurse_lane.mask = blocked & ~NURSE_UNBLOCKABLE; /* what the program was started with stays (execve(2)) */
    mask = nurse_kernel_mask(nurse_lane.mask);
    if (nurse_syscall6(NURSE_NR_rt_sigprocmask, SIG_SETMASK, address(&mask), 0, 8, 0, 0))
        die("signals cannot be unblocked");
    return (u32)tid;
}

/* The int $0x80 of the vDSO's entry, which is there for restarts (arch/x86/entry/vdso/vdso32/system_call.S); or 0. */
static u32 int80_of(u32 vsyscall) {
    u32 at;
    for (at = vsyscall; at < vsyscall + 32; at++)
        if (*(const u8 *)pointer(at) == 0xcd && *(const u8 *)pointer(at + 1) == 0x80)
            return at;
    return 0;
}

/* The jump for read and write: to the vDSO's entry, which %gs:0x10 pointed to. */
static void aim_native_jump(u32 vsyscall) {
    u32 at = address(nurse_native_jump), page = at & ~4095u;
    u32 length = at + 5 - page > 4096 ? 8192 : 4096;
    u32 int80 = int80_of(vsyscall);

    nurse_lane.native_int80 = address(nurse_int80);
    nurse_sigreturn_entry = address(nurse_sigreturn_int80);
    if (!int80 || call(NURSE_NR_mprotect, page, length, PROT_READ | PROT_WRITE | PROT_EXEC))
        return; /* int $0x80 does the same, slower */
    *(u32 *)(void *)(nurse_native_jump + 1) = vsyscall - (at + 5);
    nurse_lane.native_int80 = int80;
    if ((*(const u32 *)pointer(vsyscall) & 0xffffff) == PUSHES)
        nurse_sigreturn_entry = vsyscall + 3;
    call(NURSE_NR_mprotect, page, length, PROT_READ | PROT_EXEC);
}

/* What AT_EXECFN is to point to: the kernel's own string there names the launcher. */
static u8 program_name[PATH_MAX];

static void shake_hands(const struct region *orders, const struct region *requests, const struct region *vdso,
                        u32 vsyscall, u32 trustee, u32 traps, u32 sealed, const u32 *stack) {
    u32 hello[NURSE_HELLO_SIZE / 4] = {
        [NURSE_HELLO_MAGIC / 4] = NURSE_MAGIC,         [NURSE_HELLO_VERSION / 4] = NURSE_LAYOUT_VERSION,
        [NURSE_HELLO_ORDERS / 4] = orders->start,      [NURSE_HELLO_REQUESTS / 4] = requests->start,
        [NURSE_HELLO_TRUSTEE / 4] = trustee,           [NURSE_HELLO_VDSO / 4] = vdso->start,
        [NURSE_HELLO_VDSO_SIZE / 4] = vdso->size,      [NURSE_HELLO_TRAPS / 4] = traps,
        [NURSE_HELLO_SEALED / 4] = sealed,             [NURSE_HELLO_VSYSCALL / 4] = vsyscall,
        [NURSE_HELLO_STACK / 4] = address(stack),      [NURSE_HELLO_GATE / 4] = address((void *)nurse_gate_entry),
        [NURSE_HELLO_NAME / 4] = address(program_name),
    };
    u32 answer = 0;

    if (call(NURSE_NR_write, NURSE_FD_CONTROL, address(hello), sizeof hello) != sizeof hello)
        die("the helper does not take the handshake");
    if (call(NURSE_NR_read, NURSE_FD_CONTROL, address(&answer), sizeof answer) != sizeof answer || answer != 1)
        call(NURSE_NR_exit_group, 125, 0, 0); /* the helper says why */
}

/* Under trap program and loader are mapped later, by orders, and stay open until then. */
static void close_what_was_for_the_start(void) {
    call(NURSE_NR_close, NURSE_FD_ORDERS, 0, 0);
    call(NURSE_NR_close, NURSE_FD_REQUESTS, 0, 0);
    call(NURSE_NR_close, NURSE_FD_AUDIT, 0, 0);
    call(NURSE_NR_close, nurse_lane.strict ? NURSE_FD_PROGRAM : NURSE_FD_RULES, 0, 0); /* strict: execve(2) closed the rules */
}

/* What a direct call meets under SECCOMP mode 1, and what leaves the vDSO without its clock. */
static u32 prepare_strict(const void *inside_loader, const struct region *vdso) {
    u32 traps = nurse_trap_loader(inside_loader);

    nurse_lane.without_counter = 1;
    if (nurse_redirect_vdso(vdso->start, vdso->size))
        die("the vDSO's clock functions cannot be redirected");
    if (!traps)
        die("the dynamic linker's text cannot be changed (is a security module in the way?)");
    return traps;
}

/* What a run is to have in common with every other one, as far as it is not an answer of the helper's. Under trap the helper
 * writes the random bytes, before ld.so reads them. */
static void prepare_repeat(const void *inside_loader, const u8 *header, const struct region *vdso) {
    u32 what = read_u32(header + NURSE_HEADER_REPEAT);

    if ((what & NURSE_REPEAT_TIME) && !nurse_lane.strict &&
        (nurse_redirect_vdso(vdso->start, vdso->size) || nurse_fix_counter()))
        die("time cannot be fixed: the vDSO's clock functions or rdtsc cannot be redirected");
    if (inside_loader && (what & NURSE_REPEAT_RANDOM) && nurse_fix_random(inside_loader, header + NURSE_HEADER_RANDOM))
        die("random cannot be fixed: AT_RANDOM is not where ld.so's __libc_stack_end leads");
}

/* What it allows is in the table of calls; all else raises SIGSYS (Filter.java). 64-bit code, x32 included, has another
 * architecture there and other numbers (seccomp(2)): no honest 32-bit program gets there, so it is killed as mode 1 kills. */
static u32 put_on_filter(u32 header) {
    struct sock_fprog program = {(u16)read_u32((u8 *)pointer(header) + NURSE_HEADER_FILTER), 0,
                                 pointer(header + NURSE_HEADER_FILTER_CODE)};
    return call(NURSE_NR_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, address(&program));
}

s32 nurse_lock(u32 vsyscall, const void *inside_loader, const u32 *stack) {
    static const u32 none[6];
    struct region orders, requests, vdso;
    u32 trustee, traps = 0, sealed = 0;
    s32 answer;

    map_memory(&orders, &requests);
    nurse_lane.orders = (u8 *)pointer(orders.start) + NURSE_ORDERS_LANES;
    nurse_lane.requests = pointer(requests.start);
    call(NURSE_NR_prctl, PR_SET_NAME, orders.start + NURSE_HEADER_NAME, 0);
    nurse_lane.native_futex =
        !nurse_lane.strict && (read_u32((u8 *)pointer(orders.start) + NURSE_HEADER_NATIVE) & NURSE_NATIVE_FUTEX);
    nurse_set_origin(read_u32((u8 *)pointer(orders.start) + NURSE_HEADER_ORIGIN));

    aim_native_jump(vsyscall);
    vdso.start = nurse_find_vdso(vsyscall, &vdso.size);
    if (nurse_lane.strict)
        traps = prepare_strict(inside_loader, &vdso);
    prepare_repeat(inside_loader, pointer(orders.start), &vdso);
    nurse_install_handlers(*(const u64 *)pointer(orders.start + NURSE_HEADER_IGNORED));
    trustee = start_trustee(address(nurse_lane.orders), orders.start + NURSE_CODE,
                            *(const u64 *)pointer(orders.start + NURSE_HEADER_BLOCKED));
    close_what_was_for_the_start();
    sealed |= seal(orders) ? SEALED_ORDERS : 0;
    sealed |= seal(requests) ? SEALED_REQUESTS : 0;
    sealed |= seal(vdso) ? SEALED_VDSO : 0;

    shake_hands(&orders, &requests, &vdso, vsyscall, trustee, traps, sealed, stack);
    if (nurse_lane.strict ? call(NURSE_NR_prctl, PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0) : put_on_filter(orders.start))
        die("SECCOMP is not available (CONFIG_SECCOMP, CONFIG_SECCOMP_FILTER), or a filter is already on this process");

    /* From here on the kernel allows what the lock allows, and no more. */
    answer = nurse_request(NURSE_CALL_LOCKED, none, NULL);
    if (failed((u32)answer)) {
        say("what it begins with cannot be written into its memory (has its file changed meanwhile?)");
        nurse_leave(125); /* exit_group(2) is the trustee's now */
    }
    return answer;
}

/* gcc may call these for structures (GCC manual, "Standards": a freestanding environment provides them). */
__attribute__((visibility("hidden"))) void *memcpy(void *to, const void *from, size_t length);
void *memcpy(void *to, const void *from, size_t length) {
    void *result = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(length) : : "memory");
    return result;
}

__attribute__((visibility("hidden"))) void *memset(void *at, int value, size_t length);
void *memset(void *at, int value, size_t length) {
    void *result = at;
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(length) : "a"(value) : "memory");
    return result;
}
