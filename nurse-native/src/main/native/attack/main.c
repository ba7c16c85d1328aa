/* The hostile programs, in one file: attacks NAME [ARGUMENT...]. See attack.h. */
#include "attack.h"

extern const struct attack __start_attacks[], __stop_attacks[];

int main(int argc, char **argv) {
    for (const struct attack *attack = __start_attacks; attack < __stop_attacks; attack++) {
        if (argc < 2)
            puts(attack->name);
        else if (strcmp(attack->name, argv[1]) == 0)
            return attack->run(argc - 1, argv + 1);
    }
    return argc < 2 ? 0 : BROKEN;
}
