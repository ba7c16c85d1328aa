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

/* linux/arch/x86/include/asm/sigframe.h, struct sigframe_ia32: what sigreturn(119) reads back. The FPU state lies
 * elsewhere; fpstate in it points there. */
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

/* asm-generic/siginfo.h as 32-bit processes have it: the union behind the first three words as plain words. */
struct siginfo {
    s32 signo, error, code;
    u32 fields[29];
};
_Static_assert(sizeof(struct siginfo) == 128, "SI_MAX_SIZE");

struct stack {
    u32 sp, flags, size;
};

/* arch/x86/include/asm/ia32.h, struct ucontext_ia32 */
struct ucontext {
    u32 flags, link;
    struct stack stack;
    struct sigcontext mcontext;
    u32 sigmask[2];
};

/* sigframe.h, struct rt_sigframe_ia32: what a handler with SA_SIGINFO is called with. */
struct rt_sigframe {
    u32 pretcode;
    s32 sig;
    u32 info_at, uc_at;
    struct siginfo info;
    struct ucontext uc;
    u8 retcode[8];
};

/* arch/x86/include/uapi/asm/sigcontext.h, struct _fpstate_32: where the size of the whole is told, if the magic is there */
#define FPSTATE_FSAVE_SIZE 112u
#define FPSTATE_FXSAVE_SIZE 512u
#define FPSTATE_SW_MAGIC (FPSTATE_FSAVE_SIZE + 464u)
#define FPSTATE_SW_EXTENDED_SIZE (FPSTATE_SW_MAGIC + 4u)
#define FP_XSTATE_MAGIC1 0x46505853u

/* linux/filter.h, linux/seccomp.h, linux/audit.h */
struct sock_filter {
    u16 code;
    u8 jt, jf;
    u32 k;
};
struct sock_fprog {
    u16 len;
    u16 unused;
    const struct sock_filter *filter;
};
#define SYS_SECCOMP 1

#define SIGTRAP 5
#define SIGBUS 7
#define SIGKILL 9
#define SIGSEGV 11
#define SIGCHLD 17
#define SIGCONT 18
#define SIGSTOP 19
#define SIGURG 23
#define SIGWINCH 28
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
#define SA_RESTART 0x10000000u
#define SA_NODEFER 0x40000000u
#define SA_RESETHAND 0x80000000u
#define SA_KNOWN 0xdc000807u /* UAPI_SA_FLAGS and SA_RESTORER: what the kernel remembers of the flags */
#define SS_ONSTACK 1u
#define SS_DISABLE 2u
#define SS_AUTODISARM 0x80000000u
#define MINSIGSTKSZ 2048u

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
#define CLONE_NEWUSER 0x10000000
#define KEYCTL_JOIN_SESSION_KEYRING 1
#define PR_SET_PDEATHSIG 1
#define PR_SET_NAME 15
#define PR_SET_SECCOMP 22
#define PR_SET_TSC 26
#define PR_TSC_SIGSEGV 2
#define PR_SET_NO_NEW_PRIVS 38
#define PR_GET_NO_NEW_PRIVS 39
#define PR_CAPBSET_DROP 24
#define PR_CAP_AMBIENT 47
#define PR_CAP_AMBIENT_CLEAR_ALL 4
#define CAPABILITY_VERSION_3 0x20080522u
#define SECCOMP_MODE_STRICT 1
#define SECCOMP_MODE_FILTER 2
#define PATH_MAX 4096 /* linux/limits.h, with the NUL */
#define AT_NULL 0     /* linux/auxvec.h, asm/auxvec.h */
#define AT_RANDOM 25
#define AT_SYSINFO 32
#define RLIMIT_STACK 3
#define RLIMIT_CORE 4
#define RLIMIT_NPROC 6
#define RLIMIT_NOFILE 7
#define O_RDONLY 00
#define O_WRONLY 01
#define O_ACCMODE 03
#define O_CLOEXEC 02000000
#define O_ASYNC 020000
#define O_PATH 010000000
#define F_GETFL 3
#define F_SETFL 4
#define F_SETOWN 8
#define F_SETSIG 10
#define F_GETSIG 11

#endif
