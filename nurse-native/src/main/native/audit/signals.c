/*
 * Signals of the program, virtual: the kernel knows one handler, ours, and calls the program's from there.
 *
 * Who runs it: the untrustee. Why: SIGTRAP and SIGSEGV carry our own events (ld.so's calls, rdtsc, bad pointers in the
 * gate), and SECCOMP mode 1 allows sigreturn(119) but kills on rt_sigreturn(173), so no frame may be a real-time one
 * (signal(7), arch/x86/kernel/signal_32.c). A handler that comes while the request area is in use waits for its end;
 * the helper is told, so that a call that sleeps ends with EINTR.
 */
#include "untrustee.h"

/* Never blocked and never handed to the kernel as the program wishes. */
#define OURS ((1ull << (SIGTRAP - 1)) | (1ull << (SIGSEGV - 1)) | (1ull << (SIGSYS - 1)))
#define UNBLOCKABLE ((1ull << (SIGKILL - 1)) | (1ull << (SIGSTOP - 1)))

static struct kernel_sigaction actions[NSIG + 1];
static u32 altstack[3]; /* stack_t: sp, flags, size */

static u64 bit(u32 sig) { return 1ull << (sig - 1); }

static u64 mask_of(const struct kernel_sigaction *action) { return action->mask[0] | (u64)action->mask[1] << 32; }

u64 nurse_kernel_mask(u64 mask) { return mask & ~OURS; }

static void set_mask(u64 mask) {
    u64 kernel = nurse_kernel_mask(mask);
    nurse_lane.mask = mask;
    nurse_set_mask((u32)kernel, (u32)(kernel >> 32));
}

static s32 tell_kernel(u32 sig, const struct kernel_sigaction *action) {
    struct kernel_sigaction kernel = *action;
    u64 mask = nurse_kernel_mask(mask_of(action));
    u32 arg[6] = {sig, address(&kernel), 0, 8, 0, 0};
    static const struct nurse_call how = {.pack = {0, NURSE_PACK_FIXED}, .size = {0, sizeof kernel}};

    if (kernel.handler != SIG_DFL && kernel.handler != SIG_IGN)
        kernel.handler = address((void *)nurse_handler);
    kernel.flags = (kernel.flags & ~(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND)) | SA_RESTORER;
    kernel.restorer = address((void *)nurse_restorer);
    kernel.mask[0] = (u32)mask;
    kernel.mask[1] = (u32)(mask >> 32);
    return nurse_request(NURSE_NR_rt_sigaction, arg, &how);
}

static s32 set_action(u32 sig, const struct kernel_sigaction *action) {
    struct kernel_sigaction old = actions[sig];
    s32 result = 0;

    actions[sig] = *action; /* before the kernel knows: a signal in between finds its handler */
    if (!(bit(sig) & OURS))
        result = tell_kernel(sig, action);
    if (result)
        actions[sig] = old;
    return result;
}

static s32 check_action(u32 sig, const struct kernel_sigaction *action) {
    if (sig < 1 || sig > NSIG || (action && (bit(sig) & UNBLOCKABLE)))
        return -EINVAL;
    return 0;
}

s32 nurse_rt_sigaction(u32 sig, const void *action, void *old, u32 size) {
    struct kernel_sigaction wanted, before;
    s32 result;

    if (size != 8)
        return -EINVAL;
    if (action && nurse_copy(&wanted, action, sizeof wanted))
        return -EFAULT;
    result = check_action(sig, action ? &wanted : NULL);
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
    result = check_action(sig, action ? &wanted : NULL);
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
    s32 result = check_action(sig, &wanted);

    if (result)
        return result;
    before = actions[sig].handler;
    result = set_action(sig, &wanted);
    return result ? result : (s32)before;
}

static s32 change_mask(u32 how, u64 set) {
    u64 mask = nurse_lane.mask;

    switch (how) {
    case SIG_BLOCK:
        mask |= set;
        break;
    case SIG_UNBLOCK:
        mask &= ~set;
        break;
    case SIG_SETMASK:
        mask = set;
        break;
    default:
        return -EINVAL;
    }
    mask &= ~UNBLOCKABLE;
    if (mask != nurse_lane.mask)
        set_mask(mask);
    return 0;
}

