/*
 * From the kernel's signal to the program's handler and back.
 *
 * Who runs it: the untrustee, on a stack of ours, in the handler of every signal that is ours or that the program has a
 * handler for. The program's handler is not called from here: the frame that the kernel would make is made on the
 * program's stack (arch/x86/kernel/signal_32.c, ia32_setup_rt_frame), and the kernel returns into the handler. So it may
 * longjmp away, use an alternate stack and change what it returns to, as anywhere. It comes back by a breakpoint at
 * nurse_return_trap.
 *
 * A signal that comes while the gate is at work, or this stack in use, is put off to the end of that work; the helper is
 * told, so that a call that sleeps ends.
 */
#include "untrustee.h"

#define SYNCHRONOUS (NURSE_OURS | NURSE_BIT(4) | NURSE_BIT(8)) /* SIGILL, SIGFPE */
#define USER_CS 0x23
#define USER_DS 0x2b
#define EFLAGS_TF_DF_RF 0x10500u
#define AFTER_INT80 8u /* int $0x80 and what follows it in __kernel_vsyscall: three pops, ret */

_Static_assert(offsetof(struct lane, native_esp) == 20, "gate.S: LANE_NATIVE_ESP");
_Static_assert(offsetof(struct lane, native_futex) == 72, "gate.S: LANE_NATIVE_FUTEX");
_Static_assert(sizeof(struct sigframe) <= 736, "gate.S: FRAME");

struct lane nurse_lane;
u8 nurse_stack[NURSE_STACK_SIZE] __attribute__((aligned(16)));
/* How many signals were put off: who returns from a signal looks for them once more if it has changed (gate.S). */
u32 nurse_put_off __attribute__((visibility("hidden")));

u32 nurse_sigreturn_entry __attribute__((visibility("hidden")));

static struct siginfo infos[NSIG + 1]; /* of the pending ones */
static struct stack altstack;          /* the program's: sigaltstack(2) */

void nurse_on_signal(struct rt_sigframe *frame);
u32 nurse_prepare_return(struct rt_sigframe *frame, struct sigframe *out);

/* ---- what is pending ------------------------------------------------------------------------------------------------ */

u64 nurse_kernel_mask(u64 mask) { return (mask | nurse_lane.pending) & ~NURSE_OURS; }

u64 nurse_deliverable(void) { return nurse_lane.pending & ~nurse_lane.mask; }

/* The number of the first signal in a set, 0 for none. */
u32 nurse_first_of(u64 set) {
    u32 low = (u32)set, high = (u32)(set >> 32);
    return low ? (u32)__builtin_ctz(low) + 1 : high ? (u32)__builtin_ctz(high) + 33 : 0;
}

/* One instruction for each change: a handler may come between any two. */
static u32 *pending_word(u32 sig) { return (u32 *)(void *)&nurse_lane.pending + (sig > 32); }

static void keep(u32 sig, const struct siginfo *info) {
    if (!(nurse_lane.pending & NURSE_BIT(sig)))
        infos[sig] = *info;
    __atomic_or_fetch(pending_word(sig), 1u << ((sig - 1) & 31), __ATOMIC_SEQ_CST);
}

/* info: where to put what came with it, or NULL. */
void nurse_take(u32 sig, struct siginfo *info) {
    if (info)
        *info = infos[sig];
    __atomic_and_fetch(pending_word(sig), ~(1u << ((sig - 1) & 31)), __ATOMIC_SEQ_CST);
}

static int on_our_stack(u32 esp) { return esp - address(nurse_stack) <= NURSE_STACK_SIZE; }

/* Whether what a signal interrupted is work of ours that must end first. */
static int is_nested(const struct sigcontext *sc) { return nurse_lane.busy || on_our_stack(sc->esp); }

/* A native call of the gate's own that is not done yet: signals end it. */
static void end_native_call(struct sigcontext *sc) {
    int done = sc->eip - (nurse_lane.native_int80 + 2) < AFTER_INT80 ||
               sc->eip - address(nurse_interruptible_end) < address(nurse_interruptible_abort) + 32 -
                                                                address(nurse_interruptible_end);
    if (nurse_lane.native_esp && !done) {
        sc->eip = address(nurse_interruptible_abort);
        sc->esp = nurse_lane.native_esp;
        sc->esi = address(&nurse_lane);
    }
}

