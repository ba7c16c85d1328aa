/* Class 3: a right that one rule takes away inside of what another rule gives, got back by another way to the same file. */
#include "attack.h"
#include <linux/openat2.h>

/* policy: write w, read w/part/file. A read-only part of what may be written, changed through a descriptor of it. */
ATTACK(read_only_part, "read-only-part-by-openat2") {
    static const unsigned long long ways[] = {0, RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH, RESOLVE_IN_ROOT};
    int got = 0, opened = 0, directory = open("w/part", O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < 2 * COUNT(ways); i++) {
        struct open_how how = {.flags = i % 2 ? O_PATH : O_RDONLY, .resolve = ways[i / 2]};
        char second[16];
        int fd = (int)CALL(SYS_openat2, directory, "file", &how, sizeof how);
        snprintf(second, sizeof second, "w/second%d", i);
        opened += fd >= 0;
        got += fchmod(fd, 0666) == 0 || linkat(fd, "", AT_FDCWD, second, AT_EMPTY_PATH) == 0 || open(second, O_WRONLY) >= 0;
    }
    return got ? GOT : opened == 2 * COUNT(ways) && open("w/own", O_CREAT | O_WRONLY, 0600) >= 0 ? HELD : BROKEN;
}

/* policy: write w, deny w/log, modify w/log/secret. A file that may be written and not read, given a name where it may be. */
ATTACK(link_by_descriptor, "link-by-descriptor") {
    char name[32];
    int fd = open("w/log/secret", O_WRONLY), own = open("w", O_TMPFILE | O_RDWR, 0600);
    if (fd < 0 || own < 0)
        return BROKEN;
    linkat(fd, "", AT_FDCWD, "w/one", AT_EMPTY_PATH);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    linkat(AT_FDCWD, name, AT_FDCWD, "w/two", AT_SYMLINK_FOLLOW);
    link("w/log/secret", "w/three");
    rename("w/log/secret", "w/four");
    int got = reads("w/one", "secret") || reads("w/two", "secret") || reads("w/three", "secret") || reads("w/four", "secret");
    snprintf(name, sizeof name, "/proc/self/fd/%d", own);
    int links = linkat(AT_FDCWD, name, AT_FDCWD, "w/own", AT_SYMLINK_FOLLOW) == 0;
    return got ? GOT : links ? HELD : BROKEN;
}

static int executable(const char *name) {
    int fd = open(name, O_RDONLY);
    void *code = mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    close(fd);
    return fd >= 0 && code != MAP_FAILED;
}

/* policy: write w, noexec w/a/b. What may not be mapped as code, moved away from its rule by moving what it lies in. */
ATTACK(rename_parent, "noexec-by-renamed-parent") {
    mkdir("w/plain", 0755);
    int got = rename("w/a/b", "w/b") == 0 && executable("w/b/code");
    got |= CALL(SYS_renameat2, AT_FDCWD, "w/a", AT_FDCWD, "w/plain", RENAME_EXCHANGE) == 0 && executable("w/plain/b/code");
    got |= rename("w/a", "w/c") == 0 && executable("w/c/b/code");
    int moves = rename("w/plain", "w/moved") == 0 && executable("attacks");
    return got ? GOT : moves && open("w/a/b/code", O_RDONLY) >= 0 ? HELD : BROKEN;
}

/* policy: deny folding/private. Other spellings of it, where the file system takes them for the same: see folding.c. */
ATTACK(other_spelling, "other-spelling") {
    static const char *const spelled[] = {"PRIVATE", "Private", "PRIVAT~1", "private"};
    int got = 0, directory = open("folding", O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < COUNT(spelled); i++) {
        char name[64], inner[64];
        snprintf(name, sizeof name, "folding/%s/secret", spelled[i]);
        snprintf(inner, sizeof inner, "%s/secret", spelled[i]);
        got += reads(name, "secret") || is_secret(openat(directory, inner, O_RDONLY));
    }
    return got ? GOT : reads("folding/ALLOWED", "allowed") ? HELD : BROKEN;
}
