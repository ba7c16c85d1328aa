/*
 * Attack:  policy: write w, deny w/x/secret (a file). rename(w/x, w/y), then open w/y/secret.
 * Outcome: the rename is EPERM, the secret stays unread; status 0.
 * Twin:    rename(w/plain, w/moved), a directory without rules below.
 */
#include "attack.h"

int main(void) {
    int moved = rename("w/x", "w/y") == 0, read = open("w/y/secret", O_RDONLY) >= 0;
    int twin = rename("w/plain", "w/moved");
    printf("moved %d, read %d, twin %d\n", moved, read, twin);
    return moved || read || twin;
}
