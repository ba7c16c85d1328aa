/* Says which libraries it found beside itself, by what names, and whether those lead to files. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *near_name(void);

static void say(const char *what, const char *name) {
    char real[PATH_MAX];
    FILE *file = name ? fopen(name, "r") : NULL;
    printf("%s: %s, %s, %s\n", what, name, name && realpath(name, real) ? real : "no path", file ? "opened" : "not opened");
}

static int each(struct dl_phdr_info *info, size_t size, void *data) {
    (void)size, (void)data;
    if (strstr(info->dlpi_name, "/app"))
        say("object", info->dlpi_name);
    return 0;
}

int main(void) {
    say("near", near_name());
    say("far", ((const char *(*)(void))dlsym(RTLD_DEFAULT, "far_name"))());
    for (int i = 0; i < 3; i++) { /* the name is freed, and made anew */
        void *plugin = dlopen("$ORIGIN/../plugins/libplugin.so", RTLD_NOW);
        if (!plugin)
            return printf("%s\n", dlerror()), 1;
        dl_iterate_phdr(each, NULL);
        dlclose(plugin);
    }
    printf("%s\n", dlopen("$ORIGIN/libabsent.so", RTLD_NOW) ? "absent?" : "absent");
    return 0;
}
