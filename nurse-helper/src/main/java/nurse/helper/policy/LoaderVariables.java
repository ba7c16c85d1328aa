package nurse.helper.policy;

import java.util.Set;

/**
 * The variables that the dynamic loader obeys: the one list of them.
 *
 * <p>glibc's ld.so looks at every name that begins with {@code LD_} (elf/rtld.c, process_envvars; ld.so(8)) and at
 * GLIBC_TUNABLES; musl's looks at LD_LIBRARY_PATH and LD_PRELOAD. LD_AUDIT would run foreign code in the loader, and
 * LD_DEBUG_OUTPUT writes a file: under {@code --lock strict} both before the program is locked.
 *
 * <p>The other names that glibc ignores in set-user-ID programs (sysdeps/generic/unsecvars.h: GCONV_PATH, LOCPATH, NLSPATH,
 * RES_OPTIONS, HOSTALIASES, LOCALDOMAIN, MALLOC_…, TMPDIR and so on) are read by the C library of the locked program, which
 * could set them itself. They are variables like all others.
 */
final class LoaderVariables {
    private static final String BEGINNING = "LD_";
    private static final String TUNABLES = "GLIBC_TUNABLES";

    /** They name libraries, which the loader opens after the lock, by the policy's leave. */
    private static final Set<String> OF_LIBRARIES = Set.of("LD_LIBRARY_PATH", "LD_PRELOAD");

    private LoaderVariables() {}

    /** Whether the loader may obey a variable of this name. */
    static boolean has(String name) {
        return name.startsWith(BEGINNING) || name.startsWith(TUNABLES);
    }

    /** Whether it is one that a rule of the user's may let in. */
    static boolean ofLibraries(String name) {
        return OF_LIBRARIES.contains(name);
    }
}
