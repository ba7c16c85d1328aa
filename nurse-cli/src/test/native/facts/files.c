/* Files and directories: names, attributes, links, what became of a directory that was renamed or removed. */
#include "facts.h"

#include <dirent.h>
#include <linux/openat2.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <utime.h>

static int create(const char *name) {
    int fd = open(name, O_CREAT | O_WRONLY, 0640);
    close(fd);
    return fd;
}

static void names(void) {
    char text[6000];
    create("file");
    mkdir("dir", 0755);
    create("dir/inner");
    symlink("dir", "link");
    symlink("loop", "loop");
    symlink("nowhere", "dangling");
    symlink("file", "filelink");
    struct stat st;
    static const char *const all[] = {"", ".", "..", "/", "//", "file", "file/", "file/.", "file/..", "dir/", "dir/.", "dir/..",
        "link", "link/", "link/.", "link/..", "link/inner", "loop", "loop/x", "dangling", "dangling/", "filelink/", "./file",
        "dir//inner", "dir/../dir/inner", "nothing/..", "file/../file", "link/../file", "/dev/null/"};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        printf("%s:", all[i]);
        printf(" stat %s", said(stat(all[i], &st)));
        printf(" lstat %s", said(lstat(all[i], &st)));
        printf(" access %s", said(access(all[i], R_OK)));
        printf(" readlink %s", said(readlink(all[i], text, sizeof text)));
        int fd = open(all[i], O_RDONLY);
        printf(" open %s", fd < 0 ? said(fd) : "good");
        close(fd);
        fd = open(all[i], O_RDONLY | O_NOFOLLOW);
        printf(" nofollow %s", fd < 0 ? said(fd) : "good");
        close(fd);
        fd = open(all[i], O_PATH | O_NOFOLLOW);
        printf(" path %s", fd < 0 ? said(fd) : "good");
        close(fd);
        fd = open(all[i], O_RDONLY | O_DIRECTORY);
        printf(" directory %s", fd < 0 ? said(fd) : "good");
        close(fd);
        fd = open(all[i], O_WRONLY | O_CREAT | O_EXCL, 0600);
        printf(" excl %s", fd < 0 ? said(fd) : "good");
        close(fd);
        printf(" mkdir %s", said(mkdir(all[i], 0700)));
        printf(" chdir %s\n", said(chdir(all[i]) == 0 ? 0 : -1));
        chdir(getenv("HERE"));
    }
    unlink("nowhere");
    memset(text, 'a', sizeof text);
    for (int i = 1; i < 4096; i += 2)
        text[i] = '/';
    text[4096] = 0;
    FACT("4096 bytes", stat(text, &st));
    text[4095] = 0;
    FACT("4095 bytes", stat(text, &st));
    memset(text, 'a', 300);
    text[256] = 0;
    FACT("component of 256", create(text));
    text[255] = 0;
    FACT("component of 255", create(text));
    FACT("unlink it", unlink(text));
    memset(text, '/', 4000);
    strcpy(text + 4000, "etc");
    FACT("many slashes", stat(text, &st));
    FACT("no path", stat(NULL, &st));
    FACT("bad path", stat((char *)16, &st));
    FACT("bad buffer", syscall(SYS_stat64, "file", 16));
    FACT("empty path", fstatat(open("file", O_PATH), "", &st, AT_EMPTY_PATH));
    FACT("not a directory", fstatat(open("file", O_RDONLY), "x", &st, 0));
    FACT("no descriptor", fstatat(900, "x", &st, 0));
    FACT("no descriptor, absolute", fstatat(900, "/", &st, 0));
    FACT("unknown flags", fstatat(AT_FDCWD, "file", &st, 0x40000000));
    unsigned short old[32];
    FACT("old stat of /dev/null", syscall(SYS_oldstat, "/dev/null", old));
    printf("  mode %o\n", old[2]);
    int fd = open("dir", O_RDONLY);
    FACT("openat of a directory's", openat(fd, "inner", O_RDONLY) > 0);
    FACT("tmpfile", open("dir", O_TMPFILE | O_RDWR, 0600) > 0);
    FACT("tmpfile created", open("dir", O_TMPFILE | O_RDWR | O_CREAT, 0600));
    FACT("directory created", open("dir", O_DIRECTORY | O_CREAT, 0700));
    FACT("tmpfile without a directory", open("dir", (O_TMPFILE & ~O_DIRECTORY) | O_RDWR, 0600));
    FACT("tmpfile read only", open("dir", O_TMPFILE | O_RDONLY, 0600));
    FACT("creat a directory", open("dir", O_CREAT | O_RDWR, 0600));
    FACT("write a directory", open("dir", O_WRONLY));
    FACT("directory and creat", open("newdir", O_CREAT | O_DIRECTORY | O_RDONLY, 0600));
    FACT("through a dangling link", create("dangling") > 0);
    FACT("is there", access("nowhere", F_OK));
    close_range(3, ~0u, 0);
}

