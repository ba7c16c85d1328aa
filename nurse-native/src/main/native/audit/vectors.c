/*
 * readv and writev, which SECCOMP mode 1 does not allow, from read and write, which it does.
 *
 * Who runs it: the untrustee. One vector is one read or write, of at most the request area's size, so that a pipe's or
 * a terminal's reader sees what one call would have given it; a longer one is short, which both calls may be.
 */
#include "untrustee.h"

#define IOV_MAX 1024

struct iovec {
    u32 base, length;
};

static s32 each(u32 iov, u32 count, u32 limit, int out) {
    u8 *data = nurse_lane.requests + NURSE_REQUEST_DATA;
    u32 done = 0, i;

    for (i = 0; i < count && done < limit; i++) {
        struct iovec v;
        u32 n;
        if (nurse_copy(&v, pointer(iov + i * sizeof v), sizeof v))
            return -EFAULT;
        n = v.length < limit - done ? v.length : limit - done;
        if (out ? nurse_copy(data + done, pointer(v.base), n) : nurse_copy(pointer(v.base), data + done, n))
            return -EFAULT;
        done += n;
    }
    return (s32)done;
}

/* The sum of the lengths, at most the size of the request area; an error as readv(2) has it. */
static s32 total(u32 iov, u32 count) {
    u64 sum = 0;
    u32 i;

    if (count > IOV_MAX)
        return -EINVAL;
    for (i = 0; i < count; i++) {
        struct iovec v;
        if (nurse_copy(&v, pointer(iov + i * sizeof v), sizeof v))
            return -EFAULT;
        if ((s32)v.length < 0)
            return -EINVAL;
        sum += v.length;
    }
    return sum > NURSE_REQUEST_DATA_SIZE ? NURSE_REQUEST_DATA_SIZE : (s32)sum;
}

/* An error of the vectors', or EBADF: the kernel looks at the descriptor first (fs/read_write.c, vfs_readv). */
static s32 descriptor_or(s32 error, u32 nr, u32 fd) {
    u32 arg[6] = {fd, F_GETFL, 0, 0, 0, 0};
    s32 flags = nurse_request(NURSE_NR_fcntl64, arg, NULL);
    u32 access = flags < 0 ? 0 : (u32)flags & O_ACCMODE;

    if (flags < 0 || (flags & O_PATH))
        return -EBADF;
    return access == (nr == NURSE_NR_read ? O_WRONLY : O_RDONLY) ? -EBADF : error;
}

static s32 vector(u32 nr, u32 fd, u32 iov, u32 count) {
    u32 data = address(nurse_lane.requests + NURSE_REQUEST_DATA);
    s32 length, result;

    result = length = total(iov, count);
    if (result < 0)
        return descriptor_or(result, nr, fd);
    if (nr == NURSE_NR_write)
        result = each(iov, count, (u32)length, 1);
    if (result >= 0)
        result = nurse_interruptible(nr, fd, data, (u32)length);
    if (result > 0 && nr == NURSE_NR_read) {
        s32 placed = each(iov, count, (u32)result, 0);
        result = placed < 0 ? placed : result;
    }
    return result;
}

s32 nurse_writev(u32 fd, u32 iov, u32 count) { return vector(NURSE_NR_write, fd, iov, count); }

s32 nurse_readv(u32 fd, u32 iov, u32 count) { return vector(NURSE_NR_read, fd, iov, count); }
