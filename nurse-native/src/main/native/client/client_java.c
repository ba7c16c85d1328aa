/*
 * Where the jar, its cache and a JDK are. The JDK that made the cache comes first, since no other can use it. Without one,
 * java_places.h has the rule.
 */
#include "client.h"

#define RELEASE_SIZE 4096

enum place_kind { CHOSEN, VARIABLE, BELOW, BELOW_HOME };
struct place {
    enum place_kind kind;
    const char *name;
};

#define JAVA_NEEDED(version) enum { NEEDED = (version) }; static const struct place java_places[] = {
#define JAVA_CHOSEN(name) {CHOSEN, name},
#define JAVA_VARIABLE(name) {VARIABLE, name},
#define JAVA_BELOW(name) {BELOW, name},
#define JAVA_BELOW_HOME(name) {BELOW_HOME, name},
#include "java_places.h"
};

/* The newest JDK so far; in one directory the first of equal ones by name. */
struct found {
    struct text home;
    u32 version; /* 0: none */
};

struct directory_entry { /* linux/dirent.h, struct linux_dirent64 */
    u64 ino, off;
    unsigned short length;
    u8 type;
    char name[];
};

/* What stands behind the key at the begin of a line, or null. */
static const char *after(const char *text, const char *key) {
    const char *at;

    for (at = text; *at; at++)
        if ((at == text || at[-1] == '\n') && text_begins(at, key))
            return at + text_length(key);
    return 0;
}

/* The feature number in a JDK's file named release (JAVA_VERSION="25.0.1"), 0 for 1.8, another processor's and no JDK. */
static u32 java_version(const char *home) {
    static char release[RELEASE_SIZE + 1];
    struct text path;
    const char *digit, *processor;
    u32 version = 0;
    int fd;
    long length;

    text_set(&path, home);
    text_add(&path, "/release");
    fd = system_open(AT_FDCWD, path.bytes, O_RDONLY, 0);
    if (path.too_long || fd < 0)
        return 0;
    length = system_read(fd, release, RELEASE_SIZE);
    system_close(fd);
    release[length < 0 ? 0 : length] = 0;
    processor = after(release, "OS_ARCH=\"");
    if (processor && !text_begins(processor, "x86_64\"") && !text_begins(processor, "amd64\""))
        return 0;
    digit = after(release, "JAVA_VERSION=\"");
    for (; digit && *digit >= '0' && *digit <= '9' && version < 1000; digit++)
        version = version * 10 + (u32)(*digit - '0');
    return version;
}

static int is_executable(const char *path) { return call5(__NR_faccessat, AT_FDCWD, path, 1, 0, 0) == 0; }

static int comes_before(const char *a, const char *b) {
    while (*a && *a == *b)
        a++, b++;
    return (u8)*a < (u8)*b;
}

/* Takes home if its JDK is newer than the best, or as new with a name that comes before. */
static void consider(const char *home, struct found *best) {
    u32 version = java_version(home);
    struct text java;

    text_set(&java, home);
    text_add(&java, "/bin/java");
    if (version < NEEDED || version < best->version || java.too_long || !is_executable(java.bytes))
        return;
    if (version > best->version || comes_before(home, best->home.bytes)) {
        text_set(&best->home, home);
        best->version = version;
    }
}

/* The entries of a directory come in any order, hence a best of their own. */
static void consider_below(const char *parent, struct found *best) {
    static char entries[8192] __attribute__((aligned(8)));
    static struct found here;
    int fd = system_open(AT_FDCWD, parent, O_RDONLY | O_DIRECTORY, 0);
    long length, at;

    if (fd < 0)
        return;
    here.version = 0;
    while ((length = call3(__NR_getdents64, fd, entries, sizeof entries)) > 0)
        for (at = 0; at < length;) {
            struct directory_entry *entry = (struct directory_entry *)(entries + at);
            struct text home;
            text_set(&home, parent);
            text_add(&home, "/");
            text_add(&home, entry->name);
            if (entry->name[0] != '.' && !home.too_long)
                consider(home.bytes, &here);
            at += entry->length;
        }
    system_close(fd);
    if (here.version > best->version)
        *best = here;
}

/* Looks at one place; a JDK of an earlier place stays the best of equal ones. */
static void look(const struct place *place, char *const *environment, struct found *best) {
    const char *value = place->kind == BELOW ? place->name
                        : variable(environment, place->kind == BELOW_HOME ? "HOME" : place->name);
    static struct found here;
    struct text parent;

    if (!value || !*value)
        return;
    switch (place->kind) {
    case CHOSEN:
    case VARIABLE:
        here.version = 0;
        consider(value, &here);
        if (here.version > best->version)
            *best = here;
        return;
    case BELOW:
        consider_below(value, best);
        return;
    case BELOW_HOME:
        text_set(&parent, value);
        text_add(&parent, "/");
        text_add(&parent, place->name);
        if (!parent.too_long)
            consider_below(parent.bytes, best);
    }
}

