/* Class 3: another name for what the policy does not give. */
#include "attack.h"
#include <sys/syscall.h>

/* ---- races, the other side renaming outside of the sandbox -------------------------------------------------------------- */

/* w/link leads now to ./allowed, now to ../secret. */
RACER(racer_symlink, "symlink") {
    symlink("../../secret", "w/bad");
    symlink("../allowed", "w/good");
    for (long long end = now() + 60 * RACE_NANOS; now() < end;) {
        link("w/good", "w/next"), rename("w/next", "w/link"), unlink("w/next");
        link("w/bad", "w/next"), rename("w/next", "w/link"), unlink("w/next");
    }
    return 0;
}

static int race_open(const char *name, int writes) {
    int opened = 0, refused = 0, got = 0;
    for (long long end = now() + 2 * RACE_NANOS; !got && RACING(end, opened && refused);) {
        int fd = open(name, writes ? O_RDWR : O_RDONLY);
        if (fd < 0) {
            refused++;
            continue;
        }
        opened++;
        got = is_secret(fd);
        close(fd);
    }
    say("opened %d, refused %d\n", opened, refused);
    return got ? GOT : opened && refused ? HELD : BROKEN;
}

ATTACK(race_symlink, "race-symlink") { return race_open("w/link", 0); }

/* w/d is now a directory with a file `secret` of the program's own, now a link to ../hidden, where `secret` is another's. */
RACER(racer_directory, "directory") {
    mkdir("w/d", 0755);
    int fd = open("w/d/secret", O_WRONLY | O_CREAT, 0644);
    if (write(fd, "mine\n", 5) != 5 || symlink("../../hidden", "w/e") != 0)
        return BROKEN;
    for (long long end = now() + 60 * RACE_NANOS; now() < end;)
        syscall(SYS_renameat2, AT_FDCWD, "w/d", AT_FDCWD, "w/e", RENAME_EXCHANGE);
    return 0;
}

ATTACK(race_directory, "race-directory-for-link") { return race_open("w/d/secret", 0); }

/* The same for what changes the tree: a file made in ../hidden would be one outside of what may be written. */
ATTACK(race_create, "race-create") {
    int made = 0, refused = 0;
    for (long long end = now() + 2 * RACE_NANOS; RACING(end, made && refused);) {
        mkdir("w/d/new", 0755) == 0 ? made++ : refused++;
        rename("w/d/secret", "w/d/moved");
        rename("w/d/moved", "w/d/secret");
        unlink("w/d/secret2");
        rmdir("w/d/new");
    }
    say("made %d, refused %d\n", made, refused);
    return made && refused ? HELD : BROKEN; /* ../hidden is looked at by the runner */
}

/* w/a/b is moved up and down again, so that w/a/b/.. is now w/a, now w; from there ../../secret is ../secret or outside. */
RACER(racer_dotdot, "dotdot") {
    mkdir("w/a", 0755);
    mkdir("w/a/b", 0755);
    for (long long end = now() + 60 * RACE_NANOS; now() < end;) {
        rename("w/a/b", "w/b");
        rename("w/b", "w/a/b");
    }
    return 0;
}

ATTACK(race_dotdot, "race-dotdot") {
    int tries = 0, there = 0;
    for (long long end = now() + 2 * RACE_NANOS; RACING(end, there && there < tries); tries++) {
        int fd = open("w/a/b/../../../../secret", O_RDONLY);
        if (is_secret(fd) || reads("w/a/b/../../../../../secret", "secret"))
            return GOT;
        there += access("w/a/b/../../../allowed", F_OK) == 0;
    }
    say("tries %d, there %d\n", tries, there);
    return there ? HELD : BROKEN;
}

/* ---- names ---------------------------------------------------------------------------------------------------------------- */

