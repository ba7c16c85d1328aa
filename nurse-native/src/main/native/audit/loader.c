/*
 * ld.so's own system calls: `int $0x80` in its text, for it never uses %gs:0x10 (docs/lock.md). Under SECCOMP mode 1 the
 * kernel kills the thread for one; a breakpoint in its place reaches our SIGTRAP handler instead, and from there the gate.
 *
 * Who runs it: the untrustee, before the lock (nurse_trap_loader) and in the SIGTRAP handler (nurse_is_loader_trap).
 * It changes this process's private copy of ld.so's text, and only the two bytes of each call.
 */
#include "untrustee.h"
#include "elf32.h"

#define INT3_NOP 0x90cc /* little endian: int3; nop */
#define INT80 0x80cd

static u32 text_start, text_end;

int nurse_is_loader_trap(u32 eip) {
    return eip >= text_start && eip < text_end && *(const u16 *)pointer(eip) == INT3_NOP;
}

/* Replaces every call in the text of the image that contains `inside`; how many, or 0 if the text cannot be changed. */
u32 nurse_trap_loader(const void *inside) {
    const struct elf_header *elf = elf_image_around(address(inside));
    u32 i, at, start, length, count = 0;

    for (i = 0; i < elf->phnum; i++) {
        const struct elf_segment *segment = elf_segment(elf, i);
        if (segment->type != PT_LOAD || !(segment->flags & PF_X))
            continue;
        text_start = address(elf) + segment->vaddr;
        text_end = text_start + segment->memsz;
        start = text_start & ~(PAGE - 1);
        length = (text_end - start + PAGE - 1) & ~(PAGE - 1);
        if (nurse_syscall6(NURSE_NR_mprotect, start, length, PROT_READ | PROT_WRITE | PROT_EXEC, 0, 0, 0))
            return 0;
        for (at = text_start; at + 1 < text_end; at++) {
            if (*(const u16 *)pointer(at) == INT80) {
                *(u16 *)pointer(at) = INT3_NOP;
                count++;
            }
        }
        if (nurse_syscall6(NURSE_NR_mprotect, start, length, PROT_READ | PROT_EXEC, 0, 0, 0))
            return 0;
    }
    return count;
}
