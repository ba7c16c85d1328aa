/*
 * Where the jar, its cache and a JDK are. The JDK that the cache was made with comes first, as no other can use it; the
 * rest is found as JavaSearch (nurse-cli) finds it, by the files named release.
 */
#include "client.h"

#define NEEDED 22
#define RELEASE_SIZE 4096

struct directory_entry { /* linux/dirent.h, struct linux_dirent64 */
    u64 ino, off;
    unsigned short length;
    u8 type;
    char name[];
};

/* The feature number in a JDK's file named release (JAVA_VERSION="25.0.1"), 0 for 1.8 and what is no JDK. */
static u32 java_version(const char *home) {
    static char release[RELEASE_SIZE + 1];
    static const char key[] = "JAVA_VERSION=\"";
    struct text path;
    int fd;
    long length;
    char *at;

    text_set(&path, home);
    text_add(&path, "/release");
    fd = system_open(AT_FDCWD, path.bytes, O_RDONLY, 0);
    if (path.too_long || fd < 0)
        return 0;
    length = system_read(fd, release, RELEASE_SIZE);
    system_close(fd);
    release[length < 0 ? 0 : length] = 0;
    for (at = release; *at; at++)
        if ((at == release || at[-1] == '\n') && text_begins(at, key)) {
            u32 version = 0;
            for (at += sizeof key - 1; *at >= '0' && *at <= '9' && version < 1000; at++)
                version = version * 10 + (u32)(*at - '0');
            return version;
        }
    return 0;
}

static int is_executable(const char *path) { return call5(__NR_faccessat, AT_FDCWD, path, 1, 0, 0) == 0; }

/* Takes home/bin/java if that is a newer Java than best. */
static void consider(const char *home, struct text *java, u32 *best) {
    u32 version = java_version(home);
    struct text candidate;

    text_set(&candidate, home);
    text_add(&candidate, "/bin/java");
    if (version >= NEEDED && version > *best && !candidate.too_long && is_executable(candidate.bytes)) {
        text_set(java, candidate.bytes);
        *best = version;
    }
}

static void consider_below(const char *parent, struct text *java, u32 *best) {
    static char entries[8192] __attribute__((aligned(8)));
    int fd = system_open(AT_FDCWD, parent, O_RDONLY | O_DIRECTORY, 0);
    long length, at;

    if (fd < 0)
        return;
    while ((length = call3(__NR_getdents64, fd, entries, sizeof entries)) > 0)
        for (at = 0; at < length;) {
            struct directory_entry *entry = (struct directory_entry *)(entries + at);
            struct text home;
            text_set(&home, parent);
            text_add(&home, "/");
            text_add(&home, entry->name);
            if (entry->name[0] != '.' && !home.too_long)
                consider(home.bytes, java, best);
            at += entry->length;
        }
    system_close(fd);
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
    const char *own = variable(environment, "NURSE_JAVA_HOME"), *usual = variable(environment, "JAVA_HOME");
    u32 best = 0;

    if (own)
        consider(own, &places->java, &best);
    if (best || recorded_java(base, &places->java))
        return;
    if (usual)
        consider(usual, &places->java, &best);
    consider_below("/usr/lib/jvm", &places->java, &best);
    consider_below("/opt", &places->java, &best);
    if (!best)
        fail("needs Java 22 or newer", "none was found in NURSE_JAVA_HOME, JAVA_HOME, /usr/lib/jvm and /opt",
             "install a JDK 22 or newer into /usr/lib/jvm (https://adoptium.net), or set NURSE_JAVA_HOME");
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
