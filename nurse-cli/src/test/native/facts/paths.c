/*
 * Random trees, links and names: what the kernel says of each. The same seed makes the same.
 * usage: paths SEED
 */
#include "facts.h"

#include <sys/stat.h>

static unsigned state;

static unsigned next(unsigned limit) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % limit;
}

/* A name of up to eight components, most of which there are. */
static const char *name(void) {
    static char texts[4][256];
    static int turn;
    static const char *const parts[] = {"a", "b", "c", "d", "a", "b", "c", ".", "..", "", "a", "b", "nothing"};
    char *text = texts[turn++ % 4];
    text[0] = 0;
    if (next(12) == 0)
        strcat(text, getenv("HERE"));
    for (unsigned i = next(6) + 1; i > 0; i--) {
        if (text[0]) /* or the name would be one of the root's, which is everybody's */
            strcat(text, "/");
        strcat(text, parts[next(sizeof parts / sizeof *parts)]);
    }
    if (text[0] && next(8) == 0)
        strcat(text, "/");
    return text;
}

int main(int count, char **arguments) {
    (void)count;
    setvbuf(stdout, NULL, _IOLBF, 0);
    close_range(3, ~0u, 0);
    setenv("HERE", getcwd(NULL, 0), 1);
    state = (unsigned)atoi(arguments[1]);
    umask(022);
    for (int i = 0; i < 1500; i++) {
        struct stat st;
        char text[600];
        const char *one = name(), *two = name();
        int fd, dir;
        switch (next(19)) {
        case 0: case 1:
            printf("mkdir %s: %s\n", one, said(mkdir(one, 0755)));
            break;
        case 2: case 3:
            printf("symlink %s %s: %s\n", one, two, said(symlink(one, two)));
            break;
        case 4: case 5:
            fd = open(one, O_CREAT | O_RDWR, 0644);
            printf("creat %s: %s\n", one, said(fd < 0 ? fd : 0));
            close(fd);
            break;
        case 6:
            fd = open(one, O_CREAT | O_EXCL | O_WRONLY, 0644);
            printf("excl %s: %s\n", one, said(fd < 0 ? fd : 0));
            close(fd);
            break;
        case 7:
            printf("unlink %s: %s\n", one, said(unlink(one)));
            break;
        case 8:
            printf("rmdir %s: %s\n", one, said(rmdir(one)));
            break;
        case 9:
            printf("rename %s %s: %s\n", one, two, said(rename(one, two)));
            break;
        case 10:
            printf("link %s %s: %s\n", one, two, said(link(one, two)));
            break;
        case 11:
            fd = open(one, O_PATH | (next(2) ? O_NOFOLLOW : 0));
            printf("path %s: %s\n", one, said(fd < 0 ? fd : 0));
            close(fd);
            break;
        case 12:
            memset(&st, 0, sizeof st);
            printf("stat %s: %s", one, said(stat(one, &st)));
            printf(" %o\n", st.st_mode);
            break;
        case 13:
            memset(&st, 0, sizeof st);
            printf("lstat %s: %s", one, said(lstat(one, &st)));
            printf(" %o %d\n", st.st_mode, S_ISLNK(st.st_mode) ? (int)st.st_size : 0);
            break;
        case 14:
            memset(text, 0, sizeof text);
            printf("readlink %s: %s", one, said(readlink(one, text, sizeof text - 1)));
            printf(" %s\n", text);
            break;
        case 15:
            printf("chdir %s: %s", one, said(chdir(one)));
            printf(" %s\n", getcwd(text, sizeof text) ? text : "none");
            if (next(3) == 0 || strncmp(text, getenv("HERE"), strlen(getenv("HERE"))) != 0)
                chdir(getenv("HERE"));
            break;
        case 16:
            dir = open(one, O_DIRECTORY | O_RDONLY);
            fd = openat(dir, two, O_RDONLY | (next(2) ? O_NOFOLLOW : 0));
            printf("openat %s %s: %s\n", one, two, said(fd < 0 ? fd : 0));
            close(fd);
            close(dir);
            break;
        case 17:
            printf("access %s: %s\n", one, said(faccessat(AT_FDCWD, one, R_OK, 0)));
            break;
        case 18:
            printf("truncate %s: %s", one, said(truncate(one, 5)));
            printf(" chmod %s: %s\n", two, said(chmod(two, 0700)));
            break;
        }
    }
    return 0;
}
