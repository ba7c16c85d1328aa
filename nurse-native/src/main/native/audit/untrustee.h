/*
 * What the files of the audit library share. All of it runs in the untrustee, before or under the lock; none of it is
 * trusted by the other two parties.
 */
#ifndef NURSE_UNTRUSTEE_H
#define NURSE_UNTRUSTEE_H

#include "kernel.h"
#include "layout.h"
#include "nurse_errno.h"
#include "syscalls.h"

/* Nothing here is looked up by name at run time: the launcher, which nobody relocates, must have no GOT entry for it. */
#pragma GCC visibility push(hidden)

/* The registers of a system call, as gate.S pushes them. */
struct gate_regs {
    u32 eax; /* the call's number; afterwards its result */
    u32 arg[6]; /* ebx ecx edx esi edi ebp */
};

/* One sandboxed thread's way to the helper, and its signals as the program sees them. */
struct lane {
    u8 *orders;   /* its part of the orders mapping, read-only */
    u8 *requests; /* its part of the requests mapping */
    u32 strict;   /* which lock: not 0 for SECCOMP mode 1 */
    u32 sequence; /* number of the last request */
    u32 busy;     /* not 0 while the gate is at work: a signal's handler has to wait */
    u32 native_esp; /* not 0 while a native call of the gate's own may sleep: gate.S, nurse_interruptible */
    u32 native_int80; /* address of the int $0x80 at which the kernel would make such a call again */
    u32 restart;  /* number of the call that ended with -NURSE_RESTART */
    u64 mask;     /* the signal mask */
    u64 pending;  /* signals that came and wait, bit sig-1: blocked, or until the gate's work is done */
    u64 waited;   /* those that rt_sigtimedwait waits for */
    u64 saved_mask; /* what the next handler is to return to, if has_saved_mask: sigsuspend(2), ppoll(2) ... */
    u32 has_saved_mask;
    u32 without_counter; /* not 0 where rdtsc faults and is to be answered: under mode 1, or with a fixed time */
    u32 native_futex; /* not 0 where the lock leaves futex(2) to the program: HEADER_NATIVE */
};
extern struct lane nurse_lane;

/* lock.c: what the helper answers to the first request; it does not return where that is an error. vsyscall: the vDSO's entry.
 * inside_loader: an address in ld.so under strict, else NULL. stack: argc as the kernel left it, under trap, else NULL. */
s32 nurse_lock(u32 vsyscall, const void *inside_loader, const u32 *stack);

/* gate.S */
void nurse_gate_entry(void);
s32 nurse_call_gate(u32 nr, u32 a, u32 b);
extern u8 nurse_native_jump[], nurse_int80[], nurse_sigreturn_int80[];
s32 nurse_native(u32 nr, u32 a, u32 b, u32 c);
s32 nurse_interruptible(u32 nr, u32 a, u32 b, u32 c);
extern u8 nurse_interruptible_end[], nurse_interruptible_abort[];
s32 nurse_syscall6(u32 nr, u32 a, u32 b, u32 c, u32 d, u32 e, u32 f);
s32 nurse_clone(u32 flags, void *stack, void *entry);
s32 nurse_copy(void *to, const void *from, u32 length);
s32 nurse_copy_string(void *to, const void *from, u32 limit);
extern u8 nurse_copy_start[], nurse_copy_end[], nurse_copy_fault[];
extern u8 nurse_deliver_trap[], nurse_return_trap[];
void nurse_handler(void);
extern u8 nurse_finish[], nurse_finish_check[], nurse_finish_end[];
void nurse_set_mask(u32 low, u32 high);

/* gate.c */
u32 nurse_gate(struct gate_regs *regs, u32 sp);
s32 nurse_request(u32 nr, const u32 arg[6], const struct nurse_call *how);
void nurse_leave(u32 status) __attribute__((noreturn));

/* vectors.c */
s32 nurse_writev(u32 fd, u32 iov, u32 count);
s32 nurse_readv(u32 fd, u32 iov, u32 count);

/* actions.c: what the program wants to happen at a signal */
const struct kernel_sigaction *nurse_action(u32 sig);
void nurse_reset_action(u32 sig);
void nurse_hold(u64 set);
int nurse_ignores(u32 sig);
void nurse_raise_default(u32 sig);
s32 nurse_rt_sigaction(u32 sig, const void *action, void *old, u32 size);
s32 nurse_sigaction(u32 sig, const void *action, void *old);
s32 nurse_signal(u32 sig, u32 handler);
void nurse_install_handlers(u64 ignored);

/* masks.c: which signals may come, which have, and waiting for one */
void nurse_change_mask(u64 mask);
s32 nurse_rt_sigprocmask(u32 how, const void *set, void *old, u32 size);
s32 nurse_sigprocmask(u32 how, const void *set, void *old);
s32 nurse_rt_sigpending(void *set, u32 size);
s32 nurse_sigsuspend(u64 mask);
s32 nurse_rt_sigsuspend(const void *set, u32 size);
s32 nurse_rt_sigtimedwait(u32 nr, const u32 arg[6]);
s32 nurse_with_mask(u32 nr, const u32 arg[6], u32 set, u32 size);

/* delivery.c: from the kernel's signal to the program's handler and back */
#define NURSE_BIT(sig) (1ull << ((sig) - 1))
#define NURSE_UNBLOCKABLE (NURSE_BIT(SIGKILL) | NURSE_BIT(SIGSTOP))
/* Never blocked and never handed to the kernel as the program wishes: they carry events of ours. */
#define NURSE_OURS (NURSE_BIT(SIGTRAP) | NURSE_BIT(SIGBUS) | NURSE_BIT(SIGSEGV) | NURSE_BIT(SIGSYS))
u64 nurse_kernel_mask(u64 mask);
u64 nurse_deliverable(void);
u32 nurse_first_of(u64 set);
void nurse_take(u32 sig, struct siginfo *info);
s32 nurse_sigaltstack(const void *stack, void *old, u32 sp);
extern u8 nurse_stack[];
extern u32 nurse_sigreturn_entry; /* where sigreturn enters the kernel: in the vDSO, behind what it pushes, or by int $0x80 */
#define NURSE_STACK_SIZE 65536u

/* sites.c */
u32 nurse_trap_loader(const void *inside);
int nurse_is_call_site(u32 eip);

/* origin.c */
void nurse_set_origin(u32 dots);
void nurse_name_origin(char *name);

/* vdso.c */
u32 nurse_find_vdso(u32 vsyscall, u32 *size);
s32 nurse_redirect_vdso(u32 base, u32 size);

/* repeat.c: 0, or not 0 if it cannot be fixed */
s32 nurse_fix_random(const void *inside_loader, const u8 *bytes);
s32 nurse_fix_counter(void);

#pragma GCC visibility pop

static inline u32 read_u32(const u8 *at) { return __atomic_load_n((const u32 *)(const void *)at, __ATOMIC_ACQUIRE); }

/* Release: what was stored before is visible to who reads this value with acquire. A plain store on x86. */
static inline void write_u32(u8 *at, u32 value) { __atomic_store_n((u32 *)(void *)at, value, __ATOMIC_RELEASE); }

/* Store then load of another word, in this order, for "announce, then look": needs a real fence on x86. */
static inline void full_fence(void) { __asm__ volatile("lock; orl $0, (%%esp)" ::: "memory", "cc"); }

static inline u32 address(const volatile void *p) { return (u32)(uintptr_t)p; }
static inline void *pointer(u32 a) { return (void *)(uintptr_t)a; }

#endif
