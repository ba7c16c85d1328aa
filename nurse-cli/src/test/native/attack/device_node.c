/*
 * Attack:  rename, chmod and chown of /dev/null, which the built-in rules let be written. Only to what it is already: run as root
 *          against a helper that allows it, an unlink here would delete the host's node.
 * Outcome: all EPERM; status 0.
 * Twin:    writing to /dev/null.
 */
#include "attack.h"

int main(void) {
    int got = (rename("/dev/null", "/dev/null") == 0) | (chmod("/dev/null", 0666) == 0) << 1 |
              (chown("/dev/null", (uid_t)-1, (gid_t)-1) == 0) << 2;
    int null = open("/dev/null", O_WRONLY);
    printf("changed %d, written %d\n", got, (int)write(null, "x", 1));
    return got;
}
