/*
 * Fuzz target: the search for direct calls in the text of a library (sites.c), whose bytes are a stranger's. The input is the
 * text. It must read nothing behind it, and change nothing but the two bytes of the calls that it says it found. 32 bits.
 */
#include "untrustee.h"

void *malloc(__SIZE_TYPE__ size);
void free(void *memory);
void abort(void);

struct lane nurse_lane = {.strict = 1};

/* The text is writable already: protections always change, but for an input of odd length the last time not. */
static u32 refuses;
s32 nurse_syscall6(u32 nr, u32 a, u32 b, u32 c, u32 d, u32 e, u32 f) {
    (void)nr, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f;
    return 0;
}
s32 nurse_request(u32 nr, const u32 arg[6], const struct nurse_call *how) {
    (void)nr, (void)arg, (void)how;
    return refuses ? -EACCES : 0;
}

void nurse_name_origin(char *name) { (void)name; } /* a name, and no text */

#include "sites.c"

int LLVMFuzzerTestOneInput(const u8 *data, __SIZE_TYPE__ size);
int LLVMFuzzerTestOneInput(const u8 *data, __SIZE_TYPE__ size) {
    u8 *text = malloc(size + !size), *marked = malloc(size + !size);
    __SIZE_TYPE__ i;

    for (i = 0; i < size; i++)
        text[i] = data[i], marked[i] = 0;
    site_count = 0;
    refuses = size & 1;
    trap_segment(address(text), size);
    if (site_count > SITES_MAX || (refuses && site_count))
        abort();
    for (i = 0; i < site_count; i++) {
        u32 at = sites[i] - address(text);
        if (at + 2 > size || data[at] != 0xcd || data[at + 1] != 0x80 || text[at] != 0xcc || text[at + 1] != 0x90)
            abort();
        if (!nurse_is_call_site(sites[i]))
            abort();
        marked[at] = marked[at + 1] = 1;
    }
    for (i = 0; i < size; i++)
        if (!marked[i] && text[i] != data[i])
            abort();
    free(text);
    free(marked);
    return 0;
}
