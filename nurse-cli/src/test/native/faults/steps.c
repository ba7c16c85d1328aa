/* A program with many steps that tells how far it is: each line goes to standard output by the program's own write, and once
 * that has come back to standard error; in between the helper and the trustee are asked for something.
 * usage: steps FILE LINES MICROSECONDS-BETWEEN */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int lines = argc > 3 ? atoi(argv[2]) : 0, i;

    for (i = 0; i < lines; i++) {
        char line[16];
        int length = snprintf(line, sizeof line, "%d\n", i);
        int fd = open(argv[1], O_RDONLY);
        struct stat found;
        void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
        if (fd < 0 || fstat(fd, &found) || page == MAP_FAILED || munmap(page, 4096) || close(fd))
            return 9;
        if (write(1, line, (size_t)length) != length || write(2, line, (size_t)length) != length)
            return 8;
        usleep((useconds_t)atoi(argv[3]));
    }
    return 7;
}
