/*
 * The launcher's entry and its one way into the kernel. Runs in the new process, before ld.so.
 */
        .text
        .globl  _start
_start:
        xor     %ebp, %ebp
        mov     %esp, %eax
        and     $-16, %esp
        push    %eax
        push    %eax
        call    launcher_main           /* does not return */
        hlt

        .globl  launcher_syscall
launcher_syscall:
        push    %edi
        push    %esi
        push    %ebx
        mov     16(%esp), %eax
        mov     20(%esp), %ebx
        mov     24(%esp), %ecx
        mov     28(%esp), %edx
        mov     32(%esp), %esi
        mov     36(%esp), %edi
        int     $0x80
        pop     %ebx
        pop     %esi
        pop     %edi
        ret

        .section .note.GNU-stack, "", @progbits
