/*
 * Attack:  each of the numbers from 1024 up in every call that takes a descriptor; limits raised; signals to the trustee.
 * Outcome: none succeeds; close_range of these numbers does nothing; status 0.
 * Twin:    /dev/zero opened and used as the other descriptor.
 */
#include "attack.h"
int main(void) {
    find_lane(); int bad = 0;
    static char buf[4096];
    int z = raw_open("/dev/zero", O_RDWR, 0);
    for (int fd = 1024; fd < 1034; fd++) {
        struct { int nr; uint32_t a, b, c, d, e, f; } t[] = {
            {SYS_close, fd}, {SYS_dup, fd}, {SYS_dup2, fd, 9}, {SYS_dup2, z, fd}, {SYS_dup3, fd, 9, 0}, {SYS_dup3, z, fd, 0},
            {SYS_fcntl64, fd, F_DUPFD, 9}, {SYS_fcntl64, z, F_DUPFD, fd}, {SYS_fcntl, fd, F_SETFL, 0}, {SYS_fcntl64, fd, F_SETFD, 1}, {SYS_fcntl64, fd, F_GETFL}, {SYS_fcntl64, fd, 1033, 1}, {SYS_fcntl64, fd, 8, 1},
            {SYS_ioctl, fd, 0x5421, buf}, {SYS_ioctl, fd, 0x541b, buf}, {SYS_lseek, fd, 1, 0}, {SYS__llseek, fd, 0, 1, buf, 0},
            {SYS_pread64, fd, buf, 1, 0, 0}, {SYS_pwrite64, fd, buf, 1, 0, 0}, {SYS_preadv, fd, buf, 1}, {SYS_pwritev2, fd, buf, 1},
            {SYS_sendfile, fd, z, 0, 10}, {SYS_sendfile, z, fd, 0, 10}, {SYS_sendfile64, fd, z, 0, 10}, {SYS_splice, fd, 0, z, 0, 10}, {SYS_splice, z, 0, fd, 0, 10}, {SYS_tee, fd, z, 10}, {SYS_tee, z, fd, 10},
            {SYS_copy_file_range, fd, 0, z, 0, 10}, {SYS_copy_file_range, z, 0, fd, 0, 10}, {SYS_mmap2, 0, 4096, 3, 1, fd, 0}, {SYS_mmap2, 0, 4096, 1, 2, fd, 0},
            {SYS_ftruncate, fd, 0}, {SYS_ftruncate64, fd, 0}, {SYS_fallocate, fd, 0, 0, 0, 4096}, {SYS_fchmod, fd, 0777}, {SYS_fchown, fd, 0, 0}, {SYS_flock, fd, 2}, {SYS_fsync, fd}, {SYS_getdents64, fd, buf, 100}, {SYS_fchdir, fd},
            {SYS_fsetxattr, fd, buf, buf, 1, 0}, {SYS_fgetxattr, fd, buf, buf, 1},
            {SYS_sendmsg, fd, buf}, {SYS_recvmsg, fd, buf}, {SYS_shutdown, fd, 2}, {SYS_epoll_ctl, z, 1, fd, buf}, {SYS_vmsplice, fd, buf, 1}, {SYS_setsockopt, fd, 1, 1, buf, 4}, {SYS_socketcall, 16, buf}, {SYS_pidfd_getfd, fd, 0, 0}, {SYS_readahead, fd, 0, 0, 10}, {SYS_inotify_add_watch, fd}, {SYS_timerfd_settime, fd}, {SYS_fstat64, fd, buf}, {SYS_fstatfs64, fd, 84, buf}, {SYS_utimensat, fd, 0, 0, 0}, {SYS_close_range, fd, fd, 0}, {SYS_close_range, fd, 0xffffffff, 0},
        };
        for (unsigned k = 0; k < sizeof t / sizeof *t; k++) {
            int r = RAW(t[k].nr, t[k].a, t[k].b, t[k].c, t[k].d, t[k].e, t[k].f);
            if (r != -EBADF && r != -ENOSYS && r != -EPERM && fd < 1026) say("fd %d nr %d k %d: %d\n", fd, t[k].nr, k, r);
            if (r >= 0 && t[k].nr != SYS_close_range) bad++;
        }
        struct { int fd; short e, r; } p = {fd, 1, 0};
        uint32_t a[6] = {(uint32_t)&p, 1, 0}; int r = raw_with(SYS_poll, a, 0, &p, 8);
        if (fd == 1024) say("poll %d revents %x\n", r, *(uint16_t*)(orders + NURSE_REPLY_DATA + 6));
    }
    say("close_range all %d\n", RAW(SYS_close_range, 3, 0xffffffff, 0,0,0,0));
    uint64_t l[2] = {2000, 2000}; uint32_t a[6] = {0, 7, (uint32_t)l, 0}; say("prlimit 2000 %d\n", raw_with(SYS_prlimit64, a, 2, l, 16));
    l[0] = 1025; l[1] = 1030; say("prlimit 1025 %d\n", raw_with(SYS_prlimit64, a, 2, l, 16));
    uint32_t s[2] = {1025, 1040}, b[6] = {7, (uint32_t)s}; say("setrlimit %d\n", raw_with(SYS_setrlimit, b, 1, s, 8));
    for (int nr = 0; nr < 6; nr++) { int x[]={SYS_tgkill,SYS_tkill,SYS_kill,SYS_kill,SYS_rt_sigqueueinfo,SYS_rt_tgsigqueueinfo}; int pid = RAW(SYS_getpid,0,0,0,0,0,0); uint32_t y[][3]={{pid,pid+1,9},{pid+1,9,0},{0,15,0},{-1,15,0},{pid,15,(uint32_t)buf},{pid,pid+1,9}}; say("sig %d: %d\n", nr, RAW(x[nr], y[nr][0], y[nr][1], y[nr][2], 0,0,0)); }
    say("timer_create %d io_uring %d io_submit %d open_by_handle %d ptrace %d pidfd_open %d uffd %d bpf %d modify_ldt %d mknod %d setuid %d clone %d\n", RAW(SYS_timer_create,0,0,0,0,0,0), RAW(SYS_io_uring_setup,1,0,0,0,0,0), RAW(SYS_io_submit,0,0,0,0,0,0), RAW(SYS_open_by_handle_at,0,0,0,0,0,0), RAW(SYS_ptrace,0,0,0,0,0,0), RAW(SYS_pidfd_open,1,0,0,0,0,0), RAW(SYS_userfaultfd,0,0,0,0,0,0), RAW(SYS_bpf,0,0,0,0,0,0), RAW(SYS_modify_ldt,1,buf,16,0,0,0), RAW(SYS_mknod,"x",0,0,0,0,0), RAW(SYS_setuid32,0,0,0,0,0,0), RAW(SYS_clone,0x100,0,0,0,0,0));
    say("bad %d\n", bad); leave(bad);
}