/* Between the last look for signals and the kernel's return from one (gate.S, nurse_finish). */
static int is_finishing(const struct sigcontext *sc) {
    u32 length = nurse_lane.native_int80 > nurse_sigreturn_entry ? nurse_lane.native_int80 - nurse_sigreturn_entry : 0;
    return (sc->eip >= address(nurse_finish_check) && sc->eip < address(nurse_finish_end)) ||
           (!nurse_lane.busy && on_our_stack(sc->esp) && sc->eip - nurse_sigreturn_entry <= length);
}

static void put_off(u32 sig, const struct siginfo *info, struct sigcontext *sc) {
    u64 bit = NURSE_BIT(sig);

    if (nurse_ignores(sig) && !(bit & (nurse_lane.mask | nurse_lane.waited)))
        return;
    keep(sig, info);
    nurse_put_off++;
    if (is_finishing(sc))
        sc->eip = address(nurse_finish);
    if (!(bit & (~nurse_lane.mask | nurse_lane.waited)))
        return;
    end_native_call(sc);
    write_u32(nurse_lane.requests + NURSE_INTERRUPT, nurse_lane.sequence);
    nurse_native(NURSE_NR_write, NURSE_FD_BELL_HELPER, address(nurse_lane.requests), 1);
}

/* ---- the program's alternate stack ------------------------------------------------------------------------------------ */

static int on_altstack(u32 sp) { return !(altstack.flags & SS_AUTODISARM) && sp - altstack.sp - 1 < altstack.size; }

static struct stack altstack_seen_from(u32 sp) {
    struct stack seen = altstack;
    seen.flags &= SS_AUTODISARM;
    seen.flags |= altstack.size == 0 ? SS_DISABLE : on_altstack(sp) ? SS_ONSTACK : 0;
    return seen;
}

/* kernel/signal.c, do_sigaltstack */
static s32 set_altstack(const struct stack *wanted, u32 sp) {
    u32 mode = wanted->flags & ~SS_AUTODISARM;

    if (on_altstack(sp))
        return -EPERM;
    if (mode != 0 && mode != SS_DISABLE && mode != SS_ONSTACK)
        return -EINVAL;
    if (altstack.sp == wanted->sp && altstack.flags == wanted->flags && altstack.size == wanted->size)
        return 0;
    if (mode != SS_DISABLE && wanted->size < MINSIGSTKSZ)
        return -ENOMEM;
    altstack.sp = mode == SS_DISABLE ? 0 : wanted->sp;
    altstack.size = mode == SS_DISABLE ? 0 : wanted->size;
    altstack.flags = wanted->flags;
    return 0;
}

s32 nurse_sigaltstack(const void *stack, void *old, u32 sp) {
    struct stack before = altstack_seen_from(sp), wanted;
    s32 result = 0;

    if (stack)
        result = nurse_copy(&wanted, stack, sizeof wanted) ? -EFAULT : set_altstack(&wanted, sp);
    return result == 0 && old && nurse_copy(old, &before, sizeof before) ? -EFAULT : result;
}

/* ---- into the handler --------------------------------------------------------------------------------------------------- */

static u32 fpstate_size(u32 fpstate) {
    const u8 *at = pointer(fpstate);
    if (!fpstate)
        return 0;
    return read_u32(at + FPSTATE_SW_MAGIC) == FP_XSTATE_MAGIC1 ? read_u32(at + FPSTATE_SW_EXTENDED_SIZE)
                                                               : FPSTATE_FSAVE_SIZE + FPSTATE_FXSAVE_SIZE;
}

