/*
 * Fuzz target: the file named release of whatever lies in /usr/lib/jvm, as the native client reads it before there is a sandbox
 * (client_java.c). The input is the file. 64 bits.
 */
#include "client.h"

void abort(void);

static const u8 *content;
static __SIZE_TYPE__ content_size;

static int fake_open(void) { return 5; }
static long fake_read(char *to, __SIZE_TYPE__ size) {
    __SIZE_TYPE__ n = content_size < size ? content_size : size, i;
    for (i = 0; i < n; i++)
        to[i] = (char)content[i];
    return (long)n;
}
#define system_open(directory, path, flags, mode) fake_open()
#define system_read(fd, to, size) fake_read(to, size)
#define system_close(fd) ((void)(fd))
#include "client_text.c"
#include "client_java.c"

int LLVMFuzzerTestOneInput(const u8 *data, __SIZE_TYPE__ size);
int LLVMFuzzerTestOneInput(const u8 *data, __SIZE_TYPE__ size) {
    content = data;
    content_size = size;
    if (java_version("/usr/lib/jvm/x") > 10000)
        abort();
    return 0;
}
