/*
 * Attack:  while a descriptor of /dev/null is passed, the number in the scratch area is forged to that of read-only ./victim: the
 *          kernel's descriptor is then victim, the helper's book says /dev/null; fchmod of it.
 * Outcome: never a success; victim (0644) keeps its mode; status 0.
 * Twin:    fchmod of a file opened under --write.
 */
#include "attack.h"

static uint32_t forged;
static void forge(void) { WORD(requests, NURSE_SCRATCH + 0x30 + 12) = forged; }

int main(void) {
    find_lane();
    int32_t victim = raw_open("victim", O_RDONLY, 0), changed = 0;
    forged = victim;
    for (int i = 0; i < 100 && victim >= 0; i++) {
        while_waiting = forge;
        int32_t other = raw_open("/dev/null", O_RDWR, 0);
        while_waiting = NULL;
        if (other < 0)
            break;
        changed += RAW(SYS_fchmod, other, 0777, 0, 0, 0, 0) == 0;
    }
    say("fchmod succeeded %d times\n", changed);
    leave(victim < 0 ? 2 : changed != 0);
}
