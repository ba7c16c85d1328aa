/*
 * The gate: what becomes of a system call of the program.
 *
 * Who runs it: the untrustee, from its libc's `call *%gs:0x10` and from the SIGTRAP or SIGSYS handler for direct calls.
 * It may touch its lane's request area and, through nurse_copy only, what the program's pointers point to. It decides
 * nothing that safety rests on: a program that skips it and writes the lane itself gets the same answers.
 */
#include "untrustee.h"

#define STRING_LIMIT 4097 /* PATH_MAX and a byte to see that it was longer */

/* What cannot be read has no length. The helper says EFAULT when it needs the argument: the kernel may have found another
 * mistake before, and may not look at the pointer at all. */
static int pack(u32 kind, u32 size, const u32 arg[6], u32 i, u32 used, u32 *length) {
    u8 *to = nurse_lane.requests + NURSE_REQUEST_DATA + used;
    u32 room = NURSE_REQUEST_DATA_SIZE - used;
    s32 copied;

    *length = 0;
    if (kind == NURSE_PACK_NONE || arg[i] == 0)
        return 0;
    if (kind == NURSE_PACK_PATH) {
        copied = nurse_copy_string(to, pointer(arg[i]), room < STRING_LIMIT ? room : STRING_LIMIT);
        *length = copied < 0 ? 0 : (u32)copied;
        return 0;
    }
    if (kind == NURSE_PACK_SIZED) {
        size = arg[size];
    } else if (kind == NURSE_PACK_COUNTED) {
        u32 count = arg[NURSE_COUNTED_ARG(size)], bytes = NURSE_COUNTED_BYTES(size);
        if (count > room / bytes)
            return -EINVAL;
        size = count * bytes;
    }
    if (size > room)
        return -EINVAL;
    *length = nurse_copy(to, pointer(arg[i]), size) ? 0 : size;
    return 0;
}

static void ring_helper(void) { nurse_native(NURSE_NR_write, NURSE_FD_BELL_HELPER, address(nurse_lane.requests), 1); }

/* Ends the thread by exit(1), the one end that SECCOMP mode 1 allows; the helper sees it and ends the rest. */
void nurse_leave(u32 status) {
    for (;;)
        nurse_native(NURSE_NR_exit, status, 0, 0);
}

/* Looks for the reply as long as the helper says that this pays, which may change meanwhile (Patience.java). */
static void await_reply(u32 sequence) {
    const u8 *spin = nurse_lane.orders + NURSE_REPLY_SPIN;
    const u8 *reply = nurse_lane.orders + NURSE_REPLY + NURSE_REPLY_SEQ;
    u8 *sleeps = nurse_lane.requests + NURSE_UNTRUSTEE_SLEEPS;
    u8 rings[16];
    u32 i;
    s32 got;

    for (i = 0; i <= read_u32(spin); i++) {
        if (read_u32(reply) == sequence)
            return;
        __builtin_ia32_pause();
    }
    for (;;) {
        write_u32(sleeps, 1);
        full_fence(); /* the helper stores its reply, then reads `sleeps`: one of the two sees the other */
        if (read_u32(reply) == sequence)
            break;
        got = nurse_native(NURSE_NR_read, NURSE_FD_BELL_UNTRUSTEE, address(rings), sizeof rings);
        if (got == 0) /* end of file: the helper is gone, and there is nobody left to ask */
            nurse_leave(125);
    }
    write_u32(sleeps, 0);
}

static s32 copy_out(s32 result) {
    const u8 *reply = nurse_lane.orders + NURSE_REPLY;
    u32 count = read_u32(reply + NURSE_REPLY_COPIES);
    u32 i;

    for (i = 0; i < count && i < NURSE_REPLY_COPIES_MAX; i++) {
        const u8 *copy = reply + NURSE_REPLY_COPY + i * NURSE_REPLY_COPY_SIZE;
        if (nurse_copy(pointer(read_u32(copy)), nurse_lane.orders + NURSE_REPLY_DATA + read_u32(copy + 4),
                       read_u32(copy + 8)))
            return -EFAULT;
    }
    return result;
}

/* One call to the helper and its answer. how: which arguments to copy into the lane, or NULL for none. */
s32 nurse_request(u32 nr, const u32 arg[6], const struct nurse_call *how) {
    u8 *request = nurse_lane.requests + NURSE_REQUEST;
    u32 used = 0, i, length;
    s32 result = 0;

    nurse_lane.busy++;
    for (i = 0; i < 6; i++) {
        result = pack(how ? how->pack[i] : NURSE_PACK_NONE, how ? how->size[i] : 0, arg, i, used, &length);
        if (result)
            break;
        write_u32(request + NURSE_REQUEST_ARG + 4 * i, arg[i]);
        write_u32(request + NURSE_REQUEST_OFFSET + 4 * i, used);
        write_u32(request + NURSE_REQUEST_LENGTH + 4 * i, length);
        used += (length + 3) & ~3u;
    }
    if (result == 0) {
        u32 sequence = ++nurse_lane.sequence;
        if (nurse_deliverable() | (nurse_lane.pending & nurse_lane.waited)) /* came before the request had its number */
            write_u32(nurse_lane.requests + NURSE_INTERRUPT, sequence);
        write_u32(request + NURSE_REQUEST_NR, nr);
        write_u32(request + NURSE_REQUEST_SEQ, sequence); /* release: all above is there for who sees this */
        full_fence();
        if (read_u32(nurse_lane.orders + NURSE_ORDER_HELPER_SLEEPS))
            ring_helper();
        await_reply(sequence);
        result = copy_out((s32)read_u32(nurse_lane.orders + NURSE_REPLY + NURSE_REPLY_RESULT));
    }
    nurse_lane.busy--;
    return result;
}