/* The JDK that made the cache, as the build wrote it down beside it. */
static int recorded_java(struct text *base, struct text *java) {
    struct text path;
    char home[PATH_SIZE];
    long length;
    int fd;

    text_set(&path, base->bytes);
    text_add(&path, "nurse-cli.jdk");
    fd = system_open(AT_FDCWD, path.bytes, O_RDONLY, 0);
    if (path.too_long || fd < 0)
        return 0;
    length = system_read(fd, home, sizeof home - 1);
    system_close(fd);
    if (length <= 0)
        return 0;
    home[length] = 0;
    while (length && home[length - 1] == '\n')
        home[--length] = 0;
    text_set(java, home);
    text_add(java, "/bin/java");
    return !java->too_long && is_executable(java->bytes);
}

static void find_java(struct places *places, struct text *base, char *const *environment) {
    static struct found best;
    static struct text what, why;
    const struct place *place = java_places, *end = java_places + sizeof java_places / sizeof *java_places;

    for (; place < end && place->kind == CHOSEN; place++)
        look(place, environment, &best);
    if (!best.version) {
        if (recorded_java(base, &places->java))
            return;
        for (; place < end; place++)
            look(place, environment, &best);
    }
    if (best.version) {
        text_set(&places->java, best.home.bytes);
        text_add(&places->java, "/bin/java");
        return;
    }
    text_set(&what, "needs Java ");
    text_add_number(&what, NEEDED, 10);
    text_add(&what, " or newer");
    text_set(&why, "none was found in");
    for (place = java_places; place < end; place++) {
        text_add(&why, place == java_places ? " " : ", ");
        text_add(&why, place->kind == BELOW_HOME ? "$HOME/" : "");
        text_add(&why, place->name);
    }
    fail(what.bytes, why.bytes, "install a JDK of that version into /usr/lib/jvm (https://adoptium.net), or set NURSE_JAVA_HOME");
}

void find_places(struct places *places, char *const *environment) {
    static struct text base;
    struct stat64 jar;
    long length = call5(__NR_readlinkat, AT_FDCWD, "/proc/self/exe", base.bytes, PATH_SIZE - 1, 0);
    int fd;

    if (length <= 0)
        fail_errno("cannot find its own file", length, "mount /proc");
    base.bytes[length] = 0;
    text_set(&places->self, base.bytes);
    while (length && base.bytes[length - 1] != '/')
        length--;
    base.bytes[length] = 0;
    base.length = (u32)length;
    text_set(&places->jar, base.bytes);
    text_add(&places->jar, "nurse-cli.jar");
    text_set(&places->cache, base.bytes);
    text_add(&places->cache, "nurse-cli.aot");
    fd = system_open(AT_FDCWD, places->jar.bytes, O_RDONLY, 0);
    if (places->jar.too_long || fd < 0 || system_stat(fd, &jar) < 0)
        fail("nurse-cli.jar is not beside it", places->jar.bytes, "build it (./setup), or link to nurse instead of copying it");
    system_close(fd);
    places->identity = jar.ino * 0x9e3779b97f4a7c15u ^ jar.mtime << 32 ^ jar.mtime_ns ^ jar.size << 20 ^ jar.dev;
    fd = system_open(AT_FDCWD, places->cache.bytes, O_RDONLY, 0);
    places->has_cache = fd >= 0;
    places->training = variable(environment, "NURSE_TRAIN");
    if (fd >= 0)
        system_close(fd);
    find_java(places, &base, environment);
}

u32 java_command(struct places *places, const char **argv, int stays) {
    static struct text cache, client, socket;
    u32 n = 0;

    argv[n++] = places->java.bytes;
    argv[n++] = "-XX:+UseSerialGC";
    if (!stays)
        argv[n++] = "-XX:TieredStopAtLevel=1"; /* it ends before the second compiler could pay */
    argv[n++] = "-XX:-UsePerfData";
    argv[n++] = "-XX:+IgnoreUnrecognizedVMOptions"; /* Java 22 and 23 do not know the cache, a later one may not the rest */
    argv[n++] = "-XX:+UnlockDiagnosticVMOptions";
    argv[n++] = "-XX:AsyncDeflationInterval=60000"; /* ms; at its 250 a JVM that waits is never quite idle (globals.hpp) */
    argv[n++] = "-Xlog:disable"; /* a cache that does not fit is no error, and the JVM says so on standard output */
    argv[n++] = "--enable-native-access=ALL-UNNAMED";
    if (places->training) {
        text_set(&cache, "-XX:AOTCacheOutput=");
        text_add(&cache, places->training);
        argv[n++] = cache.bytes;
        argv[n++] = "-Dnurse.train";
    } else if (places->has_cache) {
        text_set(&cache, "-XX:AOTCache=");
        text_add(&cache, places->cache.bytes);
        argv[n++] = cache.bytes;
    }
    text_set(&client, "-Dnurse.client=");
    text_add(&client, places->self.bytes);
    argv[n++] = client.bytes;
    if (stays) {
        text_set(&socket, "-Dnurse.socket=");
        text_add(&socket, places->socket.bytes);
        argv[n++] = socket.bytes;
    }
    argv[n++] = "-cp";
    argv[n++] = places->jar.bytes;
    argv[n++] = "nurse.cli.Main";
    return n;
}
