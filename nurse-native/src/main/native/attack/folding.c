/*
 * A file system that takes no notice of case, as vfat does, and knows a short name for a long one: a FUSE server
 * (linux/fuse.h; Documentation/filesystems/fuse), run outside of the sandbox by root. It has these files:
 *
 *   private/secret   "secret"; private is PRIVAT~1, too
 *   allowed          "allowed"
 */
#include "attack.h"
#include <linux/fuse.h>
#include <poll.h>
#include <strings.h>
#include <sys/mount.h>

static const struct file {
    uint64_t parent;
    const char *name, *alias, *text; /* no text: a directory */
} files[] = {{0, "", "", NULL}, {1, "private", "privat~1", NULL}, {2, "secret", "secret", "secret\n"}, {1, "allowed", "allowed", "allowed\n"}};

/* Number 1 is FUSE_ROOT_ID. */
static const struct file *file(uint64_t number) { return number && number <= COUNT(files) ? &files[number - 1] : &files[0]; }

static struct fuse_attr attributes(uint64_t number) {
    const char *text = file(number)->text;
    return (struct fuse_attr){.ino = number,
                              .mode = text ? S_IFREG | 0644 : S_IFDIR | 0755,
                              .size = text ? strlen(text) : 0,
                              .nlink = text ? 1 : 2,
                              .blksize = 4096};
}

static uint64_t lookup(uint64_t parent, const char *name) {
    for (uint64_t number = 2; number <= COUNT(files); number++)
        if (file(number)->parent == parent && (!strcasecmp(file(number)->name, name) || !strcasecmp(file(number)->alias, name)))
            return number;
    return 0;
}

static int list(uint64_t directory, uint64_t from, char *to) {
    int length = 0;
    for (uint64_t number = from + 2; number <= COUNT(files); number++) {
        const char *name = file(number)->name;
        if (file(number)->parent != directory)
            continue;
        struct fuse_dirent entry = {.ino = number,
                                    .off = number - 1,
                                    .namelen = (uint32_t)strlen(name),
                                    .type = file(number)->text ? S_IFREG >> 12 : S_IFDIR >> 12};
        memset(to + length, 0, FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + entry.namelen));
        memcpy(to + length, &entry, FUSE_NAME_OFFSET);
        memcpy(to + length + FUSE_NAME_OFFSET, name, entry.namelen);
        length += (int)FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + entry.namelen);
    }
    return length;
}

/* What is told of a request: its length, or -errno. */
static int answer(const struct fuse_in_header *in, const char *argument, void *to) {
    const struct fuse_read_in *read = (const void *)argument;
    switch (in->opcode) {
    case FUSE_INIT:
        *(struct fuse_init_out *)to = (struct fuse_init_out){.major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 4096};
        return sizeof(struct fuse_init_out);
    case FUSE_LOOKUP: {
        uint64_t number = lookup(in->nodeid, argument);
        *(struct fuse_entry_out *)to = (struct fuse_entry_out){.nodeid = number, .attr = attributes(number)};
        return number ? (int)sizeof(struct fuse_entry_out) : -ENOENT;
    }
    case FUSE_GETATTR:
        *(struct fuse_attr_out *)to = (struct fuse_attr_out){.attr = attributes(in->nodeid)};
        return sizeof(struct fuse_attr_out);
    case FUSE_OPEN:
    case FUSE_OPENDIR:
        *(struct fuse_open_out *)to = (struct fuse_open_out){.open_flags = FOPEN_DIRECT_IO};
        return sizeof(struct fuse_open_out);
    case FUSE_READ: {
        const char *text = file(in->nodeid)->text;
        uint64_t length = text ? strlen(text) : 0, rest = read->offset < length ? length - read->offset : 0;
        uint64_t told = rest < read->size ? rest : read->size;
        memcpy(to, text + length - rest, told);
        return (int)told;
    }
    case FUSE_READDIR:
        return list(in->nodeid, read->offset, to);
    case FUSE_RELEASE:
    case FUSE_RELEASEDIR:
    case FUSE_FLUSH:
        return 0;
    default:
        return -ENOSYS;
    }
}

/* Arguments: where to mount it, and a FIFO that others keep open for as long as they need it. */
RACER(racer_folding, "folding") {
    static char request[65536], reply[8192];
    char options[128];
    int fuse = open("/dev/fuse", O_RDWR);
    if (argc < 3 || fuse < 0)
        return BROKEN;
    snprintf(options, sizeof options, "fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other", fuse);
    if (mount("folding", argv[1], "fuse.folding", MS_NOSUID | MS_NODEV, options) != 0)
        return BROKEN;
    struct pollfd ready[] = {{fuse, POLLIN, 0}, {open(argv[2], O_RDONLY), 0, 0}};
    while (poll(ready, 2, -1) > 0 && !(ready[1].revents & POLLHUP)) {
        const struct fuse_in_header *in = (const void *)request;
        if (!(ready[0].revents & POLLIN) || read(fuse, request, sizeof request) <= 0)
            continue;
        if (in->opcode == FUSE_FORGET || in->opcode == FUSE_BATCH_FORGET || in->opcode == FUSE_INTERRUPT)
            continue; /* these are not answered */
        struct fuse_out_header *out = (void *)reply;
        int length = answer(in, request + sizeof *in, reply + sizeof *out);
        *out = (struct fuse_out_header){.unique = in->unique, .error = length < 0 ? length : 0};
        out->len = (uint32_t)sizeof *out + (length < 0 ? 0 : (uint32_t)length);
        if (write(fuse, reply, out->len) < 0 && errno != ENOENT) /* the one that asked is gone */
            return BROKEN;
    }
    return 0;
}
