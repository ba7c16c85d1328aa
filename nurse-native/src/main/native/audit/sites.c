/*
 * For strict: system calls made directly, by `int $0x80`, where libc and ld.so make them (docs/lock.md). SECCOMP mode 1 kills
 * the thread for one; a breakpoint in its place reaches our SIGTRAP handler instead, and from there the gate. Under trap
 * nothing is replaced, since SIGSYS leads to the gate.
 *
 *   ld.so   never uses %gs:0x10: every `cd 80` of its text is such a call
 *   libc    clone, clone3 and vfork, which must not return through a stack that two share
 *   libgomp futex
 *
 * Who runs it: the untrustee, before the lock (ld.so), under it (libraries, as ld.so opens them) and in the SIGTRAP handler.
 * It changes this process's private copy of the text, and only the two bytes of each call. Outside ld.so bytes count as a
 * call only with the instruction before or behind that belongs to it, so that no data is mistaken for code.
 */
#include "untrustee.h"
#include "elf32.h"

#define INT3_NOP 0x90cc /* little endian: int3; nop */
#define INT80 0x80cd
#define SITES_MAX 128

/* The public part of ld.so's object (link.h, struct link_map). */
struct link_map {
    u32 address;
    char *name;
};

static u32 loader_start, loader_end;
static u32 sites[SITES_MAX], site_count;

int nurse_is_call_site(u32 eip) {
    u32 i;

    if (eip >= loader_start && eip < loader_end)
        return *(const u16 *)pointer(eip) == INT3_NOP;
    for (i = 0; i < site_count; i++)
        if (sites[i] == eip)
            return 1;
    return 0;
}

/* Replaces every call in the text of the image that contains `inside`; how many, or 0 if the text cannot be changed. */
u32 nurse_trap_loader(const void *inside) {
    const struct elf_header *elf = elf_image_around(address(inside));
    u32 i, at, start, length, count = 0;

    for (i = 0; i < elf->phnum; i++) {
        const struct elf_segment *segment = elf_segment(elf, i);
        if (segment->type != PT_LOAD || !(segment->flags & PF_X))
            continue;
        loader_start = address(elf) + segment->vaddr;
        loader_end = loader_start + segment->memsz;
        start = loader_start & ~(PAGE - 1);
        length = (loader_end - start + PAGE - 1) & ~(PAGE - 1);
        if (nurse_syscall6(NURSE_NR_mprotect, start, length, PROT_READ | PROT_WRITE | PROT_EXEC, 0, 0, 0))
            return 0;
        for (at = loader_start; at + 1 < loader_end; at++) {
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

/* Where the int $0x80 is, if `mov $number, %eax` at `at` leads to one; else 0. The signal returns stay as they are: the
 * kernel knows our restorer and no other. */
static u32 call_after_number(const u8 *at) {
    u32 number;

    if (at[0] != 0xb8 || at[3] || at[4])
        return 0;
    number = at[1] | (u32)at[2] << 8;
    if (number == NURSE_NR_sigreturn || number == NURSE_NR_rt_sigreturn)
        return 0;
    if (*(const u16 *)(const void *)(at + 5) == INT80)
        return address(at + 5);
    if (number == NURSE_NR_clone && at[5] == 0x89 && at[6] == 0x19 && *(const u16 *)(const void *)(at + 7) == INT80)
        return address(at + 7); /* __clone stores the thread's argument in between */
    return 0;
}

/* libgomp's futex calls load the number somewhere before, but ask behind the call whether the kernel knows private futexes:
 * `int $0x80; cmp $-ENOSYS, %eax`, five bytes that nothing else is made of. Its second try, for a kernel that does not, is
 * left alone: the gate's answer never leads there. */
static u32 call_asking_for_enosys(const u8 *at) {
    return at[0] == 0xcd && at[1] == 0x80 && at[2] == 0x83 && at[3] == 0xf8 && at[4] == (u8)-ENOSYS ? address(at) : 0;
}

static s32 protect(u32 start, u32 length, u32 protection) {
    u32 arg[6] = {start, length, protection, 0, 0, 0};
    return nurse_request(NURSE_NR_mprotect, arg, NULL);
}

static void trap_segment(u32 from, u32 size) {
    u32 first = site_count, at, i, start = from & ~(PAGE - 1);
    u32 length = (from + size - start + PAGE - 1) & ~(PAGE - 1);

    for (at = from; at + 9 <= from + size && site_count < SITES_MAX; at++) {
        u32 site = call_after_number(pointer(at));
        if (!site)
            site = call_asking_for_enosys(pointer(at));
        if (site)
            sites[site_count++] = site;
    }
    if (first == site_count)
        return;
    if (protect(start, length, PROT_READ | PROT_WRITE | PROT_EXEC)) {
        site_count = first; /* left as it is: the kernel kills who gets there */
        return;
    }
    for (i = first; i < site_count; i++)
        *(u16 *)pointer(sites[i]) = INT3_NOP;
    protect(start, length, PROT_READ | PROT_EXEC);
}

static int has_calls(const char *name) {
    static const char names[][16] = {"libc.so.6", "libgomp.so.1"};
    const char *base = name, *c;
    u32 i;

    for (c = name; *c; c++)
        if (*c == '/')
            base = c + 1;
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        const char *a = base, *b = names[i];
        while (*a && *a == *b)
            a++, b++;
        if (*a == *b)
            return 1;
    }
    return 0;
}

/* ld.so has mapped an object and not yet run anything of it (rtld-audit(7)). */
__attribute__((visibility("default"))) u32 la_objopen(struct link_map *map, s32 namespace, u32 *cookie);
u32 la_objopen(struct link_map *map, s32 namespace, u32 *cookie) {
    const struct elf_header *elf = pointer(map->address);
    u32 i;

    (void)namespace;
    (void)cookie;
    nurse_name_origin(map->name);
    if (!nurse_lane.strict || !map->address || !has_calls(map->name))
        return 0;
    for (i = 0; i < elf->phnum; i++) {
        const struct elf_segment *segment = elf_segment(elf, i);
        if (segment->type == PT_LOAD && segment->flags & PF_X)
            trap_segment(map->address + segment->vaddr, segment->memsz);
    }
    return 0;
}
