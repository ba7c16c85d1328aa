/*
 * Where the untrustee's calls enter, and the few steps that C cannot write.
 *
 * Who runs it:  the untrustee, locked or about to be. Nothing here is trusted by the helper or the trustee.
 * Registers:    as at a system call (syscall(2), i386): %eax number, %ebx %ecx %edx %esi %edi %ebp arguments, result in
 *               %eax, all others kept, vector registers and flags included; so the C behind it is built with
 *               -mgeneral-regs-only.
 */
#include "layout.h"

/* untrustee.h, struct lane; kernel.h, struct sigframe: delivery.c checks them */
#define LANE_NATIVE_ESP 20
#define LANE_NATIVE_FUTEX 72
#define FRAME           736             /* sizeof(struct sigframe), rounded up to 16 */

        .text

/* libc does `call *%gs:0x10` (sysdeps/unix/sysv/linux/i386/sysdep.h, ENTER_KERNEL): this is what it finds there. */
        .globl  nurse_gate_entry
        .hidden nurse_gate_entry
        .type   nurse_gate_entry, @function
nurse_gate_entry:
        cmp     $3, %eax                /* read and write are the untrustee's own under SECCOMP */
        je      nurse_native_jump
        cmp     $4, %eax
        je      nurse_native_jump
        cmp     $240, %eax              /* futex */
        je      nurse_futex
        cmp     $422, %eax              /* futex_time64 */
        je      nurse_futex
nurse_mediated:
        pushf
        cld
        push    %ebp                    /* struct gate_regs, from its end */
        push    %edi
        push    %esi
        push    %edx
        push    %ecx
        push    %ebx
        push    %eax
        mov     %esp, %eax
        lea     32(%esp), %ecx          /* what %esp was: behind the flags and seven registers */
        push    %ecx
        push    %eax
        call    nurse_gate              /* not 0: a handler is to run now */
        add     $8, %esp
        test    %eax, %eax
        pop     %eax                    /* the result; pop leaves the flags alone */
        pop     %ebx
        pop     %ecx
        pop     %edx
        pop     %esi
        pop     %edi
        pop     %ebp
        jnz     1f
        popf
        ret
1:      popf
/* All registers are as the program will find them: a signal now makes the frame that a handler is to return to. */
        .globl  nurse_deliver_trap
        .hidden nurse_deliver_trap
nurse_deliver_trap:
        int3
        ret

/* Waits and wakes are the kernel's where the lock allows them (lock.c): only the kernel can wake a waiter that waits for
 * another process. As with read and write, the kernel interrupts and restarts them itself. The operation is in %ecx. */
nurse_futex:
        push    %eax
        call    1f
1:      pop     %eax
        cmpl    $0, (nurse_lane - 1b + LANE_NATIVE_FUTEX)(%eax)
        je      2f
        mov     %ecx, %eax
        and     $0x7f, %eax             /* without FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME */
        cmp     $1, %eax                /* FUTEX_WAIT, FUTEX_WAKE */
        jbe     3f
        sub     $9, %eax                /* FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET */
        cmp     $1, %eax
        jbe     3f
2:      pop     %eax
        jmp     nurse_mediated
3:      pop     %eax
        jmp     nurse_native_jump

/* s32 nurse_call_gate(nr, a, b): a call of the program's that came another way (vdso.c); a handler runs as behind any. */
        .globl  nurse_call_gate
        .hidden nurse_call_gate
        .type   nurse_call_gate, @function
nurse_call_gate:
        push    %ebx
        mov     8(%esp), %eax
        mov     12(%esp), %ebx
        mov     16(%esp), %ecx
        call    nurse_gate_entry
        pop     %ebx
        ret

/* Before the lock lock.c turns this jump's target into the vDSO's __kernel_vsyscall, which enters the kernel some
 * twenty times faster than int $0x80 where virtualisation makes the latter slow (docs/performance.md). */
        .globl  nurse_native_jump
        .hidden nurse_native_jump
        .balign 8
nurse_native_jump:
        .byte   0xe9                    /* jmp rel32, whatever the distance */
        .long   nurse_int80 - . - 4
        .globl  nurse_int80
        .hidden nurse_int80
nurse_int80:
        int     $0x80
        ret

/* Behind sigreturn there is no way back to here: this needs no ret. */
        .globl  nurse_sigreturn_int80
        .hidden nurse_sigreturn_int80
nurse_sigreturn_int80:
        int     $0x80

/* s32 nurse_native(nr, a, b, c): through the same jump, for C. */
        .globl  nurse_native
        .hidden nurse_native
        .type   nurse_native, @function
