/*
 * The layout of the memory that the three parties share: the only place where an offset is written down.
 * C and assembly include it. GenerateLayout.java makes nurse.ffm.lane.LaneLayout of it, so every #define here is one number,
 * with its comment behind it.
 *
 * Two memfds, both mapped MAP_SHARED by the helper and by the sandboxed process:
 *
 *   orders    written by the helper only: F_SEAL_FUTURE_WRITE, mapped read-only by the other side.
 *   requests  written by the sandboxed process (untrustee, trustee) and the helper: nothing in it is trusted.
 *
 *   orders                                   requests
 *   +0x0000  header          (helper)        +0x00000  lane 0
 *   +0x1000  trustee's code  (helper, r-x)   +0x20000  lane 1 ...
 *   +0x2000  lane 0
 *   +0x22000 lane 1 ...
 */
#ifndef NURSE_LAYOUT_H
#define NURSE_LAYOUT_H

#define NURSE_MAGIC 0x5352554e /* "NURS", little endian */
#define NURSE_LAYOUT_VERSION 7

/* Descriptors of ours in the sandboxed process. RLIMIT_NOFILE's soft limit is NURSE_FD_BASE, so no number that the
 * program can be given lies here, and the helper refuses these numbers in every order. */
#define NURSE_FD_BASE 1024
#define NURSE_FD_CONTROL 1024        /* SOCK_SEQPACKET: the handshake, then descriptors from the helper */
#define NURSE_FD_ORDERS 1025         /* closed before the lock */
#define NURSE_FD_REQUESTS 1026       /* closed before the lock */
#define NURSE_FD_BELL_HELPER 1027    /* pipe, write end: wakes the helper */
#define NURSE_FD_BELL_UNTRUSTEE 1028 /* pipe, read end: wakes the untrustee */
#define NURSE_FD_CHANNEL 1029        /* empty memfd, read-only: its offset says which order the trustee has done */
#define NURSE_FD_AUDIT 1030          /* libnurse.so, closed before the lock; the trap lock does not use it */
#define NURSE_FD_PROGRAM 1031        /* the program: strict closes it before the lock, the helper's orders after its mapping */
#define NURSE_FD_LOADER 1032         /* the program's loader, close-on-exec; closed as the program is */
#define NURSE_FD_LIFE 1033           /* pipe, read end: when the helper's end is gone, the kernel kills the process */
#define NURSE_FD_RULES 1034          /* the Landlock rule set if HEADER_RULES says so, else anything; close-on-exec */
#define NURSE_FD_COUNT 11

/* orders: header. Writer of every field: the helper, before the process exists. */
#define NURSE_HEADER_MAGIC 0x00
#define NURSE_HEADER_VERSION 0x04
#define NURSE_HEADER_LANES 0x08
#define NURSE_HEADER_LOCK 0x0c /* which lock to put on: one of NURSE_LOCK_* */
#define NURSE_HEADER_NAME 0x10 /* 16 bytes with NUL: the thread's name (comm), which exec by descriptor loses */
#define NURSE_HEADER_IGNORED 0x20 /* u64: the signals that the program starts with as ignored, bit sig-1 */
#define NURSE_HEADER_NAMESPACES 0x28 /* u32: CLONE_NEW* bits that the launcher asks for, all or none; 0 for none */
#define NURSE_HEADER_RULES 0x2c      /* u32: not 0 if FD_RULES is a Landlock rule set */
#define NURSE_HEADER_CAPABILITIES 0x30 /* u64: those that are kept, bit by number (capabilities(7)) */
#define NURSE_HEADER_FILTER 0x38     /* u32: how many instructions the trap lock's filter has */
#define NURSE_HEADER_REPEAT 0x3c     /* u32: what is the same in every run: NURSE_REPEAT_* bits; 0 for nothing */
#define NURSE_HEADER_RANDOM 0x40     /* u8[16]: what AT_RANDOM points to, with REPEAT_RANDOM */
#define NURSE_HEADER_ORIGIN 0x50     /* u32: of how many times /. the name is that ld.so has for $ORIGIN (LoaderOrigin.java) */
#define NURSE_HEADER_NATIVE 0x54     /* u32: which calls the lock leaves to the program besides: NURSE_NATIVE_* bits; only with LOCK_TRAP */
#define NURSE_HEADER_BLOCKED 0x58    /* u64: the signals that the program starts with as blocked, bit sig-1 */
#define NURSE_HEADER_PARENT 0x60     /* u32: the process that must be the parent and ends this one by its own end; 0 for none */
#define NURSE_HEADER_FILTER_CODE 0x100 /* struct sock_filter[] */
#define NURSE_HEADER_FILTER_MAX 448
#define NURSE_HEADER_SIZE 0x1000
#define NURSE_LOCK_STRICT 1 /* SECCOMP mode 1 */
#define NURSE_LOCK_TRAP 2   /* SECCOMP mode 2: the header's filter; a call that it does not allow raises SIGSYS */