s32 nurse_rt_sigprocmask(u32 how, const void *set, void *old, u32 size) {
    u64 wanted, before = nurse_lane.mask;
    s32 result = 0;

    if (size != 8)
        return -EINVAL;
    if (set) {
        if (nurse_copy(&wanted, set, sizeof wanted))
            return -EFAULT;
        result = change_mask(how, wanted);
    }
    if (result == 0 && old && nurse_copy(old, &before, sizeof before))
        return -EFAULT;
    return result;
}

s32 nurse_sigprocmask(u32 how, const void *set, void *old) {
    u32 wanted, before = (u32)nurse_lane.mask;
    s32 result = 0;

    if (set) {
        if (nurse_copy(&wanted, set, sizeof wanted))
            return -EFAULT;
        result = change_mask(how, how == SIG_SETMASK ? (nurse_lane.mask & ~0xffffffffull) | wanted : wanted);
    }
    if (result == 0 && old && nurse_copy(old, &before, sizeof before))
        return -EFAULT;
    return result;
}

#define SS_DISABLE 2
#define MINSIGSTKSZ 2048

/* Remembered and given back; handlers run on the stack that the signal found. */
s32 nurse_sigaltstack(const void *stack, void *old) {
    u32 before[3] = {altstack[0], altstack[2] ? altstack[1] : SS_DISABLE, altstack[2]};
    u32 wanted[3];

    if (stack) {
        if (nurse_copy(wanted, stack, sizeof wanted))
            return -EFAULT;
        if (wanted[1] & ~(SS_DISABLE | 0x80000000u))
            return -EINVAL;
        if (!(wanted[1] & SS_DISABLE) && wanted[2] < MINSIGSTKSZ)
            return -ENOMEM;
        altstack[0] = wanted[0];
        altstack[1] = wanted[1];
        altstack[2] = wanted[1] & SS_DISABLE ? 0 : wanted[2];
    }
    return old && nurse_copy(old, before, sizeof before) ? -EFAULT : 0;
}

/* The default action of a signal that we hold the kernel's handler of: let the helper have it done for real. */
static void raise_default(u32 sig) {
    u32 arg[6] = {sig, 0, 0, 0, 0, 0};

    if (nurse_lane.busy == 0)
        nurse_request(NURSE_CALL_RAISE, arg, NULL);
    nurse_leave(128 + sig);
}

static void fill(void *to, u8 value, u32 length) {
    u8 *at = to;
    while (length--)
        *at++ = value;
}

/* Calls the program's handler. sc: what it interrupted, to be changed by a handler with SA_SIGINFO as on Linux. */
static void run_handler(u32 sig, struct sigcontext *sc) {
    struct kernel_sigaction action = actions[sig];
    u64 before = nurse_lane.mask;

    if (action.handler == SIG_DFL || action.handler == SIG_IGN) {
        if (action.handler == SIG_DFL && (bit(sig) & OURS))
            raise_default(sig);
        return;
    }
    if (action.flags & SA_RESETHAND) {
        static const struct kernel_sigaction by_default;
        set_action(sig, &by_default);
    }
    nurse_lane.mask = before | mask_of(&action) | (action.flags & SA_NODEFER ? 0 : bit(sig));
    if (action.flags & SA_SIGINFO) {
        struct siginfo info;
        struct ucontext context;
        fill(&info, 0, sizeof info);
        fill(&context, 0, sizeof context);
        info.signo = (s32)sig;
        if (sig == SIGSEGV)
            info.fields[0] = sc->cr2; /* si_addr */
        context.mcontext = *sc;
        context.sigmask[0] = (u32)before;
        context.sigmask[1] = (u32)(before >> 32);
        ((void (*)(s32, struct siginfo *, struct ucontext *))pointer(action.handler))((s32)sig, &info, &context);
        *sc = context.mcontext;
        before = (context.sigmask[0] | (u64)context.sigmask[1] << 32) & ~UNBLOCKABLE;
    } else {
        ((void (*)(s32))pointer(action.handler))((s32)sig);
    }
    nurse_lane.mask = before;
}

