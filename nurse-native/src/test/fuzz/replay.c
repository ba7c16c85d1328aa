/* Runs a fuzz target over files, without a fuzzer: FuzzCorpusIT. usage: TARGET FILE... */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv) {
    static uint8_t input[1 << 20];
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (!file)
            return 2;
        size_t size = fread(input, 1, sizeof input, file);
        fclose(file);
        fprintf(stderr, "%s\n", argv[i]); /* the last one named is the one that broke it */
        uint8_t *exact = malloc(size ? size : 1); /* so that AddressSanitizer sees its end */
        for (size_t k = 0; k < size; k++)
            exact[k] = input[k];
        LLVMFuzzerTestOneInput(exact, size);
        free(exact);
    }
    printf("%d inputs\n", argc - 1);
    return 0;
}
