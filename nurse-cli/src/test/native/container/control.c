/* Puts a message of its own into the control socket, if asked to, and then has the helper borrow a descriptor.
 * usage: control write|leave        prints what fcntl(2) says of descriptor 0 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CONTROL 1024 /* layout.h, NURSE_FD_CONTROL */

int main(int argc, char **argv) {
    if (argc == 2 && !strcmp(argv[1], "write"))
        printf("written %d\n", (int)write(CONTROL, "x", 1)); /* write(2) is the program's own */
    fflush(stdout);
    printf("flags %d\n", fcntl(0, F_GETFL) >= 0);
    return 0;
}
