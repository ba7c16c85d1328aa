/*
 * Where the untrustee's calls enter, and the few steps that C cannot write.
 *
 * Who runs it:  the untrustee, locked or about to be. Nothing here is trusted by the helper or the trustee.
 * Registers:    as at a system call (syscall(2), i386): %eax number, %ebx %ecx %edx %esi %edi %ebp arguments, result in
 *               %eax, all others kept, vector registers and flags included; so the C behind it is built with
 *               -mgeneral-regs-only.
 */
#include "layout.h"

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
        pushf
        cld
        push    %ebp                    /* struct gate_regs, from its end */
        push    %edi
        push    %esi
        push    %edx
        push    %ecx
        push    %ebx
        push    %eax
        push    %esp
        call    nurse_gate
        add     $8, %esp
        pop     %ebx
        pop     %ecx
        pop     %edx
        pop     %esi
        pop     %edi
        pop     %ebp
        popf
        ret

/* Before the lock lock.c turns this jump's target into the vDSO's __kernel_vsyscall, which enters the kernel some
 * twenty times faster than int $0x80 where virtualisation makes the latter slow (docs/performance.md). */
        .globl  nurse_native_jump
        .hidden nurse_native_jump
        .balign 8
nurse_native_jump:
        .byte   0xe9                    /* jmp rel32, whatever the distance */
        .long   nurse_int80 - . - 4
nurse_int80:
        int     $0x80
        ret

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

/* s32 nurse_syscall6(nr, a, b, c, d, e, f): any call, before the lock only. */
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

/* s32 nurse_copy(to, from, length): 0, or -1 if a page of either is not there. The SIGSEGV handler (signals.c) sends a
 * fault between the two labels to nurse_copy_fault: a bad pointer is EFAULT, not the end of the program. */
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

/* The kernel's handler for every signal that is ours or that the program handles. No SA_SIGINFO, so %esp points at a
 * struct sigframe whose first word is the return address: nurse_restorer. */
        .globl  nurse_handler
        .hidden nurse_handler
        .type   nurse_handler, @function
nurse_handler:
        mov     %esp, %eax
        push    %eax
        call    nurse_on_signal
        add     $4, %esp
        ret
        .globl  nurse_restorer
        .hidden nurse_restorer
        .type   nurse_restorer, @function
nurse_restorer:
        pop     %eax                    /* sig; sigreturn expects the frame 8 bytes below %esp (signal_32.c) */
        mov     $119, %eax
        int     $0x80

/* void nurse_set_mask(u32 low, u32 high): SECCOMP mode 1 has no sigprocmask, but sigreturn(119) sets the mask of the
 * frame it is given: so one is made by hand, that returns to right behind the call. The FPU state of a frame without
 * one is reset by the kernel (fpu__restore_sig), hence fxsave and fxrstor around it. */
#define SC      8                       /* offsetof(struct sigframe, sc) */
#define FRAME   736                     /* sizeof(struct sigframe), rounded up to 16 */
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
        lea     8(%esp), %esp           /* what nurse_restorer's ret and pop would have left */
        mov     $119, %eax
        int     $0x80
2:      fxrstor (%esp)
        lea     -12(%ebp), %esp
        pop     %edi
        pop     %esi
        pop     %ebx
        pop     %ebp
        ret

        .section .note.GNU-stack, "", @progbits
