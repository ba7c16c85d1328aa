/*
 * Attack:  every call of the address space on the orders, the trustee's code, the requests and the vDSO: whole, in part,
 *          wrapped around, old mmap's structure, mremap onto and away.
 * Outcome: EPERM (ENOSYS for pkey_mprotect); the lane still answers; status 0.
 * Twin:    mmap2 of anonymous memory, in the same loop.
 */
#include "attack.h"
int main(void) {
    find_lane();
    uint32_t ours[] = {at_orders, at_orders + 0x1000, at_orders + 0x2000, at_requests, at_requests + 0x1f000, at_vdso};
    int bad = 0, n = 0;
    for (int i = 0; i < 6; i++) {
        uint32_t at = ours[i];
        struct { int nr; uint32_t a, b, c, d, e, f; } t[] = {
            {SYS_munmap, at, 0x1000}, {SYS_munmap, at - 0x1000, 0x2000}, {SYS_munmap, at + 1, 1}, {SYS_munmap, at & ~0xfff, 1},
            {SYS_munmap, at, -at}, {SYS_munmap, 0x1000, 0xffffe000}, {SYS_munmap, at - 0x1000, 0xffffffff},{SYS_munmap, 0xfffff000, at - 0xfffff000 + 0x1000},
            {SYS_mprotect, at, 0x1000, 7}, {SYS_mprotect, at, 1, 3}, {SYS_mprotect, at - 0x1000, 0x3000, 0}, {SYS_mprotect, at, 0x1000, 3 | 0x01000000}, {SYS_mprotect, at, 0x1000, 3 | 0x02000000},
            {SYS_pkey_mprotect, at, 0x1000, 7, -1},
            {SYS_madvise, at, 0x1000, 4}, {SYS_madvise, at, 0x1000, 9}, {SYS_madvise, at, 0xffffffff, 4}, {SYS_madvise, at, 1, 10},
            {SYS_mremap, at, 0x1000, 0x2000, 1}, {SYS_mremap, at, 0, 0x1000, 1}, {SYS_mremap, at, 0x1000, 0x1000, 3, 0x10000000},{SYS_mremap, at, 0x1000, 0x1000, 5},
            {SYS_mmap2, at, 0x1000, 7, 0x32, -1}, {SYS_mmap2, at - 0x1000, 0x2000, 7, 0x32, -1}, {SYS_mmap2, at, 1, 7, 0x31, -1},
            {SYS_mlock, at, 0x1000}, {SYS_msync, at, 0x1000, 4}, {SYS_munlock, at, 1},
        };
        for (unsigned k = 0; k < sizeof t / sizeof *t; k++, n++) {
            int r = RAW(t[k].nr, t[k].a, t[k].b, t[k].c, t[k].d, t[k].e, t[k].f);
            if (r != -EPERM && r != -ENOSYS && !(r == -EINVAL && t[k].a & 0xfff)) say("nr %d range %d test %d: %d\n", t[k].nr, i, k, r), bad++;
        }
        uint32_t old[6] = {at, 0x1000, 7, 0x32, -1, 0};
        uint32_t a[6] = {(uint32_t)old}; int r = raw_with(SYS_mmap, a, 0, old, 24);
        if (r != -EPERM) say("old mmap %d\n", r), bad++;
        uint32_t q = RAW(SYS_mmap2, 0, 0x4000, 3, 0x22, -1, 0);
        r = RAW(SYS_mremap, q, 0x1000, 0x1000, 3, at, 0); if (r != -EPERM) say("mremap onto %d\n", r), bad++;
        r = RAW(SYS_mremap, q, 0x1000, 0x1000, 3, at - 0x1000, 0); if ((r > -4096 && r < 0) == 0) say("mremap below: %x\n", r);
        r = RAW(SYS_mremap, q, 0x4000, 0xf0000000, 1, 0, 0); if (!(r < 0 && r > -4096)) say("big mremap %x\n", r);
    }
    for (int nr = 0; nr < 3; nr++) { int x[] = {SYS_remap_file_pages, 462, SYS_process_madvise}; say("%d: %d\n", x[nr], RAW(x[nr], at_orders, 0x1000, 0, 0, 0, 0)); }
    uint32_t brk = RAW(SYS_brk, 0, 0,0,0,0,0), far = RAW(SYS_brk, 0xf7ff0000, 0,0,0,0,0);
    say("brk %x -> %x\n", brk, far);
    say("tests %d, not EPERM %d, getpid ok %d\n", n, bad, RAW(SYS_getpid, 0,0,0,0,0,0) > 0);
    leave(bad != 0);
}
