/*
 * The program that RoundTripBenchmark measures: makes as many calls as it is told, and says so when they are done.
 *
 * Reads { number of the call, how often } from standard input, makes them, writes one byte. The calls go through libc's
 * syscall(2), so through the gate; read and write are native.
 */
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

struct command {
    int32_t number, count;
};

int main(void) {
    struct command command;
    char done = 1;

    while (read(0, &command, sizeof command) == sizeof command) {
        while (command.count-- > 0)
            syscall(command.number, 0, 0, 0, 0, 0, 0);
        if (write(1, &done, 1) != 1)
            return 1;
    }
    return 0;
}
