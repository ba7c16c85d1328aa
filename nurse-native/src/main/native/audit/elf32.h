/* The few fields of a mapped 32-bit ELF image (elf(5)) that are read of the vDSO and, under strict, of ld.so and libraries. */
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

struct elf_symbols {
    const struct elf_symbol *first;
    const char *names;
    u32 count;
};

/* ld.so adds the load address to the entries of a dynamic section that it can write, its own too (glibc elf/get-dynamic-info.h). */
static inline u32 elf_relocated(u32 base, u32 value) { return value < base ? base + value : value; }

/* What an image exports; none if it does not say where. */
static inline struct elf_symbols elf_symbols(const struct elf_header *elf) {
    u32 base = (u32)(uintptr_t)elf, strings = 0, symbols = 0, hash = 0, i;
    const struct elf_dynamic *dynamic = 0;

    for (i = 0; i < elf->phnum; i++)
        if (elf_segment(elf, i)->type == PT_DYNAMIC)
            dynamic = (const struct elf_dynamic *)(uintptr_t)(base + elf_segment(elf, i)->vaddr);
    for (; dynamic && dynamic->tag; dynamic++) {
        if (dynamic->tag == DT_STRTAB)
            strings = elf_relocated(base, dynamic->value);
        else if (dynamic->tag == DT_SYMTAB)
            symbols = elf_relocated(base, dynamic->value);
        else if (dynamic->tag == DT_HASH)
            hash = elf_relocated(base, dynamic->value);
    }
    if (!strings || !symbols)
        return (struct elf_symbols){0, 0, 0};
    /* DT_HASH's second word is the number of symbols; without it the string table, which follows, ends the symbols. */
    return (struct elf_symbols){
        (const struct elf_symbol *)(uintptr_t)symbols, (const char *)(uintptr_t)strings,
        hash ? ((const u32 *)(uintptr_t)hash)[1] : (strings - symbols) / (u32)sizeof(struct elf_symbol)};
}

static inline int elf_same_name(const char *a, const char *b) {
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

#endif