/* Each name must lead nowhere; outside of the sandbox at least one does. argument 1: the absolute name of ../secret. */
ATTACK(proc_links, "proc-links") {
    static const char *const ways[] = {"/proc/self/root",        "/proc/thread-self/root",   "/proc/%d/root",
                                       "/proc/self/task/%d/root", "/proc/%d/task/%d/root",    "/proc/1/root",
                                       "/proc/self/cwd/../../../../../..", "/proc/self/cwd/../../../../../../proc/self/root"};
    int got = 0;
    if (argc < 2)
        return BROKEN;
    for (int who = 0; who < 2; who++)
        for (int i = 0; i < COUNT(ways); i++) {
            char name[512];
            int pid = who ? getppid() : getpid(), n = snprintf(name, sizeof name, ways[i], pid, pid);
            snprintf(name + n, sizeof name - (size_t)n, "%s", argv[1]);
            if (reads(name, "secret")) {
                say("%s\n", name);
                got++;
            }
        }
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/cwd/../secret", getppid());
    got += reads(name, "secret") + reads("/proc/self/cwd/../secret", "secret");
    return got ? GOT : reads("/proc/self/cwd/allowed", "allowed") ? HELD : BROKEN;
}

ATTACK(dots, "dots-and-slashes") {
    static const char *const names[] = {"../secret",         "./../secret",    "..//secret",         "w/../../secret",
                                        "w/./.././../secret", "//proc/self/cwd//../secret", "w/../w/../../secret/",
                                        "attacks/../../secret"};
    int got = 0;
    for (int i = 0; i < COUNT(names); i++)
        got += reads(names[i], "secret");
    return got ? GOT : reads("w/.././allowed", "allowed") ? HELD : BROKEN;
}

/* Every call that takes a name, on a file outside: none may say anything but that it may not. */
ATTACK(every_call, "every-call-with-a-name") {
    const char *s = "../secret";
    struct stat st;
    char text[64];
    struct { const char *call; int succeeded; } tried[] = {
        {"stat", stat(s, &st) == 0},
        {"lstat", lstat(s, &st) == 0},
        {"access", access(s, R_OK) == 0},
        {"readlink", readlink("../link", text, sizeof text) >= 0},
        {"open O_PATH", open(s, O_PATH) >= 0},
        {"open O_RDWR", open(s, O_RDWR) >= 0},
        {"open O_CREAT", open("../new", O_CREAT | O_WRONLY, 0600) >= 0},
        {"truncate", truncate(s, 0) == 0},
        {"unlink", unlink(s) == 0},
        {"rename", rename(s, "w/secret") == 0},
        {"rename over", rename("w/f", s) == 0},
        {"link", link(s, "w/secret") == 0},
        {"link over", link("w/f", "../new") == 0},
        {"symlink", symlink("x", "../new") == 0},
        {"mkdir", mkdir("../new", 0755) == 0},
        {"mknod", mknod("../new", S_IFREG | 0600, 0) == 0},
        {"mkfifo", mkfifo("../new", 0600) == 0},
        {"chmod", chmod(s, 0600) == 0},
        {"chown", chown(s, getuid(), getgid()) == 0},
        {"utimensat", CALL(SYS_utimensat, AT_FDCWD, s, 0, 0) == 0},
        {"statfs", CALL(SYS_statfs64, s, 84, (char[84]){0}) == 0},
        {"statx", CALL(383, AT_FDCWD, s, 0, 0x7ff, (char[256]){0}) == 0},
        {"getxattr", CALL(SYS_getxattr, s, "user.x", text, 1) != -EPERM},
        {"setxattr", CALL(SYS_setxattr, s, "user.x", "y", 1, 0) != -EPERM},
        {"chdir", chdir("../hidden") == 0},
        {"inotify_add_watch", CALL(SYS_inotify_add_watch, CALL(SYS_inotify_init1, 0), s, 2) >= 0},
    };
    int got = 0;
    for (int i = 0; i < COUNT(tried); i++)
        if (tried[i].succeeded) {
            say("%s\n", tried[i].call);
            got++;
        }
    return got ? GOT : stat("allowed", &st) == 0 ? HELD : BROKEN;
}

/* A link that stands there already, to a file and to a directory. */
ATTACK(symlinks, "symlink-out") {
    symlink("../../secret", "w/l");
    symlink("../..", "w/up");
    symlink("w/up", "w/up2");
    int got = reads("w/l", "secret") || reads("w/up/secret", "secret") || reads("w/up/hidden/secret", "secret");
    symlink("../allowed", "w/in");
    return got ? GOT : reads("w/in", "allowed") ? HELD : BROKEN;
}