nurse_native:
        push    %ebx
        mov     8(%esp), %eax
        mov     12(%esp), %ebx
        mov     16(%esp), %ecx
        mov     20(%esp), %edx
        call    nurse_native_jump
        pop     %ebx
        ret

/* s32 nurse_interruptible(nr, a, b, c): as nurse_native, for a call that may sleep while signals have to wait for the
 * gate: one that comes before the kernel is entered, or that the kernel would go back to sleep after, sends us to
 * nurse_interruptible_abort instead (delivery.c), with %esp and %esi as they are here. So none is slept through. */
        .globl  nurse_interruptible, nurse_interruptible_end, nurse_interruptible_abort
        .hidden nurse_interruptible, nurse_interruptible_end, nurse_interruptible_abort
        .type   nurse_interruptible, @function
nurse_interruptible:
        push    %ebx
        push    %esi
        call    1f
1:      pop     %esi
        add     $(nurse_lane - 1b), %esi
        mov     %esp, LANE_NATIVE_ESP(%esi)
        call    nurse_deliverable
        or      %edx, %eax
        jnz     nurse_interruptible_abort
        mov     12(%esp), %eax
        mov     16(%esp), %ebx
        mov     20(%esp), %ecx
        mov     24(%esp), %edx
        call    nurse_native_jump
nurse_interruptible_end:
        jmp     2f
nurse_interruptible_abort:
        mov     $-NURSE_RESTART, %eax
2:      movl    $0, LANE_NATIVE_ESP(%esi)
        pop     %esi
        pop     %ebx
        ret

/* s32 nurse_syscall6(nr, a, b, c, d, e, f): any call before the lock; under it, what the filter allows. */
        .globl  nurse_syscall6
        .hidden nurse_syscall6
        .type   nurse_syscall6, @function
nurse_syscall6:
        push    %ebp
        push    %edi
        push    %esi
        push    %ebx
        mov     20(%esp), %eax
        mov     24(%esp), %ebx
        mov     28(%esp), %ecx
        mov     32(%esp), %edx
        mov     36(%esp), %esi
        mov     40(%esp), %edi
        mov     44(%esp), %ebp
        int     $0x80
        pop     %ebx
        pop     %esi
        pop     %edi
        pop     %ebp
        ret

/* s32 nurse_clone(flags, stack, entry): a thread that starts at entry with %esp = stack and never touches memory on
 * its way there. clone(2): on i386 the new thread goes on behind the int $0x80 with the parent's other registers. */
        .globl  nurse_clone
        .hidden nurse_clone
        .type   nurse_clone, @function
nurse_clone:
        push    %ebx
        push    %esi
        push    %edi
        mov     16(%esp), %ebx
        mov     20(%esp), %ecx
        mov     24(%esp), %edi
        xor     %edx, %edx
        xor     %esi, %esi
        mov     $120, %eax
        int     $0x80
        test    %eax, %eax
        jz      1f
        pop     %edi
        pop     %esi
        pop     %ebx
        ret
1:      jmp     *%edi

/* s32 nurse_copy(to, from, length): 0, or -1 if a page of either is not there. The handler of SIGSEGV and SIGBUS
 * (delivery.c) sends a fault between the two labels to nurse_copy_fault: a bad pointer is EFAULT, not the program's end. */
        .globl  nurse_copy, nurse_copy_start, nurse_copy_end, nurse_copy_fault
        .hidden nurse_copy, nurse_copy_start, nurse_copy_end, nurse_copy_fault
        .type   nurse_copy, @function
nurse_copy:
        push    %esi
        push    %edi
        mov     12(%esp), %edi
        mov     16(%esp), %esi
        mov     20(%esp), %ecx
nurse_copy_start:
        rep movsb
        xor     %eax, %eax
        pop     %edi
        pop     %esi
        ret

/* s32 nurse_copy_string(to, from, limit): bytes copied, the final NUL included if it came within limit; -1 on a fault. */
        .globl  nurse_copy_string
        .hidden nurse_copy_string
        .type   nurse_copy_string, @function
nurse_copy_string:
        push    %esi
        push    %edi
        mov     12(%esp), %edi
        mov     16(%esp), %esi
        mov     20(%esp), %ecx
1:      test    %ecx, %ecx
        jz      2f
        movzbl  (%esi), %eax
        mov     %al, (%edi)
        inc     %esi
        inc     %edi
        dec     %ecx
        test    %al, %al
        jnz     1b
2:      mov     20(%esp), %eax
        sub     %ecx, %eax
nurse_copy_end:
        pop     %edi
        pop     %esi
        ret
nurse_copy_fault:
        mov     $-1, %eax
        pop     %edi
        pop     %esi
        ret