/* What is done in directories whose names are as long as the kernel takes at once, and longer. */
static void works_here(const char *where) {
    struct stat st;
    char text[16384];
    getcwd(text, sizeof text);
    printf("%s:", where);
    printf(" getcwd %s", said((int)strlen(text) > 0 ? 0 : -1));
    printf(" mkdir %s", said(mkdir("x", 0755)));
    printf(" open %s", said(create("x/y") < 0 ? -1 : 0));
    printf(" chdir %s", said(chdir("x")));
    printf(" back %s", said(chdir("..")));
    printf(" dot %s", said(chdir(".")));
    printf(" slash %s", said(stat("x/", &st)));
    printf(" rename %s", said(rename("x", "z")));
    printf(" unlink %s", said(unlink("z/y")));
    printf(" rmdir %s\n", said(rmdir("z/")));
}

static void deep(void) {
    char text[8192], step[256], label[64];
    mkdir("deep", 0755);
    for (int length = 4093; length <= 4099; length++) {
        chdir(getenv("HERE"));
        chdir("deep");
        getcwd(text, sizeof text);
        for (int rest = length - (int)strlen(text); rest > 0;) {
            int size = rest > 202 ? 200 : rest > 201 ? 100 : rest - 1;
            memset(step, 'd', size);
            step[size] = 0;
            mkdir(step, 0755);
            chdir(step);
            rest -= size + 1;
        }
        snprintf(label, sizeof label, "in a directory of %d bytes", length);
        works_here(label);
    }
    chdir(getenv("HERE"));
    memset(step, 'e', 255);
    step[255] = 0;
    for (int i = 1; i <= 33; i++) {
        mkdir(step, 0755);
        chdir(step);
        snprintf(label, sizeof label, "in %d directories of 256 bytes", i);
        works_here(label);
    }
    chdir(getenv("HERE"));
}

