/* Class 6: the address space under the trustee. */
#include "lane.h"

/* Every call of the address space on the orders, the trustee's code, the requests and the vDSO: whole, in part, wrapped around,
 * the old mmap's structure, mremap onto and away. Outside of the sandbox, or on memory of its own, most succeed. */
ATTACK(memory_calls, "memory-calls") {
    find_lane();
    if (!at_orders)
        return BROKEN;
    uint32_t ours[] = {at_orders, at_orders + 0x1000, at_orders + 0x2000, at_requests, at_requests + 0x1f000, at_vdso};
    int bad = 0, n = 0;
    for (int i = 0; i < COUNT(ours); i++) {
        uint32_t at = ours[i];
        struct { int nr; uint32_t a, b, c, d, e, f; } t[] = {
            {SYS_munmap, at, 0x1000, 0, 0, 0, 0}, {SYS_munmap, at - 0x1000, 0x2000, 0, 0, 0, 0}, {SYS_munmap, at + 1, 1, 0, 0, 0, 0},
            {SYS_munmap, at, 1, 0, 0, 0, 0}, {SYS_munmap, at, -at, 0, 0, 0, 0}, {SYS_munmap, 0x1000, 0xffffe000, 0, 0, 0, 0},
            {SYS_munmap, at - 0x1000, 0xffffffff, 0, 0, 0, 0}, {SYS_munmap, 0xfffff000, at + 0x2000, 0, 0, 0, 0},
            {SYS_mprotect, at, 0x1000, 7, 0, 0, 0}, {SYS_mprotect, at, 1, 3, 0, 0, 0}, {SYS_mprotect, at - 0x1000, 0x3000, 0, 0, 0, 0},
            {SYS_mprotect, at, 0x1000, 3 | 0x01000000, 0, 0, 0}, {SYS_mprotect, at, 0x1000, 3 | 0x02000000, 0, 0, 0},
            {SYS_pkey_mprotect, at, 0x1000, 7, -1, 0, 0}, {SYS_madvise, at, 0x1000, 4, 0, 0, 0}, {SYS_madvise, at, 0x1000, 9, 0, 0, 0},
            {SYS_madvise, at, 0xffffffff, 4, 0, 0, 0}, {SYS_madvise, at, 1, 10, 0, 0, 0}, {SYS_madvise, at, 0x1000, 102, 0, 0, 0},
            {SYS_mremap, at, 0x1000, 0x2000, 1, 0, 0}, {SYS_mremap, at, 0, 0x1000, 1, 0, 0},
            {SYS_mremap, at, 0x1000, 0x1000, 3, 0x10000000, 0}, {SYS_mremap, at, 0x1000, 0x1000, 5, 0, 0},
            {SYS_mmap2, at, 0x1000, 7, 0x32, -1, 0}, {SYS_mmap2, at - 0x1000, 0x2000, 7, 0x32, -1, 0}, {SYS_mmap2, at, 1, 7, 0x31, -1, 0},
            {SYS_mlock, at, 0x1000, 0, 0, 0, 0}, {SYS_msync, at, 0x1000, 4, 0, 0, 0}, {SYS_munlock, at, 1, 0, 0, 0, 0},
        };
        for (int k = 0; k < COUNT(t); k++, n++) {
            int r = RAW(t[k].nr, t[k].a, t[k].b, t[k].c, t[k].d, t[k].e, t[k].f);
            if (r != -EPERM && r != -ENOSYS && !(r == -EINVAL && t[k].a & 0xfff))
                say("nr %d range %d test %d: %d\n", t[k].nr, i, k, r), bad++;
        }
        uint32_t old[6] = {at, 0x1000, 7, 0x32, -1, 0};
        bad += raw_with(SYS_mmap, WORDS(old, 0, 0, 0, 0, 0), 0, old, 24) != -EPERM;
        uint32_t q = RAW(SYS_mmap2, 0, 0x4000, 3, 0x22, -1, 0);
        if (q > 0xfffff000)
            leave(BROKEN); /* the twin: anonymous memory */
        bad += RAW(SYS_mremap, q, 0x1000, 0x1000, 3, at, 0) != -EPERM;
        bad += RAW(SYS_mremap, q, 0x1000, 0x2000, 3, at - 0x1000, 0) != -EPERM;
        int32_t r = RAW(SYS_mremap, q, 0x4000, 0xf0000000, 1, 0, 0);
        bad += !(r < 0 && r > -4096);
    }
    say("tests %d, bad %d\n", n, bad);
    leave(bad ? GOT : raw_alive() ? HELD : BROKEN);
}