/* A second name in a directory that may be written, for a file that may not: argument 1. */
ATTACK(hard_link, "hard-link-out-of-read-only") {
    if (argc < 2)
        return BROKEN;
    int fd = open(argv[1], O_RDONLY), path = open(argv[1], O_PATH);
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    int got = link(argv[1], "w/one") == 0 || linkat(fd, "", AT_FDCWD, "w/two", AT_EMPTY_PATH) == 0 ||
              linkat(AT_FDCWD, name, AT_FDCWD, "w/three", AT_SYMLINK_FOLLOW) == 0 ||
              linkat(path, "", AT_FDCWD, "w/four", AT_EMPTY_PATH) == 0 || rename(argv[1], "w/five") == 0;
    close(open("w/own", O_CREAT | O_WRONLY, 0600));
    return got ? GOT : link("w/own", "w/own2") == 0 ? HELD : BROKEN;
}

/* A read-only descriptor of argument 1, opened again to be written: through /proc, /dev/fd, O_PATH. */
ATTACK(reopen, "reopen-for-writing") {
    if (argc < 2)
        return BROKEN;
    int fds[] = {open(argv[1], O_RDONLY), open(argv[1], O_PATH)}, got = 0;
    static const char *const ways[] = {"/proc/self/fd/%d", "/dev/fd/%d", "/proc/thread-self/fd/%d"};
    for (int f = 0; f < 2; f++)
        for (int i = 0; i < COUNT(ways); i++) {
            char name[64];
            snprintf(name, sizeof name, ways[i], fds[f]);
            got += open(name, O_RDWR) >= 0;
            got += open(name, O_WRONLY | O_TRUNC) >= 0;
            got += truncate(name, 0) == 0;
            got += chmod(name, 0600) == 0;
        }
    return got ? GOT : reads(argv[1], "") || fds[0] >= 0 ? HELD : BROKEN;
}

/* What changes a file by any descriptor of it, be it read-only: argument 1 may be read only. */
ATTACK(change_by_descriptor, "change-by-read-only-descriptor") {
    if (argc < 2)
        return BROKEN;
    int fd = open(argv[1], O_RDONLY);
    if (fd < 0)
        return BROKEN;
    int got = fchmod(fd, 0666) == 0 || fchown(fd, getuid(), getgid()) == 0 || futimens(fd, NULL) == 0 ||
              CALL(SYS_fsetxattr, fd, "user.x", "y", 1, 0) == 0 || ftruncate(fd, 0) == 0 ||
              CALL(SYS_fallocate, fd, 0, 0, 0, 10, 0) == 0 || CALL(452, fd, "", 0666, AT_EMPTY_PATH) == 0;
    return got ? GOT : HELD;
}

/* bind(2) of a name in the file system was begun by an fchmod of whatever the descriptor is: argument 1 may be read only. */
ATTACK(bind_file, "bind-a-file") {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "w/socket"};
    struct stat before, after;
    if (argc < 2)
        return BROKEN;
    int fd = open(argv[1], O_RDONLY);
    umask(0);
    fstat(fd, &before);
    bind(fd, (struct sockaddr *)&address, sizeof address);
    fstat(fd, &after);
    int own = socket(AF_UNIX, SOCK_STREAM, 0);
    int works = bind(own, (struct sockaddr *)&address, sizeof address) == 0;
    return after.st_mode != before.st_mode ? GOT : works ? HELD : BROKEN;
}

/* policy: write w, deny w/x/secret. A directory renamed away from around a denial. */
ATTACK(rename_denied, "rename-around-a-denial") {
    int got = rename("w/x", "w/y") == 0 || CALL(SYS_renameat2, AT_FDCWD, "w/x", AT_FDCWD, "w/plain", RENAME_EXCHANGE) == 0;
    got |= reads("w/y/secret", "secret") || reads("w/x/secret", "secret") || reads("w/plain/secret", "secret");
    return got ? GOT : rename("w/plain", "w/moved") == 0 ? HELD : BROKEN;
}

