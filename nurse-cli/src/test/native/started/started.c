/*
 * What a program is started with: its parent, blocked and ignored signals, standard input.
 * usage: started PARENT < a file of nine characters
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int parent_in_proc(void) {
    char line[256];
    int parent = -1;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        sscanf(line, "PPid: %d", &parent);
    return parent;
}

static volatile sig_atomic_t came;

static void note(int signal) { came = signal; }

int main(int argc, char **argv) {
    char text[3][4] = {{0}};
    sigset_t blocked;
    int again, signal;

    printf("parent %d %d\n", argc > 1 && getppid() == atoi(argv[1]), getppid() == parent_in_proc());
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    for (signal = 1; signal < 32; signal++)
        if (sigismember(&blocked, signal) == 1)
            printf("blocked %d\n", signal);
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = note}, NULL);
    raise(SIGUSR1);
    printf("came %d\n", came);
    sigemptyset(&blocked);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    printf("came %d\n", came);

    read(0, text[0], 3);
    again = open("/dev/stdin", O_RDONLY);
    read(again, text[1], 3);
    read(0, text[2], 3);
    printf("read %s, anew %s, and on %s\n", text[0], text[1], text[2]);
    again = open("/dev/stdin", O_RDONLY | O_APPEND);
    printf("flags of its own %d %d\n", fcntl(again, F_GETFL) & O_APPEND, fcntl(0, F_GETFL) & O_APPEND);
    printf("to write: %s\n", open("/dev/stdin", O_WRONLY) < 0 ? "refused" : "opened");
    return 0;
}