/* AT_EMPTY_PATH of a descriptor, of the working directory, and without a path. */
static void without_a_path(void) {
    struct stat st;
    struct statx stx;
    char text[100];
    int fd = open("file", O_RDWR), dir = open("dir", O_RDONLY), path = open("file", O_PATH), link = open("filelink", O_PATH | O_NOFOLLOW);
    int which[] = {fd, dir, path, AT_FDCWD, 900};
    for (unsigned i = 0; i < sizeof which / sizeof *which; i++) {
        int at = which[i];
        printf("without a path %u:", i);
        printf(" fstatat64 %s", said(syscall(SYS_fstatat64, at, "", &st, AT_EMPTY_PATH)));
        printf(" null %s", said(syscall(SYS_fstatat64, at, NULL, &st, AT_EMPTY_PATH)));
        printf(" no flag %s", said(syscall(SYS_fstatat64, at, "", &st, 0)));
        printf(" neither %s", said(syscall(SYS_fstatat64, at, NULL, &st, 0)));
        printf(" statx %s", said(statx(at, "", AT_EMPTY_PATH, STATX_ALL, &stx)));
        printf(" faccessat2 %s", said(syscall(439, at, "", R_OK, AT_EMPTY_PATH)));
        printf(" fchmodat2 %s", said(syscall(452, at, "", 0755, AT_EMPTY_PATH)));
        printf(" no flag %s", said(syscall(452, at, "", 0755, 0)));
        printf(" fchownat %s", said(fchownat(at, "", -1, -1, AT_EMPTY_PATH)));
        printf(" utimensat %s", said(utimensat(at, "", NULL, AT_EMPTY_PATH)));
        printf(" null %s", said(syscall(SYS_utimensat, at, NULL, NULL, 0)));
        printf(" null with a flag %s", said(syscall(SYS_utimensat, at, NULL, NULL, AT_SYMLINK_NOFOLLOW)));
        printf(" readlinkat %s\n", said(readlinkat(at, "", text, sizeof text)));
    }
    FACT("readlinkat of a link's descriptor", readlinkat(link, "", text, sizeof text));
    FACT("fchmodat2 unknown flags", syscall(452, AT_FDCWD, "file", 0644, 0x4000000));
    FACT("fchownat unknown flags", fchownat(AT_FDCWD, "file", -1, -1, 0x4000000));
    FACT("linkat unknown flags", linkat(AT_FDCWD, "file", AT_FDCWD, "hard", 0x4000000));
    FACT("unlinkat unknown flags", unlinkat(AT_FDCWD, "file", 0x4000000));
    FACT("renameat2 unknown flags", syscall(SYS_renameat2, AT_FDCWD, "file", AT_FDCWD, "renamed", 0x40));
    FACT("renameat2 two kinds", syscall(SYS_renameat2, AT_FDCWD, "file", AT_FDCWD, "dir", RENAME_NOREPLACE | RENAME_EXCHANGE));
    FACT("renameat2 whiteout and exchange", syscall(SYS_renameat2, AT_FDCWD, "file", AT_FDCWD, "dir", 4 | RENAME_EXCHANGE));
    FACT("fgetxattr of a path's descriptor", fgetxattr(path, "user.a", text, sizeof text));
    FACT("flistxattr of a path's descriptor", flistxattr(path, text, sizeof text));
    close_range(3, ~0u, 0);
}

static int how(const char *path, int flags, int resolve) {
    int dir = open("dir", O_PATH);
    struct open_how how = {.flags = flags, .resolve = resolve};
    int fd;
    do /* EAGAIN: somebody renamed or mounted something meanwhile, and it could not be sure of a "..": openat2(2) */
        fd = syscall(SYS_openat2, dir, path, &how, sizeof how);
    while (fd < 0 && errno == EAGAIN);
    int error = errno;
    close(dir);
    close(fd);
    errno = error;
    return fd < 0 ? -1 : 0;
}

static void resolves(void) {
    symlink("/etc", "dir/absolute");
    symlink("..", "dir/up");
    symlink("inner", "dir/in");
    static const char *const all[] = {"inner", "in", "up", "up/file", "../file", "absolute", "absolute/hostname", "/etc", "/inner", "."};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        printf("openat2 %s:", all[i]);
        for (int resolve = 0; resolve < 0x20; resolve = resolve == 0 ? 2 : resolve * 2)
            printf(" %d %s", resolve, said(how(all[i], O_RDONLY, resolve)));
        printf(" path %s\n", said(how(all[i], O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS)));
    }
    FACT("openat2 to another file system", how("/proc/version", O_RDONLY, RESOLVE_NO_XDEV));
    FACT("openat2 on one file system", how("inner", O_RDONLY, RESOLVE_NO_XDEV));
    FACT("openat2 up on one file system", how("up/file", O_RDONLY, RESOLVE_NO_XDEV));
    FACT("openat2 makes on another", how("/dev/shm/nurse-fact", O_RDWR | O_CREAT | O_EXCL, RESOLVE_NO_XDEV));
    FACT("openat2 made none there", access("/dev/shm/nurse-fact", F_OK));
    FACT("openat2 magic", how("/proc/self/exe", O_RDONLY, RESOLVE_NO_MAGICLINKS));
    FACT("openat2 both roots", how("inner", O_RDONLY, RESOLVE_BENEATH | RESOLVE_IN_ROOT));
    FACT("openat2 unknown", how("inner", O_RDONLY, 0x1000));
    FACT("openat2 flags", how("inner", 1 << 30, 0));
}

