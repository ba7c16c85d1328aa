/*
 * Fuzz target: the gate and what stands behind it (gate.c, vectors.c, masks.c, actions.c, delivery.c). The input is a hostile
 * program: its calls, what its memory holds, the signals that it gets and when; and a kernel and a helper that answer
 * anything that they may. Whatever it does, the gate copies nothing past its part of the lane, describes nothing else to the
 * helper, indexes nothing past its tables, never blocks a signal that carries an event of ours, and comes back. 32 bits.
 */
#include <setjmp.h>
#include "untrustee.h"

void *memset(void *at, int value, __SIZE_TYPE__ size);
void abort(void);

#define PROGRAM 0x10000000u /* where the program believes that its memory is */
#define STACK (PROGRAM + 0x1800)
static u8 program[1 << 13];
static u8 orders[NURSE_ORDERS_LANE_SIZE], requests[NURSE_REQUESTS_LANE_SIZE];
static u8 fpu[2048];
static u32 stack_top;

static const u8 *input, *input_end;
static u64 kernel_mask;
static u32 answered, delivering;
static jmp_buf ended;

static u8 byte(void) { return input < input_end ? *input++ : 0; }

/* reach() tells our own memory from the program's by the address. No pointer of the program's may hit ours here, and a fuzzer
 * guided by comparisons learns where it is; so the program has no word with bit 30 set: ours lies at 0x56555000 and above. */
#define NOT_OURS 0xbfu
static u32 word(void) {
    u32 low = byte(), high = byte();
    return low | high << 8 | (u32)byte() << 16 | (u32)(byte() & NOT_OURS) << 24;
}

static int within(u32 at, u32 length, u32 base, u32 size) {
    return length <= size && at - base <= size - length;
}

/* What stands there, or NULL where the kernel would say that nothing does. */
static u8 *reach(u32 at, u32 length) {
    if (within(at, length, PROGRAM, sizeof program))
        return program + (at - PROGRAM);
    if (at - address(requests) < sizeof requests) {
        if (!within(at, length, address(requests) + NURSE_REQUEST_DATA, NURSE_REQUEST_DATA_SIZE))
            abort();
        return pointer(at);
    }
    if (at - address(orders) < sizeof orders) {
        if (!within(at, length, address(orders) + NURSE_REPLY_DATA, NURSE_REPLY_DATA_SIZE))
            abort();
        return pointer(at);
    }
    if (within(at, length, address(__builtin_frame_address(0)), stack_top - address(__builtin_frame_address(0))) ||
        within(at, length, address(fpu), sizeof fpu))
        return pointer(at);
    return NULL;
}

s32 nurse_copy(void *to, const void *from, u32 length) {
    u8 *target = reach(address(to), length);
    const u8 *source = reach(address(from), length);
    u32 i;

    if (length == 0)
        return 0;
    if (!target || !source)
        return -1;
    for (i = 0; i < length; i++)
        target[i] = source[i];
    return 0;
}

s32 nurse_copy_string(void *to, const void *from, u32 limit) {
    u32 i;

    for (i = 0; i < limit; i++) {
        u8 *target = reach(address(to) + i, 1), *source = reach(address(from) + i, 1);
        if (!target || !source)
            return -1;
        *target = *source;
        if (!*target)
            return (s32)i + 1;
    }
    return (s32)limit;
}

/* gate.S: only where they are is looked at. */
u8 nurse_copy_start[8], nurse_copy_end[8], nurse_copy_fault[8], nurse_interruptible_end[8], nurse_interruptible_abort[8];
u8 nurse_deliver_trap[8], nurse_return_trap[8], nurse_finish[8], nurse_finish_check[8], nurse_finish_end[8];
void nurse_handler(void) {}
void nurse_gate_entry(void) {}
int nurse_is_call_site(u32 eip) { return eip == PROGRAM + 8; }
s32 nurse_syscall6(u32 nr, u32 a, u32 b, u32 c, u32 d, u32 e, u32 f) {
    (void)nr, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f;
    return 0;
}
static void check_mask(u64 mask) {
    if (mask & NURSE_OURS)
        abort();
}
void nurse_set_mask(u32 low, u32 high) {
    kernel_mask = low | (u64)high << 32;
    check_mask(kernel_mask);
}

