/*
 * A program that knows the lane: it asks to make the file "painted", and does not wait for the answer. Meanwhile it writes to the
 * terminal, or reads from it, as argv[1] says.
 */
#include "lane.h"

static int writes;
static char got[64];

static void paint(void) {
    if (writes)
        write(1, "FAKE\r\n", 6);
    else if (!got[0]) /* one line: a second read would wait for ever, if the answer comes a moment behind the first */
        got[read(0, got, sizeof got - 1)] = 0;
}

int main(int argc, char **argv) {
    char line[128];
    int fd;

    writes = argc > 1 && *argv[1] == 'w';
    find_lane();
    while_waiting = paint;
    fd = raw_open("painted", O_WRONLY | O_CREAT, 0644);
    while_waiting = NULL;
    write(1, line, snprintf(line, sizeof line, "got %sopened %d\r\n", got, fd >= 0));
    leave(0);
}
