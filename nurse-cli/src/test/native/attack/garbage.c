/*
 * Attack:  argument 0-10: junk on the control socket and the bells, sequence numbers that jump, the channel read and written,
 *          int 0x80, exit(1), a far jump to 64-bit code, a zero sigreturn frame, a forged interrupt.
 * Outcome: 0 1 4 9: status 0; 2 3: 137; 5: 137, or 0 under the trap lock, which passes it to the policy; 6: 7; 7: 137, or
 *          159 under the trap lock; 8: 139; 10 sleeps on, must end by the test's own time limit.
 * Twin:    each that survives asks getpid afterwards.
 */
#include "attack.h"
int main(int c, char **v) {
    static char junk[4096]; memset(junk, 0xff, sizeof junk); find_lane();
    switch (atoi(v[1])) {
    case 0: for (int i = 0; i < 20; i++) write(NURSE_FD_CONTROL, junk, 64); break; /* small: must not be believed */
    case 1: for (int i = 0; i < 2000; i++) write(NURSE_FD_BELL_HELPER, junk, 4096); break;
    case 2: WORD(requests, 0) += 7; write(NURSE_FD_BELL_HELPER, junk, 1); for (;;) ; /* sequence jumps */
    case 3: WORD(requests, 0) -= 1; write(NURSE_FD_BELL_HELPER, junk, 1); for (;;) ;
    case 4: read(NURSE_FD_CHANNEL, junk, 10); say("channel write %d\n", write(NURSE_FD_CHANNEL, junk, 1)); break;
    case 5: __asm__("int $0x80" :: "a"(20)); say("int80 survived\n"); break;
    case 6: __asm__("int $0x80" :: "a"(1), "b"(7)); break; /* exit(1): status 7, trustee left behind */
    case 7: __asm__("ljmp $0x33, $1f\n.byte 0\n1:\n.byte 0xb8,0x27,0,0,0,0x0f,0x05\n" ::: "eax"); say("64-bit getpid survived\n"); break;
    case 8: { static uint32_t f[256]; f[0] = 0; uint32_t *sc = f; /* sigcontext at %esp-8+8 */
        __asm__ volatile("mov %0, %%esp; mov $119, %%eax; int $0x80" :: "r"(sc)); break; }
    case 9: { WORD(requests, NURSE_INTERRUPT) = WORD(requests, 0) + 1; struct { int a, b; } t = {100, 0}; uint32_t a[6] = {(uint32_t)&t}; say("nanosleep %d\n", raw_with(SYS_nanosleep, a, 0, &t, 8)); break; }
    case 10: { uint32_t t[4] = {0xffffffff, 0x7fffffff, 999999999, 0}; uint32_t a[6] = {0, 1, (uint32_t)t}; alarm(0); say("abs %d\n", raw_with(407, a, 2, t, 16)); break; }
    }
    say("alive %d\n", RAW(SYS_getpid, 0, 0, 0, 0, 0, 0) > 0); leave(0);
}
