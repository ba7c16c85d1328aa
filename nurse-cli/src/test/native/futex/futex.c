/*
 * A futex that two processes share, in the file "word". usage: futex WAY:
 * wait    waits until the first word is not 0
 * wake    makes it 1, and wakes whoever waits
 * asleep  waits once, and then makes the second word 1; the kernel may wake it for no reason
 * nudge   wakes without a change, until the other has made the second word 1
 * time    waits for a word that nobody changes, until the time is over
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static unsigned *words;

static int futex(int operation, unsigned value, const struct timespec *time) {
    return syscall(SYS_futex, words, operation, value, time, 0, 0) < 0 ? -errno : 0;
}

int main(int argc, char **argv) {
    const char *way = argc > 1 ? argv[1] : "time";
    struct timespec time = {0, 100000000};
    int file;

    umask(0); /* the other process may be another user's */
    file = open("word", O_RDWR | O_CREAT, 0666);
    if (file < 0 || ftruncate(file, 4096)) {
        perror("word");
        return 1;
    }
    words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (!strcmp(way, "wait")) {
        while (!__atomic_load_n(words, __ATOMIC_SEQ_CST))
            futex(FUTEX_WAIT, 0, NULL);
        puts("woken");
    } else if (!strcmp(way, "wake")) {
        __atomic_store_n(words, 1, __ATOMIC_SEQ_CST);
        futex(FUTEX_WAKE, 1, NULL);
    } else if (!strcmp(way, "asleep")) {
        int result = futex(FUTEX_WAIT, 0, NULL);
        __atomic_store_n(words + 1, 1, __ATOMIC_SEQ_CST);
        printf("woken %d, the word is %u\n", result, words[0]);
    } else if (!strcmp(way, "nudge")) {
        while (!__atomic_load_n(words + 1, __ATOMIC_SEQ_CST)) {
            futex(FUTEX_WAKE, 1, NULL);
            usleep(1000);
        }
    } else {
        printf("over %d\n", futex(FUTEX_WAIT, 0, &time));
    }
    return 0;
}
