/*
 * The launcher's entry, its one way into the kernel, and its end. Runs in the new process, before the program.
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

/* void launcher_begin(entry, stack): as execve(2) ends. The kernel leaves zero in the general registers (ELF_PLAT_INIT in
 * asm/elf.h; %edx is what libc registers with atexit(3), if it is not zero). entry is in memory below the stack for a moment,
 * where nothing is the program's yet. */
        .globl  launcher_begin
launcher_begin:
        mov     4(%esp), %eax
        mov     8(%esp), %esp
        push    %eax
        xor     %eax, %eax
        xor     %ebx, %ebx
        xor     %ecx, %ecx
        xor     %edx, %edx
        xor     %esi, %esi
        xor     %edi, %edi
        xor     %ebp, %ebp
        ret

        .section .note.GNU-stack, "", @progbits