/* The kernel's handler for every signal that is ours or that the program handles: on a stack of ours, with SA_SIGINFO,
 * so %esp points at a struct rt_sigframe. SECCOMP mode 1 kills who returns from it by rt_sigreturn(173); so an old frame is
 * made of it and given to sigreturn(119).
 *
 * A signal may come between the last look for others and the return. It is put off then, for this stack is in use; so who
 * puts one off in here starts this over (delivery.c), or it would wait for the program's next call.
 *
 * %ebx  the struct sigframe to return by     %esi  the kernel's frame */
        .globl  nurse_handler, nurse_finish, nurse_finish_check, nurse_finish_end
        .hidden nurse_handler, nurse_finish, nurse_finish_check, nurse_finish_end
        .type   nurse_handler, @function
nurse_handler:
        mov     %esp, %esi
        sub     $(FRAME + 16), %esp
        and     $-16, %esp
        mov     %esp, %ebx
        sub     $16, %esp
        mov     %esi, (%esp)
        call    nurse_on_signal
nurse_finish:
        lea     -16(%ebx), %esp
        mov     %esi, (%esp)
        mov     %ebx, 4(%esp)
        call    nurse_prepare_return    /* how many signals had been put off when it looked */
        call    1f
1:      pop     %ecx
nurse_finish_check:
        cmp     (nurse_put_off - 1b)(%ecx), %eax
        jne     nurse_finish
        mov     (nurse_sigreturn_entry - 1b)(%ecx), %ecx
        lea     8(%ebx), %esp           /* sigreturn expects the frame 8 bytes below (signal_32.c) */
        mov     $119, %eax
        jmp     *%ecx
nurse_finish_end:

/* Where a handler of the program's returns to, with %esp behind the first word of its frame. */
        .globl  nurse_return_trap
        .hidden nurse_return_trap
nurse_return_trap:
        int3

/* void nurse_set_mask(u32 low, u32 high): SECCOMP mode 1 has no sigprocmask, but sigreturn(119) sets the mask of the
 * frame it is given: so one is made by hand, that returns to right behind the call. The FPU state of a frame without
 * one is reset by the kernel (fpu__restore_sig), hence fxsave and fxrstor around it. */
#define SC      8                       /* offsetof(struct sigframe, sc) */
        .globl  nurse_set_mask
        .hidden nurse_set_mask
        .type   nurse_set_mask, @function
nurse_set_mask:
        push    %ebp
        mov     %esp, %ebp
        push    %ebx
        push    %esi
        push    %edi
        sub     $512, %esp
        and     $-16, %esp
        fxsave  (%esp)
        mov     %esp, %edi              /* where fxrstor finds it again */
        sub     $FRAME, %esp
        xor     %eax, %eax
        mov     %gs, %ax
        mov     %eax, (SC + 0)(%esp)
        mov     %fs, %ax
        mov     %eax, (SC + 4)(%esp)
        mov     %es, %ax
        mov     %eax, (SC + 8)(%esp)
        mov     %ds, %ax
        mov     %eax, (SC + 12)(%esp)
        mov     %edi, (SC + 16)(%esp)
        mov     %esi, (SC + 20)(%esp)
        mov     %ebp, (SC + 24)(%esp)
        mov     %edi, (SC + 28)(%esp)   /* esp afterwards: at the fxsave area */
        mov     %ebx, (SC + 32)(%esp)
        movl    $0, (SC + 36)(%esp)     /* edx, ecx, eax: the caller's to lose */
        movl    $0, (SC + 40)(%esp)
        movl    $0, (SC + 44)(%esp)
        call    1f
1:      pop     %eax
        add     $(2f - 1b), %eax
        mov     %eax, (SC + 56)(%esp)   /* eip */
        xor     %eax, %eax
        mov     %cs, %ax
        mov     %eax, (SC + 60)(%esp)
        pushf
        pop     %eax
        mov     %eax, (SC + 64)(%esp)   /* eflags */
        xor     %eax, %eax
        mov     %ss, %ax
        mov     %eax, (SC + 72)(%esp)
        movl    $0, (SC + 76)(%esp)     /* no FPU state */
        mov     8(%ebp), %eax
        mov     %eax, (SC + 80)(%esp)   /* oldmask */
        mov     12(%ebp), %eax
        mov     %eax, 720(%esp)         /* extramask */
        call    3f
3:      pop     %ecx
        mov     (nurse_sigreturn_entry - 3b)(%ecx), %ecx
        lea     8(%esp), %esp           /* sigreturn expects the frame 8 bytes below (signal_32.c) */
        mov     $119, %eax
        jmp     *%ecx
2:      fxrstor (%esp)
        lea     -12(%ebp), %esp
        pop     %edi
        pop     %esi
        pop     %ebx
        pop     %ebp
        ret

        .section .note.GNU-stack, "", @progbits