#define NURSE_REPEAT_TIME 1
#define NURSE_REPEAT_RANDOM 2

#define NURSE_NATIVE_FUTEX 1 /* futex(2): FUTEX_WAIT, FUTEX_WAKE and their BITSET forms */

#define NURSE_CODE 0x1000
#define NURSE_CODE_SIZE 0x1000
#define NURSE_CODE_RETURN 0x04 /* in the trustee's code: where the vDSO's entry returns to */
#define NURSE_CODE_SLOW 0x10   /* the entry by int $0x80, for a vDSO that is not known */
#define NURSE_ORDERS_LANES 0x2000
#define NURSE_ORDERS_LANE_SIZE 0x20000

/* orders: one lane. Writer of every field: the helper. Readers: trustee (order), untrustee (reply). */
#define NURSE_ORDER 0x000
#define NURSE_ORDER_ARG6 0x00        /* u32: %ebp. The first of the four words that the vDSO's entry takes from the stack: */
#define NURSE_ORDER_RETURN 0x0c      /* u32 address that it goes on at: CODE_RETURN; between them %edx and %ecx, of no use */
#define NURSE_ORDER_SEQ 0x10         /* u64; odd while the slot is being written, even and higher when complete */
#define NURSE_ORDER_NR 0x18          /* u32 system call number */
#define NURSE_ORDER_ARG 0x1c         /* u32[5]: ebx ecx edx esi edi */
#define NURSE_ORDER_RESULT 0x30      /* u32 address of this lane's result slot in the sandboxed process */
#define NURSE_ORDER_BELL_BYTE 0x34   /* u32 address of a byte that may be written to the helper's bell */
#define NURSE_ORDER_SPIN 0x38        /* u32 how many times the trustee looks again before it sleeps */
#define NURSE_ORDER_ENTRY 0x3c       /* u32 address that enters the kernel: in the vDSO, or CODE_SLOW */
#define NURSE_ORDER_HELPER_SLEEPS 0x40 /* u32: not 0 while the helper waits for its bell */
#define NURSE_REPLY_SPIN 0x44        /* u32 how many times the untrustee looks for its reply before it sleeps, at most */
#define NURSE_REPLY 0x080
#define NURSE_REPLY_SEQ 0x00         /* u32: equals the request's when the reply is complete */
#define NURSE_REPLY_RESULT 0x04      /* s32: the call's result, or -errno */
#define NURSE_REPLY_COPIES 0x08      /* u32: how many entries of COPY are to be done by the gate */
#define NURSE_REPLY_COPY 0x0c        /* { u32 to, u32 offset in REPLY_DATA, u32 length } */
#define NURSE_REPLY_COPY_SIZE 12
#define NURSE_REPLY_COPIES_MAX 8
#define NURSE_ORDER_DATA 0x1000      /* what pointers of an order point to */
#define NURSE_ORDER_DATA_SIZE 0x4000
#define NURSE_REPLY_DATA 0x8000
#define NURSE_REPLY_DATA_SIZE 0x10000

