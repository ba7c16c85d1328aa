/*
 * Which signals may come, which have come, and waiting for one: sigprocmask(2), sigpending(2), sigsuspend(2),
 * sigtimedwait(2), and the masks of ppoll(2) and its kin.
 *
 * Who runs it: the untrustee, within the gate: a signal that comes meanwhile is put off to the gate's end (delivery.c).
 * The mask is the program's; the kernel has the same but for the signals that carry our own events, and those put off.
 */
#include "untrustee.h"

#define SET_SIZE 8

static void tell_kernel(u64 mask) { nurse_set_mask((u32)mask, (u32)(mask >> 32)); }

void nurse_change_mask(u64 mask) {
    mask &= ~NURSE_UNBLOCKABLE;
    if (mask == nurse_lane.mask)
        return;
    nurse_lane.mask = mask;
    tell_kernel(nurse_kernel_mask(mask));
}

static s32 combine(u32 how, u64 set) {
    switch (how) {
    case SIG_BLOCK:
        nurse_change_mask(nurse_lane.mask | set);
        return 0;
    case SIG_UNBLOCK:
        nurse_change_mask(nurse_lane.mask & ~set);
        return 0;
    case SIG_SETMASK:
        nurse_change_mask(set);
        return 0;
    default:
        return -EINVAL;
    }
}

s32 nurse_rt_sigprocmask(u32 how, const void *set, void *old, u32 size) {
    u64 wanted, before = nurse_lane.mask;
    s32 result = 0;

    if (size != SET_SIZE)
        return -EINVAL;
    if (set) {
        if (nurse_copy(&wanted, set, sizeof wanted))
            return -EFAULT;
        result = combine(how, wanted);
    }
    if (result == 0 && old && nurse_copy(old, &before, sizeof before))
        return -EFAULT;
    return result;
}

/* The old call has 32 signals; SIG_SETMASK leaves the others as they are. */
s32 nurse_sigprocmask(u32 how, const void *set, void *old) {
    u32 wanted, before = (u32)nurse_lane.mask;
    s32 result = 0;

    if (set) {
        if (nurse_copy(&wanted, set, sizeof wanted))
            return -EFAULT;
        result = combine(how, how == SIG_SETMASK ? (nurse_lane.mask & ~0xffffffffull) | wanted : wanted);
    }
    if (result == 0 && old && nurse_copy(old, &before, sizeof before))
        return -EFAULT;
    return result;
}

/* Those that the kernel holds back, which the helper reads in /proc, and those that were put off here. */
s32 nurse_rt_sigpending(void *set, u32 size) {
    u64 pending = 0;
    u32 arg[6] = {address(&pending), SET_SIZE, 0, 0, 0, 0};
    s32 result;

    if (size > SET_SIZE)
        return -EINVAL;
    result = nurse_request(NURSE_NR_rt_sigpending, arg, NULL);
    if (result)
        return result;
    pending = (pending | nurse_lane.pending) & nurse_lane.mask;
    return nurse_copy(set, &pending, size) ? -EFAULT : 0;
}

/* The call's own mask holds until a handler has been entered, which returns to the mask before; or until the call's end,
 * if none is (gate.c). */
static void swap_mask(u64 mask) {
    if (!nurse_lane.has_saved_mask) {
        nurse_lane.saved_mask = nurse_lane.mask;
        nurse_lane.has_saved_mask = 1;
    }
    nurse_change_mask(mask);
}

s32 nurse_sigsuspend(u64 mask) {
    static const u32 none[6];
    s32 result;

    swap_mask(mask);
    do
        result = nurse_request(NURSE_NR_pause, none, NULL);
    while (result == -EINTR && !nurse_deliverable());
    return result;
}

s32 nurse_rt_sigsuspend(const void *set, u32 size) {
    u64 mask;

    if (size != SET_SIZE)
        return -EINVAL;
    return nurse_copy(&mask, set, sizeof mask) ? -EFAULT : nurse_sigsuspend(mask);
}

/* ppoll, pselect6, epoll_pwait: set may be 0 for none. */
s32 nurse_with_mask(u32 nr, const u32 arg[6], u32 set, u32 size) {
    u64 mask;

    if (set) {
        if (size != SET_SIZE)
            return -EINVAL;
        if (nurse_copy(&mask, pointer(set), sizeof mask))
            return -EFAULT;
        swap_mask(mask);
    }
    return nurse_request(nr, arg, &nurse_calls[nr]);
}

/* While it waits the kernel may deliver what it waits for, to our handler, which keeps it. */
s32 nurse_rt_sigtimedwait(u32 nr, const u32 arg[6]) {
    struct siginfo info;
    u64 set;
    u32 sig;
    s32 result = 0;

    if (arg[3] != SET_SIZE)
        return -EINVAL;
    if (nurse_copy(&set, pointer(arg[0]), sizeof set))
        return -EFAULT;
    set &= ~NURSE_UNBLOCKABLE;
    nurse_hold(set);
    nurse_lane.waited = set;
    tell_kernel(nurse_kernel_mask(nurse_lane.mask) & ~set); /* what the kernel has held back comes here */
    if (!(nurse_lane.pending & set))
        result = nurse_request(nr, arg, &nurse_calls[nr]);
    nurse_lane.waited = 0;
    sig = nurse_first_of(nurse_lane.pending & set);
    if (sig)
        nurse_take(sig, &info);
    tell_kernel(nurse_kernel_mask(nurse_lane.mask));
    if (!sig)
        return result;
    return arg[1] && nurse_copy(pointer(arg[1]), &info, sizeof info) ? -EFAULT : (s32)sig;
}