/* A signal that the program sent to itself is there before the call that sent it returns (kill(2)): the kernel has
 * noted it for this thread, and looks at its note at the end of any call. */
static s32 send_signal(u32 nr, const u32 a[6]) {
    s32 result = nurse_request(nr, a, &nurse_calls[nr]);
    nurse_native(NURSE_NR_read, 0xffffffffu, 0, 0);
    return result;
}

/* pselect6's last argument points to { u32 set, u32 size }. */
static s32 pselect6(u32 nr, const u32 a[6]) {
    u32 given[2] = {0, 0};

    if (a[5] && nurse_copy(given, pointer(a[5]), sizeof given))
        return -EFAULT;
    return nurse_with_mask(nr, a, given[0], given[1]);
}

/* What belongs to this thread. The trap lock's filter allows it; under mode 1 it was done before the lock, by ld.so. */
static s32 own_call(u32 nr, const u32 a[6]) {
    return nurse_lane.strict ? -nurse_calls[nr].refuse_errno : nurse_syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* sp: the program's stack pointer at the call. */
static s32 gate_call(u32 nr, const u32 a[6], u32 sp) {
    switch (nr) {
    case NURSE_NR_read:
    case NURSE_NR_write:
        return nurse_interruptible(nr, a[0], a[1], a[2]);
    case NURSE_NR_readv:
        return nurse_readv(a[0], a[1], a[2]);
    case NURSE_NR_writev:
        return nurse_writev(a[0], a[1], a[2]);
    case NURSE_NR_rt_sigaction:
        return nurse_rt_sigaction(a[0], pointer(a[1]), pointer(a[2]), a[3]);
    case NURSE_NR_sigaction:
        return nurse_sigaction(a[0], pointer(a[1]), pointer(a[2]));
    case NURSE_NR_signal:
        return nurse_signal(a[0], a[1]);
    case NURSE_NR_rt_sigprocmask:
        return nurse_rt_sigprocmask(a[0], pointer(a[1]), pointer(a[2]), a[3]);
    case NURSE_NR_sigprocmask:
        return nurse_sigprocmask(a[0], pointer(a[1]), pointer(a[2]));
    case NURSE_NR_sgetmask:
        return (s32)(u32)nurse_lane.mask;
    case NURSE_NR_ssetmask: {
        u32 before = (u32)nurse_lane.mask;
        nurse_change_mask(a[0]);
        return (s32)before;
    }
    case NURSE_NR_rt_sigpending:
        return nurse_rt_sigpending(pointer(a[0]), a[1]);
    case NURSE_NR_sigpending:
        return nurse_rt_sigpending(pointer(a[0]), 4);
    case NURSE_NR_rt_sigsuspend:
        return nurse_rt_sigsuspend(pointer(a[0]), a[1]);
    case NURSE_NR_sigsuspend: /* the mask is the third argument (kernel/signal.c, CONFIG_OLD_SIGSUSPEND3) */
        return nurse_sigsuspend(a[2]);
    case NURSE_NR_pause:
        return nurse_sigsuspend(nurse_lane.mask);
    case NURSE_NR_rt_sigtimedwait:
    case NURSE_NR_rt_sigtimedwait_time64:
        return nurse_rt_sigtimedwait(nr, a);
    case NURSE_NR_sigaltstack:
        return nurse_sigaltstack(pointer(a[0]), pointer(a[1]), sp);
    case NURSE_NR_ppoll:
    case NURSE_NR_ppoll_time64:
        return nurse_with_mask(nr, a, a[3], a[4]);
    case NURSE_NR_epoll_pwait:
    case NURSE_NR_epoll_pwait2:
        return nurse_with_mask(nr, a, a[4], a[5]);
    case NURSE_NR_pselect6:
    case NURSE_NR_pselect6_time64:
        return pselect6(nr, a);
    case NURSE_NR_kill:
    case NURSE_NR_tkill:
    case NURSE_NR_tgkill:
    case NURSE_NR_rt_sigqueueinfo:
    case NURSE_NR_rt_tgsigqueueinfo:
        return send_signal(nr, a);
    case NURSE_NR_restart_syscall: /* nothing of ours is to be restarted: what was interrupted has ended with EINTR */
        return -EINTR;
    case NURSE_NR_set_robust_list: /* robust futexes are for who dies holding one; a single thread has no other */
        return a[1] == 12 ? 0 : -EINVAL;
    default:
        if (nr < NURSE_NR_COUNT && nurse_calls[nr].class_ == NURSE_CLASS_OWN)
            return own_call(nr, a);
        return nurse_request(nr, a, nr < NURSE_NR_COUNT ? &nurse_calls[nr] : NULL);
    }
}

/* Leaves the result in regs->eax. Not 0: a handler of the program's is to run before the call returns. sp: the program's
 * stack pointer at the call; the gate itself may run on a stack of ours, in the handler of SIGSYS. */
u32 nurse_gate(struct gate_regs *regs, u32 sp) {
    s32 result;

    nurse_lane.busy++;
    do
        result = gate_call(regs->eax, regs->arg, sp);
    while (result == -NURSE_RESTART && !nurse_deliverable());
    if (result == -NURSE_RESTART)
        nurse_lane.restart = regs->eax;
    regs->eax = (u32)result;
    if (nurse_lane.has_saved_mask && !nurse_deliverable()) {
        nurse_lane.has_saved_mask = 0;
        nurse_change_mask(nurse_lane.saved_mask);
    }
    nurse_lane.busy--;
    return nurse_deliverable() != 0;
}