static void attributes(void) {
    struct stat st;
    umask(027);
    mkdir("masked", 0777);
    stat("masked", &st);
    printf("masked %o\n", st.st_mode);
    FACT("chmod", chmod("file", 0604));
    FACT("chmod of nothing", chmod("nothing", 0604));
    int fd = open("file", O_RDWR);
    FACT("fchmod", fchmod(fd, 0611));
    FACT("fchmodat", fchmodat(AT_FDCWD, "filelink", 0612, 0));
    fstat(fd, &st);
    printf("mode %o\n", st.st_mode);
    FACT("chown", chown("file", getuid(), getgid()));
    FACT("lchown", lchown("filelink", -1, getgid()));
    FACT("16-bit chown", syscall(SYS_chown, "file", getuid(), 0xffff));
    FACT("16-bit lchown", syscall(SYS_lchown, "file", 0xffff, getgid()));
    FACT("16-bit fchown", syscall(SYS_fchown, fd, 0xffff, getgid()));
    FACT("fchownat empty", fchownat(fd, "", -1, -1, AT_EMPTY_PATH));
    struct timespec times[2] = {{1000000000, 5}, {2000000000, 7}};
    FACT("utimensat", utimensat(AT_FDCWD, "file", times, 0));
    stat("file", &st);
    printf("times %ld %ld %ld %ld\n", (long)st.st_atime, st.st_atim.tv_nsec, (long)st.st_mtime, st.st_mtim.tv_nsec);
    times[0].tv_nsec = UTIME_OMIT, times[1].tv_nsec = UTIME_NOW;
    FACT("utimensat omit", futimens(fd, times));
    stat("file", &st);
    printf("times %ld %d\n", (long)st.st_atime, st.st_mtime > 1700000000 && st.st_mtime != 2000000000);
    times[0].tv_nsec = 1000000000;
    FACT("utimensat wrong", utimensat(AT_FDCWD, "file", times, 0));
    FACT("utimensat link", utimensat(AT_FDCWD, "filelink", NULL, AT_SYMLINK_NOFOLLOW));
    FACT("utimensat flags", utimensat(AT_FDCWD, "file", NULL, 0x4000));
    struct timeval values[2] = {{5, 0}, {6, 1000000}};
    FACT("utimes wrong", utimes("file", values));
    values[1].tv_usec = 999999;
    FACT("utimes", utimes("file", values));
    FACT("utime", utime("file", &(struct utimbuf){3, 4}));
    FACT("utime now", utime("file", NULL));
    FACT("truncate", truncate("file", 1234));
    FACT("truncate negative", truncate("file", -1));
    FACT("truncate a directory", truncate("dir", 0));
    FACT("truncate nothing", truncate("nothing", 0));
    FACT("ftruncate read only", ftruncate(open("file", O_RDONLY), 0));
    stat("file", &st);
    printf("size %ld blocks %d\n", (long)st.st_size, st.st_blksize > 0);
    char value[100];
    FACT("setxattr", setxattr("file", "user.a", "value", 5, 0));
    FACT("setxattr create", setxattr("file", "user.a", "value", 5, XATTR_CREATE));
    FACT("fsetxattr", fsetxattr(fd, "user.b", "v", 1, 0));
    FACT("getxattr", getxattr("filelink", "user.a", value, 100));
    FACT("getxattr small", getxattr("file", "user.a", value, 2));
    FACT("getxattr size", getxattr("file", "user.a", NULL, 0));
    FACT("lgetxattr", lgetxattr("filelink", "user.a", value, 100));
    FACT("lsetxattr", lsetxattr("filelink", "user.a", "x", 1, 0));
    FACT("fgetxattr", fgetxattr(fd, "user.b", value, 100));
    FACT("getxattr none", getxattr("file", "user.c", value, 100));
    FACT("getxattr wrong", getxattr("file", "nonsense", value, 100));
    FACT("listxattr", listxattr("file", value, 100));
    FACT("flistxattr", flistxattr(fd, NULL, 0));
    FACT("removexattr", removexattr("file", "user.a"));
    FACT("fremovexattr", fremovexattr(fd, "user.b"));
    FACT("removexattr again", removexattr("file", "user.a"));
    struct statfs fs;
    FACT("statfs", statfs("dir", &fs));
    FACT("fstatfs", fstatfs(fd, &fs));
    struct statx stx;
    FACT("statx", statx(AT_FDCWD, "file", 0, STATX_ALL, &stx));
    printf("  %o %llu\n", stx.stx_mode, stx.stx_size);
    FACT("statx flags", statx(AT_FDCWD, "file", 0x40000000, STATX_ALL, &stx));
    FACT("statx mask", statx(AT_FDCWD, "file", 0, 0x80000000, &stx));
    FACT("access mode", access("file", 77));
    FACT("faccessat2", syscall(SYS_faccessat2, AT_FDCWD, "file", R_OK, AT_EACCESS));
    FACT("faccessat2 flags", syscall(SYS_faccessat2, AT_FDCWD, "file", R_OK, 1));
    FACT("readlink small", readlink("filelink", value, 2));
    FACT("readlink none", readlink("filelink", value, 0));
    FACT("fsync", fsync(fd));
    FACT("syncfs", syncfs(fd));
    umask(022);
    close_range(3, ~0u, 0);
}

