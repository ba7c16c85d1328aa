/*
 * The bare shared-memory round trip: a word each way, two cache lines apart, both sides looking. What a call answered by
 * the helper is held against.
 *
 *   ring CPU CPU   two C processes, each on its CPU. Reads { ignored, ignored, how often } from standard input, does as
 *                  many round trips, writes one byte: the commands of roundtrip.c.
 *   ring CPU       answers in the memory that descriptor 3 is, until it finds END there.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define SIZE 4096
#define REPLY 128 /* RingBenchmark.java has the same */
#define END 0xffffffffu

static void stay_on(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set)) {
        perror("ring: sched_setaffinity");
        exit(1);
    }
}

/* Acquire and release, both plain moves on x86: what was written before a number is there for who sees the number. */
static uint32_t seen(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
static void publish(uint32_t *word, uint32_t number) { __atomic_store_n(word, number, __ATOMIC_RELEASE); }

static void answer(uint8_t *memory) {
    uint32_t *request = (uint32_t *)memory, *reply = (uint32_t *)(memory + REPLY), last = 0, next;

    for (;;) {
        while ((next = seen(request)) == last)
            __builtin_ia32_pause();
        if (next == END)
            exit(0);
        last = next;
        publish(reply, next);
    }
}

static void ask(uint8_t *memory) {
    uint32_t *request = (uint32_t *)memory, *reply = (uint32_t *)(memory + REPLY), number = 0;
    int32_t command[3];
    char done = 1;

    while (read(0, command, sizeof command) == sizeof command) {
        for (; command[2] > 0; command[2]--) {
            if (++number == END)
                number = 1;
            publish(request, number);
            while (seen(reply) != number)
                __builtin_ia32_pause();
        }
        if (write(1, &done, 1) != 1)
            break;
    }
    publish(request, END);
}

int main(int argc, char **argv) {
    int between = argc == 3;
    uint8_t *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | (between ? MAP_ANONYMOUS : 0),
                           between ? -1 : 3, 0);

    if (argc < 2 || memory == MAP_FAILED) {
        fprintf(stderr, "usage: ring CPU [CPU]\n");
        return 2;
    }
    if (!between) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        stay_on(atoi(argv[1]));
        answer(memory);
    }
    switch (fork()) {
    case -1:
        perror("ring: fork");
        return 1;
    case 0:
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        stay_on(atoi(argv[2]));
        answer(memory);
    }
    stay_on(atoi(argv[1]));
    ask(memory);
    return 0;
}
