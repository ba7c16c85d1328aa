/*
 * From ld.so to the lock, under strict: la_version, the first code of ours in the process. ld.so calls it before it loads any
 * library of the program and before any of the program's code can run (rtld-audit(7); glibc elf/rtld.c, load_audit_module).
 *
 * Who runs it: the main thread, in a loader that the helper trusts (docs/lock.md).
 */
#include "untrustee.h"

#define LAV_CURRENT 2

__attribute__((visibility("default"))) u32 la_version(u32 version);
u32 la_version(u32 version) {
    u32 vsyscall;

    /* libc enters the kernel by `call *%gs:0x10`: what ld.so put there is the vDSO's entry, and from now on the gate. */
    __asm__("movl %%gs:0x10, %0" : "=r"(vsyscall));
    __asm__ volatile("movl %0, %%gs:0x10" : : "r"((u32)(uintptr_t)nurse_gate_entry) : "memory");
    nurse_lock(vsyscall, __builtin_return_address(0), NULL);
    return version < LAV_CURRENT ? version : LAV_CURRENT;
}
