/* -DNAME=...: the function that tells by which name ld.so has loaded this. */
#define _GNU_SOURCE
#include <dlfcn.h>

const char *NAME(void) {
    Dl_info info;
    return dladdr((void *)NAME, &info) ? info.dli_fname : "no name";
}
