/*
 * The trustee: a thread of the sandboxed process, outside SECCOMP, that carries out the helper's orders.
 *
 * Who runs it:     the trustee only, from the orders memfd (read-only and executable for this process, sealed).
 * What it trusts:  its registers, and the lane of the orders memfd that %esp points to. Nothing else: every other
 *                  page of the process is the untrustee's to write at any moment. So no push, pop, call or ret; no
 *                  load but disp(%esp); no store but disp(%ecx) into the lane's result slot, whose content nobody
 *                  believes. nurse-native's build step TrusteeProof disassembles the object and checks exactly this.
 * Signals:         all blocked before it was cloned; it never runs a handler. A fault kills the process.
 *
 * Registers        %esp         the lane of the orders memfd; never changes
 *                  %xmm7 (low)  number of the last order taken; an order runs once, and numbers only go up
 *                  %xmm0        number of the order being looked at
 *                  %xmm2        its system call number
 *                  others       arguments, scratch
 *
 * An order that the helper rewrites while it is being read is not run: the number is read before and after the
 * arguments, and the helper makes it odd while it writes (loads are not reordered with loads on x86, Intel SDM vol. 3
 * section 9.2.2; vector registers hold what must not be in memory, since all seven general registers are arguments).
 */
#include "layout.h"

#define NR_write 4
#define NR_lseek 19
#define NR_futex 240

        .text
        .globl  trustee
trustee:
        pxor    %xmm7, %xmm7

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

        mov     $NR_futex, %eax         /* futex(&order.seq, FUTEX_WAIT, low half of the last number, no timeout) */
        mov     %esp, %ebx              /* NURSE_ORDER and NURSE_ORDER_SEQ are both 0 */
        xor     %ecx, %ecx
        movd    %xmm7, %edx
        xor     %esi, %esi
        int     $0x80
        jmp     wait

changed:
        movd    %xmm0, %eax
        test    $1, %al                 /* odd: the helper is writing it */
        jz      complete
        pause
        jmp     look
complete:
        mov     NURSE_ORDER_NR(%esp), %eax
        movd    %eax, %xmm2
        mov     (NURSE_ORDER_ARG + 0)(%esp), %ebx
        mov     (NURSE_ORDER_ARG + 4)(%esp), %ecx
        mov     (NURSE_ORDER_ARG + 8)(%esp), %edx
        mov     (NURSE_ORDER_ARG + 12)(%esp), %esi
        mov     (NURSE_ORDER_ARG + 16)(%esp), %edi
        mov     (NURSE_ORDER_ARG + 20)(%esp), %ebp
        movq    NURSE_ORDER_SEQ(%esp), %xmm1
        pcmpeqd %xmm0, %xmm1
        pmovmskb %xmm1, %eax
        cmp     $0xff, %al
        jne     wait                    /* rewritten meanwhile: what was read may be a mixture */

        movdqa  %xmm0, %xmm7
        movd    %xmm2, %eax
        int     $0x80

        /* The result: the value, then the number that makes it valid. Plain stores are not reordered with each other
         * (SDM 9.2.2). The helper treats both as hints. */
        mov     NURSE_ORDER_RESULT(%esp), %ecx
        mov     %eax, NURSE_RESULT_VALUE(%ecx)
        movq    %xmm7, NURSE_RESULT_SEQ(%ecx)

        /* The truth: an offset that SECCOMP keeps from the untrustee. */
        movd    %xmm7, %ecx
        shr     $1, %ecx
        and     $NURSE_CHANNEL_MASK, %ecx
        mov     $NR_lseek, %eax
        mov     $NURSE_FD_CHANNEL, %ebx
        xor     %edx, %edx
        int     $0x80

        /* The kernel entry above orders the stores before this load, as the helper's fence does on its side: either
         * it sees the result, or this sees that it sleeps. */
        mov     NURSE_ORDER_HELPER_SLEEPS(%esp), %eax
        test    %eax, %eax
        jz      wait
        mov     $NR_write, %eax
        mov     $NURSE_FD_BELL_HELPER, %ebx
        mov     NURSE_ORDER_BELL_BYTE(%esp), %ecx
        mov     $1, %edx
        int     $0x80
        jmp     wait
