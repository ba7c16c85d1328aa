/*
 * The trustee: a thread of the sandboxed process, outside SECCOMP, that carries out the helper's orders.
 *
 * Who runs it:     the trustee only, from the orders memfd (read-only and executable for this process, sealed).
 * What it trusts:  its registers, the lane of the orders memfd that %esp points to, and the vDSO, which is read-only and
 *                  sealed and which no call may touch (ProtectedRanges). Nothing else: every other page of the process is
 *                  the untrustee's to write at any moment. So no push, pop, call or ret; no load but disp(%esp); no store
 *                  but disp(%ecx) into the lane's result slot, whose content nobody believes. nurse-native's build step
 *                  TrusteeProof disassembles the object and checks exactly this, and that an order runs once
 *                  whatever way is taken.
 * Signals:         all blocked before it was cloned; it never runs a handler. A fault kills the process.
 *
 * Registers        %esp         the lane of the orders memfd
 *                  %xmm7 (low)  number of the last order taken; an order runs once, and numbers only go up
 *                  %xmm6        which of its own calls the trustee is making: what to do when it returns
 *                  %xmm0        number of the order being looked at
 *                  %xmm2        its system call number
 *                  others       arguments, scratch
 *
 * An order that the helper rewrites while it is being read is not run: the number is read before and after the
 * arguments, and the helper makes it odd while it writes (loads are not reordered with loads on x86, Intel SDM vol. 3
 * section 9.2.2; vector registers hold what must not be in memory, since all seven general registers are arguments).
 *
 * Into the kernel: by the vDSO's __kernel_vsyscall (arch/x86/entry/vdso/vdso32/system_call.S), some twenty times faster
 * than int $0x80 where that is slow (docs/performance.md). It pushes three registers, which there is no stack for; entered
 * behind its pushes, it takes the sixth argument from (%esp), pops %ebp, %edx and %ecx, and returns: from four words of
 * the lane that the helper wrote, with %esp 16 further on. The helper has looked at the vDSO's bytes; if it does not know
 * them, ORDER_ENTRY is `slow` below.
 */
#include "layout.h"

#define NR_write 4
#define NR_lseek 19
#define NR_futex 240

#define AN_ORDER 0
#define TELLING 1
#define RINGING 2
#define SLEEPING 3

        .text
        .globl  trustee
trustee:
        jmp     start

        .org    trustee + NURSE_CODE_RETURN, 0x90
        lea     -16(%esp), %esp
        jmp     returned

        .org    trustee + NURSE_CODE_SLOW, 0x90
slow:
        mov     NURSE_ORDER_ARG6(%esp), %ebp
        int     $0x80

returned:
        movd    %xmm6, %edi
        cmp     $TELLING, %edi
        jb      order_done
        je      told
        cmp     $SLEEPING, %edi
        jne     wait

        /* Woken up by an order; or, with none there, by the kernel, since the untrustee's thread ends: lock.c gave it this
         * word as its clear_child_tid, on which mm_release (kernel/fork.c) wakes who sleeps, though it cannot write it. */
        movq    NURSE_ORDER_SEQ(%esp), %xmm0
        pcmpeqd %xmm7, %xmm0
        pmovmskb %xmm0, %eax
        cmp     $0xff, %al
        je      ring
        jmp     wait

        /* Until the first order, before which the helper writes ORDER_ENTRY. */
start:
        pxor    %xmm7, %xmm7
first:
        mov     $NR_futex, %eax
        mov     %esp, %ebx
        add     $NURSE_ORDER_SEQ, %ebx
        xor     %ecx, %ecx
        xor     %edx, %edx
        xor     %esi, %esi
        int     $0x80
        cmpl    $0, NURSE_ORDER_SEQ(%esp)
        je      first

wait:
        mov     NURSE_ORDER_SPIN(%esp), %edi
look:
        movq    NURSE_ORDER_SEQ(%esp), %xmm0
        movdqa  %xmm0, %xmm1
        pcmpeqd %xmm7, %xmm1
        pmovmskb %xmm1, %eax
        cmp     $0xff, %al              /* both halves of the number as before? (bits 8-15 are zero = zero) */
        jne     changed
        pause
        sub     $1, %edi
        jns     look

        mov     $SLEEPING, %eax
        movd    %eax, %xmm6
        mov     $NR_futex, %eax         /* futex(&order.seq, FUTEX_WAIT, low half of the last number, no timeout) */
        mov     %esp, %ebx
        add     $NURSE_ORDER_SEQ, %ebx
        xor     %ecx, %ecx
        movd    %xmm7, %edx
        xor     %esi, %esi
        jmp     *NURSE_ORDER_ENTRY(%esp)

changed:
        movd    %xmm0, %eax
        test    $1, %al                 /* odd: the helper is writing it */
        jz      complete
        pause
        jmp     look
complete:
        pxor    %xmm6, %xmm6            /* AN_ORDER */
        mov     NURSE_ORDER_NR(%esp), %eax
        movd    %eax, %xmm2
        mov     (NURSE_ORDER_ARG + 0)(%esp), %ebx
        mov     (NURSE_ORDER_ARG + 4)(%esp), %ecx
        mov     (NURSE_ORDER_ARG + 8)(%esp), %edx
        mov     (NURSE_ORDER_ARG + 12)(%esp), %esi
        mov     (NURSE_ORDER_ARG + 16)(%esp), %edi
        movq    NURSE_ORDER_SEQ(%esp), %xmm1
        pcmpeqd %xmm0, %xmm1
        pmovmskb %xmm1, %eax
        cmp     $0xff, %al
        jne     wait                    /* rewritten meanwhile: what was read may be a mixture */

        movdqa  %xmm0, %xmm7
        movd    %xmm2, %eax
        jmp     *NURSE_ORDER_ENTRY(%esp)

order_done:
        /* The result: the value, then the number that makes it valid. Plain stores are not reordered with each other
         * (SDM 9.2.2). The helper treats both as hints. */
        mov     NURSE_ORDER_RESULT(%esp), %ecx
        mov     %eax, NURSE_RESULT_VALUE(%ecx)
        movq    %xmm7, NURSE_RESULT_SEQ(%ecx)

        /* The truth: an offset that SECCOMP keeps from the untrustee. */
        mov     $TELLING, %eax
        movd    %eax, %xmm6
        movd    %xmm7, %ecx
        shr     $1, %ecx
        and     $NURSE_CHANNEL_MASK, %ecx
        mov     $NR_lseek, %eax
        mov     $NURSE_FD_CHANNEL, %ebx
        xor     %edx, %edx
        jmp     *NURSE_ORDER_ENTRY(%esp)

told:
        /* The kernel entry above orders the stores before this load, as the helper's fence does on its side: either
         * it sees the result, or this sees that it sleeps. */
        mov     NURSE_ORDER_HELPER_SLEEPS(%esp), %eax
        test    %eax, %eax
        jz      wait
ring:
        mov     $RINGING, %eax
        movd    %eax, %xmm6
        mov     $NR_write, %eax
        mov     $NURSE_FD_BELL_HELPER, %ebx
        mov     NURSE_ORDER_BELL_BYTE(%esp), %ecx
        mov     $1, %edx
        jmp     *NURSE_ORDER_ENTRY(%esp)
