/* The few fields of a mapped 32-bit ELF image (elf(5)) that the audit library reads: its own process's, before the lock. */
#ifndef NURSE_ELF32_H
#define NURSE_ELF32_H

#include "kernel.h"

struct elf_header {
    u8 ident[16];
    u16 type, machine;
    u32 version, entry, phoff, shoff, flags;
    u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
struct elf_segment {
    u32 type, offset, vaddr, paddr, filesz, memsz, flags, align;
};
struct elf_dynamic {
    s32 tag;
    u32 value;
};
struct elf_symbol {
    u32 name, value, size;
    u8 info, other;
    u16 shndx;
};

#define PT_LOAD 1
#define PT_DYNAMIC 2
#define PF_X 1
#define DT_HASH 4
#define DT_STRTAB 5
#define DT_SYMTAB 6
#define ELF_MAGIC 0x464c457f
#define PAGE 4096u

/* The image that contains this address: its header lies on a page boundary below, with every page between mapped. */
static inline const struct elf_header *elf_image_around(u32 inside) {
    u32 page = inside & ~(PAGE - 1);
    while (*(const u32 *)(uintptr_t)page != ELF_MAGIC)
        page -= PAGE;
    return (const struct elf_header *)(uintptr_t)page;
}

static inline const struct elf_segment *elf_segment(const struct elf_header *elf, u32 i) {
    return (const struct elf_segment *)((uintptr_t)elf + elf->phoff + i * elf->phentsize);
}

#endif
