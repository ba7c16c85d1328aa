/*
 * What a freestanding i686 program needs of the kernel's ABI: types, the structures of asm/sigcontext.h and
 * asm/signal.h as the kernel lays them out for 32-bit processes, and the constants used here. Names are the kernel's.
 */
#ifndef NURSE_KERNEL_H
#define NURSE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;

/* linux/arch/x86/include/uapi/asm/sigcontext.h, struct sigcontext_32 */
struct sigcontext {
    u16 gs, gs_high, fs, fs_high, es, es_high, ds, ds_high;
    u32 edi, esi, ebp, esp, ebx, edx, ecx, eax;
    u32 trapno, err, eip;
    u16 cs, cs_high;
    u32 eflags, esp_at_signal;
    u16 ss, ss_high;
    u32 fpstate, oldmask, cr2;
};
_Static_assert(sizeof(struct sigcontext) == 88, "sigcontext_32 is 88 bytes");

/* linux/arch/x86/include/asm/sigframe.h, struct sigframe_ia32: what an old-style handler is called with, and what
 * sigreturn(119) reads back. The FPU state lies elsewhere; fpstate in it points there. */
struct sigframe {
    u32 pretcode;
    s32 sig;
    struct sigcontext sc;
    u8 fpstate_unused[624];
    u32 extramask;
    u8 retcode[8];
};
_Static_assert(offsetof(struct sigframe, extramask) == 720, "extramask follows the unused FPU state");

/* rt_sigaction's argument on i386: linux/include/linux/compat.h, struct compat_sigaction */
struct kernel_sigaction {
    u32 handler, flags, restorer;
    u32 mask[2];
};

/* asm/siginfo.h (the part that can be known here) and asm/ucontext.h for SA_SIGINFO handlers. */
struct siginfo {
    s32 signo, error, code;
    u32 fields[29];
};
struct ucontext {
    u32 flags, link;
    u32 stack_sp, stack_flags, stack_size;
    struct sigcontext mcontext;
    u32 sigmask[2];
};

#define SIGTRAP 5
#define SIGKILL 9
#define SIGSEGV 11
#define SIGSTOP 19
#define SIGSYS 31
#define NSIG 64
#define SIG_DFL 0
#define SIG_IGN 1
#define SIG_BLOCK 0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2
#define SA_SIGINFO 0x00000004u
#define SA_ONSTACK 0x08000000u
#define SA_RESTORER 0x04000000u
#define SA_NODEFER 0x40000000u
#define SA_RESETHAND 0x80000000u

#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#define MAP_SHARED 1
#define CLONE_VM 0x100
#define CLONE_FS 0x200
#define CLONE_FILES 0x400
#define CLONE_SIGHAND 0x800
#define CLONE_THREAD 0x10000
#define CLONE_SYSVSEM 0x40000
#define PR_SET_PDEATHSIG 1
#define PR_SET_NAME 15
#define PR_SET_SECCOMP 22
#define PR_SET_NO_NEW_PRIVS 38
#define PR_GET_NO_NEW_PRIVS 39
#define SECCOMP_MODE_STRICT 1
#define RLIMIT_STACK 3
#define RLIMIT_NOFILE 7
#define O_CLOEXEC 02000000

#endif