static void tree(void) {
    struct stat st;
    FACT("rename", rename("file", "renamed"));
    FACT("rename onto a directory", rename("renamed", "dir"));
    FACT("rename a directory onto a file", rename("dir", "renamed"));
    FACT("rename into itself", rename("dir", "dir/inside"));
    FACT("rename nothing", rename("nothing", "x"));
    FACT("rename slash", rename("renamed/", "x"));
    FACT("rename to slash", rename("renamed", "x/"));
    FACT("rename directory to slash", rename("masked", "masked2/"));
    FACT("noreplace", renameat2(AT_FDCWD, "renamed", AT_FDCWD, "dir", RENAME_NOREPLACE));
    FACT("exchange", renameat2(AT_FDCWD, "renamed", AT_FDCWD, "dir", RENAME_EXCHANGE));
    FACT("exchange back", renameat2(AT_FDCWD, "renamed", AT_FDCWD, "dir", RENAME_EXCHANGE));
    FACT("rename flags", renameat2(AT_FDCWD, "renamed", AT_FDCWD, "dir", 0x80));
    FACT("rename .", rename(".", "x"));
    FACT("rename to ..", rename("renamed", "dir/.."));
    FACT("link", link("renamed", "linked"));
    FACT("link a directory", link("dir", "linked2"));
    FACT("link over", link("renamed", "linked"));
    FACT("linkat of a link", linkat(AT_FDCWD, "link", AT_FDCWD, "linklink", 0));
    FACT("linkat through a link", linkat(AT_FDCWD, "filelink", AT_FDCWD, "y", AT_SYMLINK_FOLLOW));
    int temporary = open(".", O_TMPFILE | O_RDWR, 0600);
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", temporary);
    FACT("linkat of a tmpfile", linkat(AT_FDCWD, name, AT_FDCWD, "made", AT_SYMLINK_FOLLOW));
    FACT("symlink over", symlink("x", "linked"));
    FACT("symlink empty", symlink("", "z"));
    FACT("mkdir over", mkdir("dir", 0700));
    FACT("mkdir below nothing", mkdir("nothing/x", 0700));
    FACT("mkdir below a file", mkdir("linked/x", 0700));
    FACT("mkdir slash", mkdir("slash/", 0700));
    FACT("rmdir", rmdir("slash"));
    FACT("rmdir full", rmdir("dir"));
    FACT("rmdir file", rmdir("linked"));
    FACT("rmdir .", rmdir("dir/."));
    FACT("rmdir ..", rmdir("dir/.."));
    FACT("unlink directory", unlink("dir"));
    FACT("unlink slash", unlink("linked/"));
    FACT("unlink", unlink("linked"));
    FACT("unlinkat flags", unlinkat(AT_FDCWD, "made", 1));
    FACT("unlink made", unlink("made"));
    FACT("mkfifo", mkfifo("fifo", 0600));
    FACT("mknod regular", mknod("regular", S_IFREG | 0600, 0));
    FACT("mknod over", mknod("regular", S_IFREG | 0600, 0));
    FACT("mknod directory", mknod("x", S_IFDIR | 0600, 0));
    FACT("fifo without a reader", open("fifo", O_WRONLY | O_NONBLOCK));
    int both = open("fifo", O_RDWR);
    FACT("fifo with one", open("fifo", O_WRONLY) == both + 1);
    close_range(3, ~0u, 0);
    INTERRUPTED("fifo, interrupted", 0, open("fifo", O_WRONLY));
    INTERRUPTED("fifo, interrupted", 0, open("fifo", O_RDONLY));
}

