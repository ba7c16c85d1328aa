/*
 * The lane, found as a program that knows the code finds it, and requests made without the gate. After the first of them
 * libc's own calls are out of step: only raw(), say() and leave() may be used.
 */
#ifndef NURSE_ATTACK_LANE_H
#define NURSE_ATTACK_LANE_H

#include "attack.h"
#include "layout.h"

static volatile uint8_t *orders_base, *orders, *requests;
static uint32_t at_orders, at_requests, at_vdso;

#define WORD(base, offset) (*(volatile uint32_t *)((base) + (offset)))

/* Not there outside of the sandbox: then at_orders stays 0. */
static inline void find_lane(void) {
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps)) {
        uint32_t start = (uint32_t)strtoul(line, NULL, 16);
        if (strstr(line, "nurse-orders") && !at_orders)
            at_orders = start;
        if (strstr(line, "nurse-requests") && !at_requests)
            at_requests = start;
        if (strstr(line, "[vdso]"))
            at_vdso = start;
    }
    if (maps)
        fclose(maps);
    orders_base = (volatile uint8_t *)at_orders;
    orders = orders_base + NURSE_ORDERS_LANES;
    requests = (volatile uint8_t *)at_requests;
}

static void (*while_waiting)(void); /* what to forge while the helper works */

static inline void ring(void) {
    if (write(NURSE_FD_BELL_HELPER, "", 1) < 0)
        return;
}

static inline int32_t await_raw(uint32_t sequence) {
    ring();
    while (WORD(orders, NURSE_REPLY + NURSE_REPLY_SEQ) != sequence)
        if (while_waiting)
            while_waiting();
    return (int32_t)WORD(orders, NURSE_REPLY + NURSE_REPLY_RESULT);
}

static inline uint32_t publish(void) {
    uint32_t sequence = WORD(requests, NURSE_REQUEST_SEQ) + 1;
    __sync_synchronize();
    WORD(requests, NURSE_REQUEST_SEQ) = sequence;
    return sequence;
}

/* A request as the gate makes it, the string (or bytes) for argument `which` put at offset 0 of the data. */
static inline int32_t raw_with(uint32_t nr, const uint32_t a[6], int which, const void *bytes, uint32_t length) {
    for (int i = 0; i < 6; i++) {
        WORD(requests, NURSE_REQUEST_ARG + 4 * i) = a[i];
        WORD(requests, NURSE_REQUEST_OFFSET + 4 * i) = 0;
        WORD(requests, NURSE_REQUEST_LENGTH + 4 * i) = i == which ? length : 0;
    }
    if (which >= 0)
        memcpy((void *)(requests + NURSE_REQUEST_DATA), bytes, length);
    WORD(requests, NURSE_REQUEST_NR) = nr;
    return await_raw(publish());
}
#define WORDS(a, b, c, d, e, f)                                                                                        \
    (uint32_t[]) { (uint32_t)(a), (uint32_t)(b), (uint32_t)(c), (uint32_t)(d), (uint32_t)(e), (uint32_t)(f) }
#define RAW(nr, a, b, c, d, e, f) raw_with(nr, WORDS(a, b, c, d, e, f), -1, 0, 0)

static inline int32_t raw_open(const char *name, int flags, int mode) {
    return raw_with(SYS_open, WORDS(name, flags, mode, 0, 0, 0), 0, name, strlen(name) + 1);
}

/* Hundredths of a second: libc's clock goes through the gate under strict. */
static inline int32_t raw_ticks(void) { return RAW(SYS_times, 0, 0, 0, 0, 0, 0); }

static inline int raw_alive(void) { return RAW(SYS_getpid, 0, 0, 0, 0, 0, 0) > 0; }

static inline void leave(int status) __attribute__((noreturn));
static inline void leave(int status) {
    for (;;)
        RAW(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

#endif