/* A working directory that is no more, and one of the same name made in its place. */
ATTACK(deleted_cwd, "deleted-working-directory") {
    char text[4096];
    if (mkdir("w/gone", 0755) != 0 || chdir("w/gone") != 0 || rmdir("../gone") != 0)
        return BROKEN;
    int got = reads("../../../secret", "secret") || open("new", O_CREAT | O_WRONLY, 0600) >= 0 || mkdir("sub", 0755) == 0;
    mkdir("/proc/self/cwd/../gone", 0755);
    got |= getcwd(text, sizeof text) != NULL || open("new", O_CREAT | O_WRONLY, 0600) >= 0;
    return got ? GOT : HELD;
}

/* Set-ID bits and device nodes would outlive the sandbox, for who runs or opens them outside. */
ATTACK(set_id, "set-id-bits") {
    umask(0);
    int fd = open("w/file", O_CREAT | O_RDWR, 06755);
    if (fd < 0)
        return BROKEN;
    mkdir("w/dir", 06755);
    mknod("w/node", S_IFREG | 06755, 0);
    fchmod(fd, 06755);
    chmod("w/file", 06755);
    CALL(SYS_fchmodat, AT_FDCWD, "w/file", 06755);
    CALL(452, AT_FDCWD, "w/file", 06755, 0);
    static const char *const made[] = {"w/file", "w/dir", "w/node"};
    for (int i = 0; i < COUNT(made); i++) {
        struct stat st;
        if (stat(made[i], &st) == 0 && st.st_mode & 06000)
            return GOT;
    }
    return HELD;
}

ATTACK(make_device, "make-device-node") {
    int got = mknod("w/memory", S_IFCHR | 0666, 0x101) == 0 || mknod("w/disk", S_IFBLK | 0666, 0x800) == 0;
    return got ? GOT : mkfifo("w/fifo", 0600) == 0 ? HELD : BROKEN;
}

/* The nodes of /dev are everyone's. Only to what they are already: as root outside it would harm the host. */
ATTACK(device_node, "change-device-node") {
    int got = rename("/dev/null", "/dev/null") == 0 || chmod("/dev/null", 0666) == 0 ||
              chown("/dev/null", (uid_t)-1, (gid_t)-1) == 0;
    int null = open("/dev/null", O_WRONLY);
    return got ? GOT : write(null, "x", 1) == 1 ? HELD : BROKEN;
}

/* A device node that lies among files that may be read: argument 1, as an archive that root unpacked may have one. */
ATTACK(planted_device, "planted-device-node") {
    char text[6];
    if (argc < 2)
        return BROKEN;
    int fd = open(argv[1], O_RDONLY | O_NONBLOCK);
    return fd >= 0 && read(fd, text, 1) >= 0 ? GOT : fd < 0 ? HELD : BROKEN;
}

/* /proc, found where somebody has mounted it a second time: argument 1. */
ATTACK(second_proc, "second-proc") {
    char name[256];
    int got = 0;
    if (argc < 2)
        return BROKEN;
    static const char *const files[] = {"self/environ", "self/mem", "self/maps", "1/environ", "self/root/etc/shadow"};
    for (int i = 0; i < COUNT(files); i++) {
        snprintf(name, sizeof name, "%s/%s", argv[1], files[i]);
        got += open(name, O_RDONLY) >= 0;
    }
    snprintf(name, sizeof name, "%s/%d/environ", argv[1], getppid());
    got += open(name, O_RDONLY) >= 0;
    snprintf(name, sizeof name, "%s/%d/mem", argv[1], getppid());
    got += open(name, O_RDWR) >= 0;
    return got ? GOT : HELD;
}

/* --read /proc: its own memory and environment, the helper's, other processes'. */
ATTACK(proc_mem, "proc-mem") {
    static const char *const files[] = {"mem", "environ", "auxv", "pagemap", "syscall", "stack", "map_files", "fdinfo", "fd", "maps", "io", "cmdline"};
    char name[64];
    int got = 0;
    for (int who = 0; who < 2; who++)
        for (int i = 0; i < (who ? COUNT(files) : 8); i++) {
            snprintf(name, sizeof name, "/proc/%d/%s", who ? getppid() : getpid(), files[i]);
            if (open(name, O_RDONLY) >= 0) {
                say("%s\n", name);
                got++;
            }
        }
    return got ? GOT : open("/proc/self/status", O_RDONLY) >= 0 && open("/proc/self/maps", O_RDONLY) >= 0 ? HELD : BROKEN;
}
