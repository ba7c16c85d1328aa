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

/* The registers of a system call, as gate.S pushes them. */
struct gate_regs {
    u32 eax;
    u32 arg[6]; /* ebx ecx edx esi edi ebp */
};

/* One sandboxed thread's way to the helper. */
struct lane {
    u8 *orders;   /* its part of the orders mapping, read-only */
    u8 *requests; /* its part of the requests mapping */
    u32 sequence; /* number of the last request */
    u32 busy;     /* not 0 while the request area is in use: a signal's handler has to wait */
    u64 pending;  /* signals that came while busy, bit sig-1 */
    u64 mask;     /* the signal mask as the program sees it */
};
extern struct lane nurse_lane __attribute__((visibility("hidden")));

/* gate.S */
void nurse_gate_entry(void);
extern u8 nurse_native_jump[];
s32 nurse_native(u32 nr, u32 a, u32 b, u32 c);
s32 nurse_syscall6(u32 nr, u32 a, u32 b, u32 c, u32 d, u32 e, u32 f);
s32 nurse_clone(u32 flags, void *stack, void *entry);
s32 nurse_copy(void *to, const void *from, u32 length);
s32 nurse_copy_string(void *to, const void *from, u32 limit);
extern u8 nurse_copy_start[], nurse_copy_end[], nurse_copy_fault[];
void nurse_handler(void);
void nurse_restorer(void);
void nurse_set_mask(u32 low, u32 high);

/* gate.c */
s32 nurse_gate(struct gate_regs *regs);
s32 nurse_request(u32 nr, const u32 arg[6], const struct nurse_call *how);
void nurse_leave(u32 status) __attribute__((noreturn));

/* vectors.c */
s32 nurse_writev(u32 fd, u32 iov, u32 count);
s32 nurse_readv(u32 fd, u32 iov, u32 count);

/* signals.c */
void nurse_on_signal(struct sigframe *frame);
void nurse_deliver_pending(const struct gate_regs *regs);
s32 nurse_rt_sigaction(u32 sig, const void *action, void *old, u32 size);
s32 nurse_sigaction(u32 sig, const void *action, void *old);
s32 nurse_signal(u32 sig, u32 handler);
s32 nurse_rt_sigprocmask(u32 how, const void *set, void *old, u32 size);
s32 nurse_sigprocmask(u32 how, const void *set, void *old);
s32 nurse_sigaltstack(const void *stack, void *old);
u64 nurse_kernel_mask(u64 mask);
void nurse_install_handlers(void);

/* sites.c */
u32 nurse_trap_loader(const void *inside);
int nurse_is_call_site(u32 eip);

/* vdso.c */
u32 nurse_redirect_vdso(u32 vsyscall, u32 *size);

static inline u32 read_u32(const u8 *at) { return __atomic_load_n((const u32 *)(const void *)at, __ATOMIC_ACQUIRE); }

/* Release: what was stored before is visible to who reads this value with acquire. A plain store on x86. */
static inline void write_u32(u8 *at, u32 value) { __atomic_store_n((u32 *)(void *)at, value, __ATOMIC_RELEASE); }

/* Store then load of another word, in this order, for "announce, then look": needs a real fence on x86. */
static inline void full_fence(void) { __asm__ volatile("lock; orl $0, (%%esp)" ::: "memory", "cc"); }

static inline u32 address(const volatile void *p) { return (u32)(uintptr_t)p; }
static inline void *pointer(u32 a) { return (void *)(uintptr_t)a; }

#endif