#include "gate.c"
#include "vectors.c"
#define tell_kernel tell_kernel_mask
#include "masks.c"
#undef tell_kernel
#include "actions.c"
#include "delivery.c"

/* The kernel delivers a signal, if the mask that it was told lets it: regs are what it interrupts. */
static void arrives(u32 sig, s32 code, struct sigcontext *regs) {
    static struct rt_sigframe frame;
    static struct sigframe out;

    sig = sig % NSIG + 1;
    if (delivering || (NURSE_BIT(sig) & (kernel_mask | NURSE_UNBLOCKABLE)))
        return;
    memset(&frame, 0, sizeof frame);
    frame.sig = frame.info.signo = (s32)sig;
    frame.info.code = code;
    frame.uc.mcontext = *regs;
    frame.uc.sigmask[0] = (u32)kernel_mask;
    frame.uc.sigmask[1] = (u32)(kernel_mask >> 32);
    delivering = 1;
    nurse_on_signal(&frame);
    if (frame.uc.mcontext.fpstate != address(fpu)) /* of a frame that the program made: read at its own risk */
        frame.uc.mcontext.fpstate = 0;
    nurse_prepare_return(&frame, &out);
    delivering = 0;
    kernel_mask = out.sc.oldmask | (u64)out.extramask << 32;
    check_mask(kernel_mask);
    *regs = out.sc;
}

/* Signals that somebody sends while the gate is at work. */
static void interrupt(void) {
    struct sigcontext regs = {.esp = STACK};
    u8 sig = byte();

    if (sig & 0x80)
        arrives(sig & 0x7f, 0, &regs);
}

/* The helper believes nothing either; but what an honest gate tells it lies where it says. */
static void answer(void) {
    const u8 *request = requests + NURSE_REQUEST;
    u8 *reply = orders + NURSE_REPLY;
    u32 copies = byte() % (NURSE_REPLY_COPIES_MAX + 1), i, sequence = read_u32(request + NURSE_REQUEST_SEQ);

    if (sequence == answered)
        return;
    for (i = 0; i < 6; i++)
        if (!within(read_u32(request + NURSE_REQUEST_OFFSET + 4 * i), read_u32(request + NURSE_REQUEST_LENGTH + 4 * i), 0,
                    NURSE_REQUEST_DATA_SIZE))
            abort();
    write_u32(reply + NURSE_REPLY_COPIES, copies);
    for (i = 0; i < copies; i++) {
        u8 *copy = reply + NURSE_REPLY_COPY + i * NURSE_REPLY_COPY_SIZE;
        u32 to = read_u32(request + NURSE_REQUEST_ARG + 4 * (byte() % 6));
        u32 length = within(to, 0, PROGRAM, sizeof program) ? byte() * 8u : 8; /* what the gate itself asks for has 8 bytes */
        write_u32(copy, to);
        write_u32(copy + 4, NURSE_REPLY_DATA_SIZE - length);
        write_u32(copy + 8, length);
    }
    write_u32(reply + NURSE_REPLY_RESULT, (u32)(s32)(int8_t)byte() << (byte() & 8));
    write_u32(reply + NURSE_REPLY_SEQ, sequence);
    answered = sequence;
}

s32 nurse_native(u32 nr, u32 a, u32 b, u32 c) {
    (void)b, (void)c;
    if (nr == NURSE_NR_exit)
        longjmp(ended, 1);
    interrupt();
    if (nr == NURSE_NR_write && a == NURSE_FD_BELL_HELPER && (byte() & 1)) {
        answer();
    } else if (nr == NURSE_NR_read && a == NURSE_FD_BELL_UNTRUSTEE) {
        if (byte() == 0xff)
            return 0;
        answer();
    }
    return 1;
}

s32 nurse_interruptible(u32 nr, u32 a, u32 b, u32 c) {
    s32 result = (s32)(byte() | (u32)byte() << 8) - 256;
    u8 *data;

    (void)a;
    interrupt();
    if (nurse_deliverable())
        return -NURSE_RESTART;
    if (result < 0)
        return result;
    result = (u32)result < c ? result : (s32)c;
    data = reach(b, (u32)result);
    if (!data)
        return -EFAULT;
    if (nr == NURSE_NR_read)
        memset(data, byte() & NOT_OURS, (u32)result);
    return result;
}