/* requests: one lane. */
#define NURSE_REQUESTS_LANE_SIZE 0x20000
#define NURSE_REQUEST 0x000          /* writer: untrustee */
#define NURSE_REQUEST_SEQ 0x00       /* u32, written last */
#define NURSE_REQUEST_NR 0x04        /* u32 */
#define NURSE_REQUEST_ARG 0x08       /* u32[6], as in the registers */
#define NURSE_REQUEST_OFFSET 0x20    /* u32[6]: where in REQUEST_DATA a pointed-to argument was put */
#define NURSE_REQUEST_LENGTH 0x38    /* u32[6]: its length; 0 for what was not copied */
#define NURSE_RESULT 0x080           /* writer: trustee (and, as all here, anything hostile) */
#define NURSE_RESULT_SEQ 0x00        /* u64: the order's number, written after the value */
#define NURSE_RESULT_VALUE 0x08      /* s32: what the kernel returned */
/* On a cache line of their own, since they hardly ever change and the helper reads them for each call: */
#define NURSE_UNTRUSTEE_SLEEPS 0x0c0 /* u32, writer: untrustee: not 0 while it waits for its bell */
#define NURSE_INTERRUPT 0x0c4        /* u32, writer: untrustee: a signal came during the request of this number */
#define NURSE_SCRATCH 0x200          /* where an order lets the kernel write what only the helper reads */
#define NURSE_SCRATCH_SIZE 0x600
#define NURSE_REQUEST_DATA 0x1000
#define NURSE_REQUEST_DATA_SIZE 0x11000

/* The trustee says that order SEQ is done by lseek(NURSE_FD_CHANNEL, SEQ / 2 % 2^30, SEEK_SET): lseek's offset is a
 * signed 32-bit number on i386 and must not be negative. */
#define NURSE_CHANNEL_MASK 0x3fffffff

/* Requests that are no system call. Above every number the kernel knows. */
#define NURSE_CALL_LOCKED 0x4e550001 /* the first request: the thread is in SECCOMP. Answer under trap: where to go on; else 0 */
#define NURSE_CALL_RAISE 0x4e550002  /* arg 0: signal whose default action is to end this process */

/* A result that is no errno of the program's (linux/errno.h, ERESTARTSYS): a signal came, and the call is to be made
 * again after a handler with SA_RESTART, or to end with EINTR after another. */
#define NURSE_RESTART 512 /* as a result: -512 */

/* The handshake message on NURSE_FD_CONTROL, sent before the lock: u32 each. */
#define NURSE_HELLO_MAGIC 0
#define NURSE_HELLO_VERSION 4
#define NURSE_HELLO_ORDERS 8    /* address of the orders mapping */
#define NURSE_HELLO_REQUESTS 12 /* address of the requests mapping */
#define NURSE_HELLO_TRUSTEE 16  /* thread id of lane 0's trustee */
#define NURSE_HELLO_VDSO 20     /* address of the vDSO */
#define NURSE_HELLO_VDSO_SIZE 24
#define NURSE_HELLO_TRAPS 28    /* how many int $0x80 of ld.so were replaced */
#define NURSE_HELLO_SEALED 32   /* bits: which protected mappings mseal(2) has sealed: 1 orders, 2 requests, 4 vDSO */
#define NURSE_HELLO_VSYSCALL 36 /* address of __kernel_vsyscall, in the vDSO */
#define NURSE_HELLO_STACK 40    /* trap: address of argc, as the kernel left the stack (execve(2)) */
#define NURSE_HELLO_GATE 44     /* trap: address of the gate, for AT_SYSINFO */
#define NURSE_HELLO_NAME 48     /* trap: address of PATH_MAX bytes for the string that AT_EXECFN points to */
#define NURSE_HELLO_SIZE 52

#endif
