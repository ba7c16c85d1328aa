/* peek FILE DIRECTORY: writes the file's first bytes to standard output, and the directory's name as the process has it
 * after going there; the exit status is the errno of what failed. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
    char bytes[256];
    struct stat status;
    ssize_t got;
    int fd;

    if (argc < 3)
        return EINVAL;
    if (stat(argv[1], &status) || (fd = open(argv[1], O_RDONLY)) < 0 || (got = read(fd, bytes, sizeof bytes)) < 0)
        return errno;
    if (got != status.st_size || write(1, bytes, (size_t)got) != got)
        return EIO;
    if (close(fd) || chdir(argv[2]) || !getcwd(bytes, sizeof bytes))
        return errno;
    return write(1, bytes, strlen(bytes)) < 0 ? errno : 0;
}
