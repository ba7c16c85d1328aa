/* Says "before", waits for a byte, and says what stands in a page of its file that was not read until then. */
#include <unistd.h>

static const char filler[65536] = {1};
static const char word[] __attribute__((aligned(4096))) = "untouched text\n";
static const char behind[8192] = {1};

int main(int argc, char **argv) {
    char byte;
    volatile const char *at = word;
    (void)argv;
    write(1, "before\n", 7);
    if (read(0, &byte, 1) < 1)
        return 1;
    write(1, (const char *)at, sizeof word - 1);
    return filler[argc] + behind[argc];
}