/* rdtsc and rdtscp fault under SECCOMP mode 1 (prctl(2), PR_SET_TSC). Answered in nanoseconds of CLOCK_MONOTONIC. */
static int emulate_rdtsc(struct sigcontext *sc) {
    u8 code[3];
    u32 now[2] = {0, 0};
    u32 arg[6] = {1, address(now), 0, 0, 0, 0};
    u64 ticks;
    u32 length;

    if (nurse_copy(code, pointer(sc->eip), 2) || code[0] != 0x0f)
        return 0;
    if (code[1] == 0x31)
        length = 2;
    else if (code[1] == 0x01 && !nurse_copy(code + 2, pointer(sc->eip + 2), 1) && code[2] == 0xf9)
        length = 3;
    else
        return 0;
    if (nurse_lane.busy == 0)
        nurse_request(NURSE_NR_clock_gettime, arg, NULL);
    ticks = (u64)now[0] * 1000000000u + now[1];
    sc->eax = (u32)ticks;
    sc->edx = (u32)(ticks >> 32);
    if (length == 3)
        sc->ecx = 0;
    sc->eip += length;
    return 1;
}

static void on_trap(struct sigframe *frame) {
    struct sigcontext *sc = &frame->sc;
    struct gate_regs regs = {sc->eax, {sc->ebx, sc->ecx, sc->edx, sc->esi, sc->edi, sc->ebp}};

    if (nurse_is_call_site(sc->eip - 1))
        sc->eax = (u32)nurse_gate(&regs);
    else
        run_handler(SIGTRAP, sc);
}

static void on_fault(struct sigframe *frame) {
    u32 eip = frame->sc.eip;

    if (eip >= address(nurse_copy_start) && eip < address(nurse_copy_end))
        frame->sc.eip = address(nurse_copy_fault);
    else if (!emulate_rdtsc(&frame->sc))
        run_handler(SIGSEGV, &frame->sc);
}

/* From nurse_handler: the kernel's handler of every signal that it does not handle by default or ignore. */
void nurse_on_signal(struct sigframe *frame) {
    u32 sig = (u32)frame->sig;
    u64 mask;

    if (sig == SIGTRAP) {
        on_trap(frame);
    } else if (sig == SIGSEGV) {
        on_fault(frame);
    } else if (nurse_lane.busy) {
        /* The program's handler might make calls of its own, in the area that is in use: after this call. The helper
         * ends one that sleeps; for any other this ring says nothing new. */
        nurse_lane.pending |= bit(sig);
        write_u32(nurse_lane.requests + NURSE_INTERRUPT, nurse_lane.sequence);
        nurse_native(NURSE_NR_write, NURSE_FD_BELL_HELPER, address(nurse_lane.requests), 1);
        return; /* the frame's mask is right: nothing here has changed it */
    } else {
        run_handler(sig, &frame->sc);
    }
    mask = nurse_kernel_mask(nurse_lane.mask);
    frame->sc.oldmask = (u32)mask;
    frame->extramask = (u32)(mask >> 32);
}

/* Handlers that had to wait for the end of a call. */
void nurse_deliver_pending(const struct gate_regs *regs) {
    while (nurse_lane.pending && nurse_lane.busy == 0) {
        u32 low = (u32)nurse_lane.pending, high = (u32)(nurse_lane.pending >> 32);
        u32 sig = (u32)(low ? __builtin_ctz(low) : 32 + __builtin_ctz(high)) + 1;
        u64 before = nurse_lane.mask;
        u64 during = before | mask_of(&actions[sig]) | (actions[sig].flags & SA_NODEFER ? 0 : bit(sig));
        struct sigcontext sc;

        __atomic_and_fetch((u32 *)&nurse_lane.pending + (sig > 32), ~(1u << ((sig - 1) & 31)), __ATOMIC_SEQ_CST);
        fill(&sc, 0, sizeof sc);
        sc.ebx = regs->arg[0];
        sc.ecx = regs->arg[1];
        sc.edx = regs->arg[2];
        sc.esi = regs->arg[3];
        sc.edi = regs->arg[4];
        sc.ebp = regs->arg[5];
        nurse_set_mask((u32)nurse_kernel_mask(during), (u32)(nurse_kernel_mask(during) >> 32));
        run_handler(sig, &sc);
        set_mask(before);
    }
}

static void install(u32 sig) {
    struct kernel_sigaction action = {
        address((void *)nurse_handler), SA_RESTORER | SA_NODEFER, address((void *)nurse_restorer), {0, 0}};
    nurse_syscall6(NURSE_NR_rt_sigaction, sig, address(&action), 0, 8, 0, 0);
}

void nurse_install_handlers(void) {
    install(SIGTRAP);
    install(SIGSEGV);
}
