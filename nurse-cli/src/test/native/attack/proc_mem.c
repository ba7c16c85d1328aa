/*
 * Attack:  with --read /proc: /proc/self/mem, environ, the helper's mem and environ. A refusal of what a rule allows once
 *          came back as 0 and gave the program the helper's descriptor 0.
 * Outcome: EPERM for each; status 0.
 * Twin:    /proc/self/status and /proc/self/maps open.
 */
#include "attack.h"

int main(void) {
    char names[4][64] = {"/proc/self/mem", "/proc/self/environ"};
    int got = 0;
    sprintf(names[2], "/proc/%d/mem", getppid());
    sprintf(names[3], "/proc/%d/environ", getppid());
    for (int i = 0; i < 4; i++)
        got |= (open(names[i], O_RDONLY) >= 0) << i;
    int twin = open("/proc/self/status", O_RDONLY) >= 0 && open("/proc/self/maps", O_RDONLY) >= 0;
    printf("opened %x, twin %d\n", got, twin);
    return got || !twin;
}
