/*
 * What the program wants to happen at a signal: its sigaction(2), virtual. The kernel knows one handler, ours, which
 * calls the program's (delivery.c).
 *
 * Who runs it: the untrustee. Why virtual: SIGTRAP, SIGBUS, SIGSEGV and SIGSYS carry our own events (direct calls, rdtsc, bad
 * pointers in the gate), and a handler of the program's that the kernel called would return by rt_sigreturn(173), which
 * SECCOMP mode 1 kills for (signal(7), arch/x86/kernel/signal_32.c).
 */
#include "untrustee.h"

#define IGNORED_BY_DEFAULT (NURSE_BIT(SIGCHLD) | NURSE_BIT(SIGCONT) | NURSE_BIT(SIGURG) | NURSE_BIT(SIGWINCH))
#define FOR_THE_KERNEL (SA_RESTART | 3u) /* SA_NOCLDSTOP, SA_NOCLDWAIT */

static struct kernel_sigaction actions[NSIG + 1];
static u64 held; /* the kernel has our handler for these, though the program has none: nurse_hold */

const struct kernel_sigaction *nurse_action(u32 sig) { return &actions[sig]; }

static int has_handler(u32 sig) { return actions[sig].handler != SIG_DFL && actions[sig].handler != SIG_IGN; }

int nurse_ignores(u32 sig) {
    return actions[sig].handler == SIG_IGN ||
           (actions[sig].handler == SIG_DFL && (NURSE_BIT(sig) & IGNORED_BY_DEFAULT));
}

/* Ours runs on a stack of ours, with all signals blocked but those that carry our own events. */
static s32 tell_kernel(u32 sig, u32 handler, u32 flags) {
    struct kernel_sigaction kernel = {handler, flags & FOR_THE_KERNEL, 0, {0, 0}};
    u32 arg[6] = {sig, address(&kernel), 0, 8, 0, 0};
    static const struct nurse_call how = {.pack = {0, NURSE_PACK_FIXED}, .size = {0, sizeof kernel}};

    if (handler != SIG_DFL && handler != SIG_IGN) {
        u64 others = ~NURSE_OURS;
        kernel.handler = address((void *)nurse_handler);
        kernel.flags |= SA_SIGINFO | SA_ONSTACK;
        kernel.mask[0] = (u32)others;
        kernel.mask[1] = (u32)(others >> 32);
    }
    return nurse_request(NURSE_NR_rt_sigaction, arg, &how);
}

static s32 set_action(u32 sig, const struct kernel_sigaction *action) {
    struct kernel_sigaction old = actions[sig];
    s32 result = 0;

    actions[sig] = *action; /* before the kernel knows: a signal in between finds its handler */
    actions[sig].flags &= SA_KNOWN;
    actions[sig].mask[0] &= ~(u32)NURSE_UNBLOCKABLE;
    if (!(NURSE_BIT(sig) & (NURSE_OURS | (has_handler(sig) ? 0 : held))))
        result = tell_kernel(sig, action->handler, action->flags);
    if (result)
        actions[sig] = old;
    else if (nurse_ignores(sig)) /* POSIX: pending instances of what is now ignored are discarded */
        nurse_take(sig, NULL);
    return result;
}

static s32 check_action(u32 sig, int changes) {
    return sig < 1 || sig > NSIG || (changes && (NURSE_BIT(sig) & NURSE_UNBLOCKABLE)) ? -EINVAL : 0;
}

s32 nurse_rt_sigaction(u32 sig, const void *action, void *old, u32 size) {
    struct kernel_sigaction wanted, before;
    s32 result;

    if (size != 8)
        return -EINVAL;
    if (action && nurse_copy(&wanted, action, sizeof wanted))
        return -EFAULT;
    result = check_action(sig, action != NULL);
    if (result)
        return result;
    before = actions[sig];
    if (action)
        result = set_action(sig, &wanted);
    if (result == 0 && old && nurse_copy(old, &before, sizeof before))
        return -EFAULT;
    return result;
}