static void directories(void) {
    char text[4096], *here = getcwd(NULL, 0);
    mkdir("moving", 0700);
    create("moving/a");
    int fd = open("moving", O_RDONLY);
    rename("moving", "moved");
    FACT("through a renamed directory", openat(fd, "a", O_RDONLY) > 0);
    FACT("fchdir", fchdir(fd));
    getcwd(text, sizeof text);
    printf("cwd %s\n", strcmp(text + strlen(here), "/moved") == 0 ? "moved" : text);
    rename("../moved", "../again");
    getcwd(text, sizeof text);
    printf("cwd %s\n", strcmp(text + strlen(here), "/again") == 0 ? "again" : text);
    FACT("relative", access("a", F_OK));
    FACT("getcwd small", syscall(SYS_getcwd, text, 3));
    unlink("a");
    FACT("rmdir of the cwd", rmdir("../again"));
    mkdir("../again", 0700);
    FACT("getcwd", getcwd(text, sizeof text) ? 0 : -1);
    FACT("create", create("b"));
    FACT("chdir away", chdir(getenv("HERE")));
    FACT("openat", openat(fd, "b", O_CREAT | O_WRONLY, 0600));
    DIR *list = fdopendir(fd);
    int count = 0;
    while (readdir(list))
        count++;
    printf("entries of what is no more %d\n", count);
    FACT("chdir to a file", chdir("renamed"));
    FACT("fchdir to a file", fchdir(open("renamed", O_RDONLY)));
    list = opendir("dir");
    for (count = 0; readdir(list);)
        count++;
    printf("entries %d\n", count);
    char small[10];
    FACT("getdents no room", syscall(SYS_getdents64, dirfd(list), small, 10));
    FACT("getdents of a file", syscall(SYS_getdents64, open("renamed", O_RDONLY), text, 4096));
    FACT("cwd link", readlink("/proc/self/cwd", text, sizeof text) == (long)strlen(here));
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    close_range(3, ~0u, 0);
    setenv("HERE", getcwd(NULL, 0), 1);
    umask(022);
    names();
    resolves();
    without_a_path();
    deep();
    attributes();
    tree();
    directories();
    return 0;
}
