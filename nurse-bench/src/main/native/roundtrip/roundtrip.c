/*
 * The program that the round trips are measured with: makes as many calls as it is told, and says so when they are done.
 *
 * Reads { number of the call, bytes, how often } from standard input, makes them, writes one byte. The calls go through
 * libc's syscall(2), so through the gate where there is one. With bytes, a call has a descriptor (of /dev/zero to read, of
 * /dev/null else), a buffer and the bytes as arguments; without, it has zeros. nanosleep and poll take milliseconds.
 *
 * With "trap" as its argument it looks after itself: a filter raises SIGSYS for all but what mode 1 allows too, and a
 * handler of its own answers 0. Nobody judges anything there: it is what a signal costs.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define MOST_BYTES (64 * 1024)
#define PUSHES 0x555251u /* push %ecx; push %edx; push %ebp: how __kernel_vsyscall begins, little endian */

struct command {
    int32_t number, bytes, count;
};

/* Where rt_sigreturn enters the kernel: behind what the vDSO's entry pushes, which is the fast way, or by int $0x80. What
 * the restorer pushes lies over the frame's return address, which has done its work. */
__attribute__((used)) static uintptr_t sigreturn_entry;
void return_from_trap(void);
__asm__("return_from_trap:\n"
        "    call 1f\n"
        "1:  pop %ecx\n"
        "    mov (sigreturn_entry - 1b)(%ecx), %ecx\n"
        "    mov $173, %eax\n"
        "    jecxz 2f\n"
        "    jmp *%ecx\n"
        "2:  int $0x80\n");

static void answer(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EAX] = 0;
}

static int trap_own_calls(void) {
    static struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    const uint8_t *vsyscall = (const uint8_t *)getauxval(AT_SYSINFO);
    uint32_t first = 0;
    struct {
        void (*handler)(int, siginfo_t *, void *);
        unsigned long flags;
        void (*restorer)(void);
        uint64_t mask;
    } __attribute__((packed)) action = {answer, SA_SIGINFO | 0x04000000 /* SA_RESTORER */, return_from_trap, 0};

    if (vsyscall)
        memcpy(&first, vsyscall, sizeof first);
    if ((first & 0xffffff) == PUSHES)
        sigreturn_entry = (uintptr_t)vsyscall + 3;
    if (syscall(SYS_rt_sigaction, SIGSYS, &action, NULL, 8) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv) {
    static char buffer[MOST_BYTES];
    int zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_WRONLY);
    struct command command;
    char done = 1;

    if (zero < 0 || null < 0) {
        perror("roundtrip: /dev/zero, /dev/null");
        return 1;
    }
    if (argc > 1 && strcmp(argv[1], "trap") == 0 && trap_own_calls()) {
        perror("roundtrip: trap");
        return 1;
    }
    while (read(0, &command, sizeof command) == sizeof command) {
        int fd = command.bytes == 0 ? 0 : command.number == SYS_read ? zero : null;
        if (command.bytes < 0 || command.bytes > MOST_BYTES)
            return 1;
        if (command.number == SYS_nanosleep)
            nanosleep(&(struct timespec){command.bytes / 1000, command.bytes % 1000 * 1000000L}, NULL);
        else if (command.number == SYS_poll)
            poll(&(struct pollfd){0, POLLIN, 0}, 1, command.bytes);
        else if (command.bytes)
            while (command.count-- > 0)
                syscall(command.number, fd, buffer, command.bytes);
        else
            while (command.count-- > 0)
                syscall(command.number, 0, 0, 0, 0, 0, 0);
        if (write(1, &done, 1) != 1)
            return 1;
    }
    return 0;
}