/* Makes the frame on the program's stack and lets sc go on in the handler; -1 if the stack cannot take it. */
static s32 enter_handler(u32 sig, const struct siginfo *info, struct sigcontext *sc, u64 before) {
    const struct kernel_sigaction *action = nurse_action(sig);
    struct rt_sigframe frame = {.pretcode = address(nurse_return_trap), .sig = (s32)sig, .info = *info};
    u32 sp = sc->esp, size = fpstate_size(sc->fpstate), state, at;

    if ((action->flags & SA_ONSTACK) && altstack.size && !on_altstack(sp))
        sp = altstack.sp + altstack.size;
    state = ((sp - size + FPSTATE_FSAVE_SIZE) & ~63u) - FPSTATE_FSAVE_SIZE; /* fpu__alloc_mathframe */
    at = ((state - sizeof frame) & ~15u) - 4;                                /* %esp + 4 is a multiple of 16: the ABI */
    if ((on_altstack(sc->esp) || sp != sc->esp) && at < altstack.sp)
        return -1;
    frame.info_at = at + offsetof(struct rt_sigframe, info);
    frame.uc_at = at + offsetof(struct rt_sigframe, uc);
    frame.uc.flags = size > FPSTATE_FSAVE_SIZE + FPSTATE_FXSAVE_SIZE; /* UC_FP_XSTATE */
    frame.uc.stack = altstack_seen_from(sc->esp);
    frame.uc.mcontext = *sc;
    frame.uc.mcontext.fpstate = size ? state : 0;
    frame.uc.mcontext.oldmask = (u32)before;
    frame.uc.sigmask[0] = (u32)before;
    frame.uc.sigmask[1] = (u32)(before >> 32);
    if ((size && nurse_copy(pointer(state), pointer(sc->fpstate), size)) ||
        nurse_copy(pointer(at), &frame, sizeof frame))
        return -1;
    if (altstack.flags & SS_AUTODISARM)
        altstack = (struct stack){0, SS_DISABLE, 0};

    sc->esp = at;
    sc->eip = action->handler;
    sc->eax = sig;
    sc->edx = frame.info_at;
    sc->ecx = frame.uc_at;
    sc->eflags &= ~EFLAGS_TF_DF_RF;
    sc->cs = USER_CS;
    sc->ds = sc->es = sc->ss = USER_DS;
    sc->fpstate = 0; /* a handler begins with a fresh FPU */
    return 0;
}

static void deliver(u32 sig, const struct siginfo *info, struct sigcontext *sc) {
    const struct kernel_sigaction *action = nurse_action(sig);
    u64 before = nurse_lane.has_saved_mask ? nurse_lane.saved_mask : nurse_lane.mask;

    if (enter_handler(sig, info, sc, before)) { /* as the kernel: there is no way on */
        nurse_raise_default(SIGSEGV);
        nurse_leave(128 + SIGSEGV);
    }
    nurse_lane.has_saved_mask = 0;
    nurse_lane.mask |= action->mask[0] | (u64)action->mask[1] << 32;
    if (!(action->flags & SA_NODEFER))
        nurse_lane.mask |= NURSE_BIT(sig);
    if (action->flags & SA_RESETHAND)
        nurse_reset_action(sig);
}

static void deliver_pending(struct sigcontext *sc) {
    u32 sig;

    while ((sig = nurse_first_of(nurse_deliverable())) != 0) {
        struct siginfo info;
        nurse_take(sig, &info);
        if (nurse_ignores(sig))
            continue;
        if (nurse_action(sig)->handler == SIG_DFL)
            nurse_raise_default(sig);
        else
            deliver(sig, &info, sc);
    }
}

/* A fault of the program's own, at the very instruction: it cannot wait. Blocked or ignored, it kills (force_sig). */
static void force(u32 sig, const struct siginfo *info, struct sigcontext *sc) {
    u32 handler = nurse_action(sig)->handler;

    if (is_nested(sc))
        nurse_leave(128 + sig);
    if (handler == SIG_DFL || handler == SIG_IGN || (nurse_lane.mask & NURSE_BIT(sig))) {
        nurse_raise_default(sig);
        nurse_leave(128 + sig);
    }
    deliver(sig, info, sc);
}

/* ---- our own events ----------------------------------------------------------------------------------------------------- */

/* From a handler, with %esp behind the frame's first word: what it may have changed in the frame holds (sigreturn(2)). */
static void return_from_handler(struct sigcontext *sc) {
    struct rt_sigframe frame;

    if (nurse_copy(&frame, pointer(sc->esp - 4), sizeof frame)) {
        nurse_raise_default(SIGSEGV);
        nurse_leave(128 + SIGSEGV);
    }
    /* As restore_altstack() in kernel/signal.c: by the stack that the program goes on on, and an error is of no account. */
    set_altstack(&frame.uc.stack, frame.uc.mcontext.esp);
    nurse_lane.mask = (frame.uc.sigmask[0] | (u64)frame.uc.sigmask[1] << 32) & ~NURSE_UNBLOCKABLE;
    *sc = frame.uc.mcontext;
}

/* A call that a signal ended: made again from `again` if the handler is installed so (signal(7)). */
static void restart(struct sigcontext *sc, u32 again) {
    u32 sig = nurse_first_of(nurse_deliverable());

    if (sc->eax != (u32)-NURSE_RESTART)
        return;
    if (sig && !(nurse_action(sig)->flags & SA_RESTART)) {
        sc->eax = (u32)-EINTR;
    } else {
        sc->eax = nurse_lane.restart;
        sc->eip = again;
    }
}

