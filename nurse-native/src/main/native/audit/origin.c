/*
 * For strict: $ORIGIN in the names of libraries. ld.so has the program as a descriptor, and takes for its directory a row of
 * `/.` that the helper knows again (LoaderOrigin.java). The program sees the name in dladdr(3), dl_iterate_phdr(3) and its
 * like, and looks for files beside it: so the directory is written over the row, which is long enough.
 *
 * Who runs it: the untrustee, under the lock, when ld.so has mapped an object.
 */
#include "untrustee.h"

#define DOT_LENGTH 2 /* of "/." */

static u32 origin_length;

void nurse_set_origin(u32 dots) { origin_length = dots * DOT_LENGTH; }

static int begins_with_origin(const char *name) {
    u32 i;

    for (i = 0; i < origin_length; i += DOT_LENGTH)
        if (name[i] != '/' || name[i + 1] != '.')
            return 0;
    return name[origin_length] == '/';
}

/* The program's directory, without a slash behind it; its length. */
static u32 find_directory(char *path) {
    static const char link[] = "/proc/self/exe";
    struct gate_regs regs = {NURSE_NR_readlink, {address(link), address(path), PATH_MAX, 0, 0, 0}};
    u32 length;

    nurse_gate(&regs, address(&regs));
    length = regs.eax <= PATH_MAX ? regs.eax : 0; /* an errno is more */
    while (length && path[length - 1] != '/')
        length--;
    return length;
}

/* In place: the name is ld.so's, which frees it (_dl_close_worker in elf/dl-close.c). */
void nurse_name_origin(char *name) {
    static char path[PATH_MAX];
    u32 length, i;

    if (!begins_with_origin(name))
        return;
    length = find_directory(path);
    if (!length || length - 1 > origin_length)
        return;
    for (i = 0; i < length - 1; i++)
        name[i] = path[i];
    for (name += length - 1; (*name = name[origin_length - (length - 1)]) != 0; name++)
        ;
}
