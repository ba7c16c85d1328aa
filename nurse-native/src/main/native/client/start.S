/*
 * The client's entry. Runs as the user's own process, x86-64, without a C library.
 */
        .text
        .globl  _start
_start:
        xor     %ebp, %ebp
        mov     %rsp, %rdi              /* argc, argv, NULL, environment, NULL (execve(2)) */
        and     $-16, %rsp
        call    client_main             /* does not return */
        hlt

        .section .note.GNU-stack, "", @progbits