static void direct_call(struct sigcontext *sc, u32 site) {
    struct gate_regs regs = {sc->eax, {sc->ebx, sc->ecx, sc->edx, sc->esi, sc->edi, sc->ebp}};

    nurse_gate(&regs, sc->esp);
    sc->eax = regs.eax;
    restart(sc, site);
}

static int on_trap(struct sigcontext *sc) {
    u32 at = sc->eip - 1; /* the breakpoint itself: int3 is one byte, and %eip is behind it */

    if (at == address(nurse_deliver_trap))
        restart(sc, address((void *)nurse_gate_entry));
    else if (at == address(nurse_return_trap))
        return_from_handler(sc);
    else if (nurse_is_call_site(at))
        direct_call(sc, at);
    else
        return 0;
    return 1;
}

/* rdtsc and rdtscp fault under SECCOMP mode 1 and with a fixed time (prctl(2), PR_SET_TSC). Answered in nanoseconds of CLOCK_MONOTONIC. */
static int emulate_rdtsc(struct sigcontext *sc) {
    u8 code[3];
    u32 now[2] = {0, 0};
    u32 arg[6] = {1, address(now), 0, 0, 0, 0};
    u64 ticks;
    u32 length;

    if (nurse_lane.busy || nurse_copy(code, pointer(sc->eip), 2) || code[0] != 0x0f)
        return 0;
    if (code[1] == 0x31)
        length = 2;
    else if (code[1] == 0x01 && !nurse_copy(code + 2, pointer(sc->eip + 2), 1) && code[2] == 0xf9)
        length = 3;
    else
        return 0;
    nurse_request(NURSE_NR_clock_gettime, arg, NULL);
    ticks = (u64)now[0] * 1000000000u + now[1];
    sc->eax = (u32)ticks;
    sc->edx = (u32)(ticks >> 32);
    if (length == 3)
        sc->ecx = 0;
    sc->eip += length;
    return 1;
}

/* A page that is not there is SIGSEGV; one behind the end of a file, or a hole in the vDSO's data, is SIGBUS. */
static int on_fault(u32 sig, struct sigcontext *sc) {
    if (sc->eip < address(nurse_copy_start) || sc->eip >= address(nurse_copy_end))
        return sig == SIGSEGV && nurse_lane.without_counter && emulate_rdtsc(sc);
    sc->eip = address(nurse_copy_fault);
    return 1;
}

/* From nurse_handler. */
__attribute__((visibility("hidden"))) void nurse_on_signal(struct rt_sigframe *frame) {
    struct sigcontext *sc = &frame->uc.mcontext;
    const struct siginfo *info = &frame->info;
    u32 sig = (u32)frame->sig;
    int from_here = info->code > 0; /* by this very instruction; <= 0: somebody sent it (sigaction(2)) */

    if (from_here && sig == SIGTRAP && on_trap(sc))
        return;
    if (from_here && (sig == SIGSEGV || sig == SIGBUS) && on_fault(sig, sc))
        return;
    if (sig == SIGSYS && info->code == SYS_SECCOMP)
        direct_call(sc, sc->eip - 2);
    else if (from_here && (NURSE_BIT(sig) & SYNCHRONOUS))
        force(sig, info, sc);
    else if (is_nested(sc))
        put_off(sig, info, sc);
    else
        keep(sig, info);
}

/* The frame to return by: into what was interrupted, or into a handler. */
__attribute__((visibility("hidden"))) u32 nurse_prepare_return(struct rt_sigframe *frame, struct sigframe *out) {
    struct sigcontext *sc = &frame->uc.mcontext;
    u32 seen = __atomic_load_n(&nurse_put_off, __ATOMIC_SEQ_CST);
    u64 mask;

    if (is_nested(sc)) { /* the mask there is the gate's own affair; what was put off comes no second time */
        mask = (frame->uc.sigmask[0] | (u64)frame->uc.sigmask[1] << 32) | (nurse_lane.pending & ~NURSE_OURS);
    } else {
        deliver_pending(sc);
        mask = nurse_kernel_mask(nurse_lane.mask);
    }
    out->sc = *sc;
    out->sc.oldmask = (u32)mask;
    out->extramask = (u32)(mask >> 32);
    return seen;
}