/* Those that the gate does more about than to pack them: a fuzzer that has to find their numbers seldom gets further. */
static const u16 own[] = {
    NURSE_NR_read, NURSE_NR_write, NURSE_NR_readv, NURSE_NR_writev, NURSE_NR_rt_sigaction, NURSE_NR_sigaction,
    NURSE_NR_signal, NURSE_NR_rt_sigprocmask, NURSE_NR_sigprocmask, NURSE_NR_ssetmask, NURSE_NR_rt_sigpending,
    NURSE_NR_rt_sigsuspend, NURSE_NR_rt_sigtimedwait, NURSE_NR_sigaltstack, NURSE_NR_ppoll, NURSE_NR_pselect6,
    NURSE_NR_kill, NURSE_NR_epoll_pwait, NURSE_NR_sendmsg, NURSE_NR_openat2};

static void call(void) {
    struct gate_regs regs = {.eax = byte()};
    u32 i;

    regs.eax = regs.eax < sizeof own / sizeof *own ? own[regs.eax] : regs.eax | (u32)byte() << 8;
    for (i = 0; i < 6; i++) {
        u8 kind = byte();
        regs.arg[i] = kind < 0x80 ? kind : kind < 0xff ? PROGRAM + (kind & 0x7fu) * 16 : word();
    }
    nurse_gate(&regs, address(&regs));
    if (!nurse_deliverable() && nurse_lane.has_saved_mask)
        abort();
}

/* A signal while the program's own code runs: sent, or by what it does, such as the breakpoint behind its handler. */
static void event(struct sigcontext *regs) {
    const u32 places[] = {address(nurse_deliver_trap), address(nurse_return_trap), PROGRAM + 8, PROGRAM + (byte() & 0xf)};
    u32 kind = byte(), sig = byte();
    s32 code = (int8_t)byte();

    if (kind & 1)
        regs->esp = PROGRAM + (u32)byte() * 32;
    if (kind & 2)
        regs->fpstate = address(fpu);
    if (kind & 4)
        *(u32 *)(void *)(fpu + FPSTATE_SW_MAGIC) = FP_XSTATE_MAGIC1;
    if (kind & 8)
        regs->eax = (u32)-NURSE_RESTART;
    if (kind & 16)
        regs->ebx = word();
    if (kind & 32) {
        sig = SIGTRAP - 1;
        code = 0x80; /* SI_KERNEL */
        regs->eip = places[kind >> 6] + 1;
    } else if (kind & 64) {
        sig = kind & 128 ? SIGSEGV - 1 : SIGSYS - 1;
        code = SYS_SECCOMP;
    }
    arrives(sig, code, regs);
}

static void store(void) {
    u32 at = byte() * 16u, length = byte() & 0x3f;
    u8 *to = byte() & 1 ? fpu : program;

    for (at %= 1024; length; length--, at++)
        to[at] = at % 4 == 3 ? byte() & NOT_OURS : byte();
}

static void run(void) {
    struct sigcontext regs = {.esp = STACK, .eip = PROGRAM};
    u32 steps;

    for (steps = 0; input < input_end && steps < 64; steps++) {
        switch (byte() % 4) {
        case 0:
        case 1:
            call();
            break;
        case 2:
            event(&regs);
            break;
        default:
            store();
        }
        if (nurse_lane.busy || (nurse_lane.mask & NURSE_UNBLOCKABLE))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const u8 *data, __SIZE_TYPE__ size);
int LLVMFuzzerTestOneInput(const u8 *data, __SIZE_TYPE__ size) {
    stack_top = address(__builtin_frame_address(0)) + 64;
    input = data;
    input_end = data + size;
    memset(&nurse_lane, 0, sizeof nurse_lane);
    nurse_lane.orders = orders;
    nurse_lane.requests = requests;
    nurse_lane.without_counter = 1;
    memset(program, 0, sizeof program);
    memset(fpu, 0, sizeof fpu);
    memset(orders, 0, NURSE_ORDER_DATA);
    memset(requests, 0, NURSE_REQUEST_DATA);
    memset(actions, 0, sizeof actions);
    memset(infos, 0, sizeof infos);
    memset(&altstack, 0, sizeof altstack);
    held = kernel_mask = answered = delivering = 0;
    nurse_put_off = 0;
    write_u32(orders + NURSE_ORDER_HELPER_SLEEPS, 1);
    if (!setjmp(ended))
        run();
    return 0;
}
