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

static s32 vector(u32 nr, u32 fd, u32 iov, u32 count) {
    u32 data = address(nurse_lane.requests + NURSE_REQUEST_DATA);
    s32 length, result;

    result = length = total(iov, count);
    if (length >= 0 && nr == NURSE_NR_write)
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