/* sigaction(67): struct old_sigaction is handler, mask (32 bits), flags, restorer. */
s32 nurse_sigaction(u32 sig, const void *action, void *old) {
    struct kernel_sigaction wanted = {0}, before;
    u32 raw[4];
    s32 result;

    if (action) {
        if (nurse_copy(raw, action, sizeof raw))
            return -EFAULT;
        wanted.handler = raw[0];
        wanted.mask[0] = raw[1];
        wanted.flags = raw[2];
        wanted.restorer = raw[3];
    }
    result = check_action(sig, action != NULL);
    if (result)
        return result;
    before = actions[sig];
    if (action)
        result = set_action(sig, &wanted);
    if (result == 0 && old) {
        raw[0] = before.handler;
        raw[1] = before.mask[0];
        raw[2] = before.flags;
        raw[3] = before.restorer;
        if (nurse_copy(old, raw, sizeof raw))
            return -EFAULT;
    }
    return result;
}

s32 nurse_signal(u32 sig, u32 handler) {
    struct kernel_sigaction wanted = {handler, SA_RESETHAND | SA_NODEFER, 0, {0, 0}};
    u32 before;
    s32 result = check_action(sig, 1);

    if (result)
        return result;
    before = actions[sig].handler;
    result = set_action(sig, &wanted);
    return result ? result : (s32)before;
}

/* SA_RESETHAND: back to the default as the handler is entered. */
void nurse_reset_action(u32 sig) {
    static const struct kernel_sigaction by_default;
    set_action(sig, &by_default);
}

/* rt_sigtimedwait takes signals that the program has no handler for. To take one it must reach ours; it does from now on,
 * and has its default effect by nurse_raise_default if it is not waited for. */
void nurse_hold(u64 set) {
    u32 sig;

    set &= ~(held | NURSE_OURS | NURSE_UNBLOCKABLE);
    for (; set; set &= ~NURSE_BIT(sig)) {
        sig = nurse_first_of(set);
        if (!has_handler(sig) && tell_kernel(sig, address((void *)nurse_handler), SA_RESTART))
            continue;
        held |= NURSE_BIT(sig);
    }
}

/* The default effect of a signal that the kernel has our handler for: the helper has it done for real, by the default
 * action and the signal once more. It comes when this thread does not block it. */
void nurse_raise_default(u32 sig) {
    u32 arg[6] = {sig, 0, 0, 0, 0, 0};

    if (nurse_lane.busy)
        nurse_leave(128 + sig); /* the gate itself has failed, and cannot ask */
    nurse_request(NURSE_CALL_RAISE, arg, NULL);
    held &= ~NURSE_BIT(sig);
    nurse_native(NURSE_NR_read, 0xffffffffu, 0, 0); /* the kernel delivers at the end of a call */
}

/* Before the lock. ignored: what was ignored when the program was started stays so (execve(2)), and sigaction(2) tells. */
void nurse_install_handlers(u64 ignored) {
    static const u8 ours[] = {SIGTRAP, SIGBUS, SIGSEGV, SIGSYS};
    static const struct kernel_sigaction ignore = {SIG_IGN, 0, 0, {0, 0}};
    struct stack stack = {address(nurse_stack), 0, NURSE_STACK_SIZE};
    u32 i, sig;

    for (ignored &= ~NURSE_OURS; ignored; ignored &= ~NURSE_BIT(sig)) {
        sig = nurse_first_of(ignored);
        actions[sig] = ignore;
        nurse_syscall6(NURSE_NR_rt_sigaction, sig, address(&ignore), 0, 8, 0, 0);
    }
    nurse_syscall6(NURSE_NR_sigaltstack, address(&stack), 0, 0, 0, 0, 0);
    for (i = 0; i < sizeof ours; i++) {
        struct kernel_sigaction action = {
            address((void *)nurse_handler), SA_SIGINFO | SA_ONSTACK | SA_NODEFER, 0, {0, 0}};
        nurse_syscall6(NURSE_NR_rt_sigaction, ours[i], address(&action), 0, 8, 0, 0);
    }
}
