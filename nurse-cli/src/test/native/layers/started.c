/*
 * Tells what a program finds at its start: its name, arguments, auxiliary vector, and where its heap is. Addresses are told as
 * relations, since they differ from run to run.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

static char zeroes[100000];

static void tell_file(const char *name) {
    char content[4096];
    FILE *file = fopen(name, "r");
    size_t i, length = file ? fread(content, 1, sizeof content, file) : 0;

    printf("%s", name);
    for (i = 0; i < length; i++)
        putchar(content[i] ? content[i] : '|');
    putchar('\n');
}

int main(int argc, char **argv, char **environment) {
    char name[16];
    Dl_info where;
    unsigned *auxiliary;
    unsigned long top = 0;
    size_t i, set = 0;
    char *heap = malloc(100);

    prctl(PR_GET_NAME, name);
    printf("name %s, %d arguments, %s, executed as %s\n", name, argc, argv[argc - 1], (char *)getauxval(AT_EXECFN));
    for (i = 0; environment[i]; i++)
        top = (unsigned long)environment[i];
    for (auxiliary = (unsigned *)(environment + i + 1); auxiliary[0]; auxiliary += 2)
        printf("%u ", auxiliary[0]);
    printf("\nsecure %lu flags %lu page %lu size %lu headers %lu user %lu\n", getauxval(AT_SECURE), getauxval(AT_FLAGS),
           getauxval(AT_PAGESZ), getauxval(AT_PHENT), getauxval(AT_PHNUM), getauxval(AT_UID));
    printf("headers are ELF's: %d, entry is the program's: %d\n",
           memcmp((char *)getauxval(AT_PHDR) - 52, "\177ELF", 4) == 0,
           getauxval(AT_ENTRY) - getauxval(AT_PHDR) < 0x100000);
    printf("random is on the stack: %d, strings above the vector: %d\n", getauxval(AT_RANDOM) > (unsigned long)&auxiliary,
           top > (unsigned long)auxiliary);
    printf("heap behind the program: %d, near it: %d\n", heap > zeroes && heap < (char *)sbrk(0),
           (unsigned long)(heap - zeroes) < (64ul << 20));
    for (i = 0; i < sizeof zeroes; i++)
        set += zeroes[i] != 0;
    printf("%zu of the zeroes are set\n", set);
    printf("dladdr %s\n", dladdr((void *)main, &where) ? where.dli_fname : "nothing");
    tell_file("/proc/self/cmdline");
    tell_file("/proc/self/comm");
    return 7;
}