/* brk up to and over what is protected; down again below it. */
ATTACK(brk_over, "brk-over-protected") {
    find_lane();
    if (!at_orders)
        return BROKEN;
    uint32_t begin = RAW(SYS_brk, 0, 0, 0, 0, 0, 0);
    for (uint32_t to = at_orders; to < at_orders + 0x30000; to += 0x1000)
        if ((uint32_t)RAW(SYS_brk, to, 0, 0, 0, 0, 0) == to)
            leave(GOT);
    RAW(SYS_brk, 0xfffff000, 0, 0, 0, 0, 0);
    RAW(SYS_brk, 0x1000, 0, 0, 0, 0, 0);
    int grows = (uint32_t)RAW(SYS_brk, begin + 0x1000, 0, 0, 0, 0, 0) == begin + 0x1000;
    leave(WORD(orders_base, NURSE_HEADER_MAGIC) != NURSE_MAGIC ? GOT : grows && raw_alive() ? HELD : BROKEN);
}

/* A stack (MAP_GROWSDOWN) right above what is protected, made to grow into it. */
ATTACK(stack_growth, "stack-growth-into-protected") {
    find_lane();
    uint32_t above = at_requests > at_orders ? at_requests + NURSE_REQUESTS_LANE_SIZE : at_orders + 0x22000;
    if (!at_orders)
        return BROKEN;
    for (uint32_t at = above; at < above + 0x200000; at += 0x1000) {
        int32_t got = RAW(SYS_mmap2, at, 0x1000, 3, 0x100122 /* PRIVATE ANONYMOUS GROWSDOWN FIXED_NOREPLACE */, -1, 0);
        if ((uint32_t)got != at)
            continue;
        *(volatile uint32_t *)at = 1;
        /* the kernel grows a mapping when the page below it is touched: by the kernel itself, which gives EFAULT and no signal */
        for (uint32_t below = at - 4; below > at - 0x20000 && below > above - 0x1000; below -= 0x1000)
            RAW(SYS_pread64, 0x3ff, below, 4, 0, 0, 0);
    }
    uint32_t grown = RAW(SYS_mmap2, 0, 0x10000, 3, 0x122, -1, 0); /* the twin: one that has room */
    leave(WORD(orders_base, NURSE_HEADER_MAGIC) != NURSE_MAGIC ? GOT : grown < 0xfffff000 && raw_alive() ? HELD : BROKEN);
}

/* A mapping of address 0 turns a null pointer of the kernel's into the program's memory: root may make one outside. */
ATTACK(page_zero, "map-page-zero") {
    int got = 0, others = 0, either[] = {MAP_FIXED, 0x100000 /* MAP_FIXED_NOREPLACE */};
    for (int i = 0; i < COUNT(either); i++) {
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | either[i];
        got |= mmap((void *)0, 4096, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED;
        others += mmap((void *)0x10000000 + i * 4096, 4096, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED;
    }
    return got ? GOT : others == COUNT(either) ? HELD : BROKEN;
}

/* A file that is mapped by nobody else is made shorter while the helper reads the program's memory there. */
RACER(racer_truncate, "truncate") {
    int fd = open("w/shared", O_RDWR | O_CREAT, 0666);
    for (long long end = now() + 60 * RACE_NANOS; now() < end;)
        if (ftruncate(fd, 0) != 0 || ftruncate(fd, 4096) != 0)
            return BROKEN;
    return 0;
}

ATTACK(race_truncate, "truncate-under-the-helper") {
    volatile uint8_t *page = shared_page();
    int read = 0, faults = 0;
    if (!page)
        return BROKEN;
    for (long long end = now() + RACE_NANOS; RACING(end, read && faults);) {
        long result = CALL(SYS_prctl, 15 /* PR_SET_NAME */, page); /* the helper reads the name from there */
        result == -EFAULT ? faults++ : read++;
    }
    say("read %d, faults %d\n", read, faults);
    return faults && read ? HELD : BROKEN;
}
