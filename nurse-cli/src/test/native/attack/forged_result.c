/*
 * Attack:  the trustee's result slot is overwritten all the time with numbers that are no errno (-5000, 0x80000000).
 * Outcome: the program may be told nonsense; the helper goes on, prints no stack trace; status 0.
 * Twin:    dup2 without forging gives the number asked for (the first call).
 */
#include "attack.h"

static uint32_t forged;
static void forge(void) { WORD(requests, NURSE_RESULT + NURSE_RESULT_VALUE) = forged; }

int main(void) {
    static const uint32_t values[] = {(uint32_t)-5000, 0x80000000u, (uint32_t)-134};
    find_lane();
    int honest = RAW(SYS_dup2, 1, 7, 0, 0, 0, 0) == 7;
    for (int i = 0; i < 300; i++) {
        forged = values[i % 3];
        while_waiting = forge;
        RAW(SYS_dup2, 1, 7, 0, 0, 0, 0);
        while_waiting = NULL;
    }
    leave(!honest);
}
