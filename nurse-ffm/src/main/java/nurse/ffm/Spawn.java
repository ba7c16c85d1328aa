package nurse.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * posix_spawn(3): a child with exactly the arguments, environment and descriptors it is given, no signal blocked and
 * none ignored.
 *
 * <p>The child's parent is the calling thread, which matters to PR_SET_PDEATHSIG: the child gets that signal when this
 * very thread ends.
 */
public final class Spawn {
    private static final MethodHandle MH$posix_spawn = Native.function("posix_spawn");
    private static final MethodHandle MH$file_actions_init = Native.function("posix_spawn_file_actions_init");
    private static final MethodHandle MH$file_actions_adddup2 = Native.function("posix_spawn_file_actions_adddup2");
    private static final MethodHandle MH$file_actions_addclose = Native.function("posix_spawn_file_actions_addclose");
    private static final MethodHandle MH$file_actions_addclosefrom_np =
            Native.function("posix_spawn_file_actions_addclosefrom_np"); // glibc 2.34
    private static final MethodHandle MH$file_actions_destroy = Native.function("posix_spawn_file_actions_destroy");
    private static final MethodHandle MH$attr_init = Native.function("posix_spawnattr_init");
    private static final MethodHandle MH$attr_setflags = Native.function("posix_spawnattr_setflags");
    private static final MethodHandle MH$attr_setsigmask = Native.function("posix_spawnattr_setsigmask");
    private static final MethodHandle MH$attr_setsigdefault = Native.function("posix_spawnattr_setsigdefault");
    private static final MethodHandle MH$attr_destroy = Native.function("posix_spawnattr_destroy");

    private static final int OPAQUE_SIZE = 512; // more than glibc's posix_spawnattr_t (336) and file_actions_t (80)
    private static final int SIGSET_SIZE = 128; // glibc's sigset_t
    private static final int POSIX_SPAWN_SETSIGDEF = 0x04; // spawn.h
    private static final int POSIX_SPAWN_SETSIGMASK = 0x08;

    private Spawn() {}

    /**
     * Starts a program that is open already.
     *
     * @param program a descriptor of an ELF file (a script's interpreter would not find it any more)
     * @param arguments argv, one char a byte
     * @param environment NAME=value, one char a byte
     * @param firstTarget number under which the child finds {@code fds[0]}; the others follow
     * @param fds descriptors of ours, whatever their numbers; the child has these and no others
     * @return the child's pid, or a negative errno
     * @throws IllegalArgumentException for a string that cannot be a C string
     */
    public static int spawn(int program, List<String> arguments, List<String> environment, int firstTarget, int[] fds) {
        int[] targets = new int[fds.length];
        Arrays.setAll(targets, i -> firstTarget + i);
        return spawn(program, arguments, environment, fds, targets);
    }

    /**
     * Starts a program that is open already, as {@link #spawn(int, List, List, int, int[])} does.
     *
     * @param sources descriptors of ours; numbers may come twice, and may be targets of others
     * @param targets under which number the child finds each; each closed number below the highest costs it one
     * close(2)
     */
    public static int spawn(
            int program, List<String> arguments, List<String> environment, int[] sources, int[] targets) {
        try (Spawning spawning = new Spawning(sources, targets)) {
            int copy = spawning.copyAboveTargets(program);
            return copy < 0 ? copy : spawning.run("/proc/self/fd/" + copy, copy, arguments, environment);
        }
    }

    /** Starts a program by its path (one char a byte; no search in PATH), with descriptors as the methods above. */
    public static int spawn(
            String path, List<String> arguments, List<String> environment, int[] sources, int[] targets) {
        try (Spawning spawning = new Spawning(sources, targets)) {
            return spawning.run(path, -1, arguments, environment);
        }
    }

    /**
     * One child's making.
     *
     * <p>The file actions run one after the other in the child, so a source that is also a target could be overwritten
     * before it is used: such a source is first copied above all targets. The copies are made in this process,
     * close-on-exec, and closed when the child runs.
     */
    private static final class Spawning implements AutoCloseable {
        private final Arena arena = Arena.ofConfined();
        private final MemorySegment actions = arena.allocate(OPAQUE_SIZE, 16);
        private final MemorySegment attributes = arena.allocate(OPAQUE_SIZE, 16);
        private final int[] sources;
        private final int[] targets;
        private final int aboveTargets;
        private final int[] copies;
        private int copyCount;

        Spawning(int[] sources, int[] targets) {
            if (sources.length != targets.length) {
                throw new IllegalArgumentException(
                        "descriptors without a pair: sources=" + sources.length + " targets=" + targets.length);
            }
            this.sources = sources.clone();
            this.targets = targets;
            this.copies = new int[sources.length + 1];
            this.aboveTargets = Arrays.stream(targets).max().orElse(-1) + 1;
            Native.call(MH$file_actions_init, actions.address(), 0, 0, 0, 0, 0);
            Native.call(MH$attr_init, attributes.address(), 0, 0, 0, 0, 0);
        }

        int copyAboveTargets(int fd) {
            int copy =
                    (int) Native.syscall(Nr.SYS_fcntl, fd, Kernel.F_DUPFD_CLOEXEC, Math.max(3, aboveTargets), 0, 0, 0);
            if (copy >= 0) {
                copies[copyCount++] = copy;
            }
            return copy;
        }

        int run(String path, int program, List<String> arguments, List<String> environment) {
            for (int i = 0; i < sources.length; i++) {
                if (sources[i] != targets[i] && isTarget(sources[i])) {
                    sources[i] = copyAboveTargets(sources[i]);
                    if (sources[i] < 0) {
                        return sources[i];
                    }
                }
            }
            int error = descriptors(program);
            if (error == 0) {
                error = signals();
            }
            if (error != 0) {
                return -error;
            }
            MemorySegment pid = arena.allocate(JAVA_INT);
            error = Native.call(
                    MH$posix_spawn,
                    pid.address(),
                    string(path).address(),
                    actions.address(),
                    attributes.address(),
                    strings(arguments).address(),
                    strings(environment).address());
            return error == 0 ? pid.get(JAVA_INT, 0) : -error;
        }

        private int descriptors(int program) {
            int error = 0;
            for (int i = 0; i < sources.length && error == 0; i++) { // dup2 to itself clears close-on-exec (glibc 2.29)
                error = Native.call(MH$file_actions_adddup2, actions.address(), sources[i], targets[i], 0, 0, 0);
            }
            int end = aboveTargets;
            for (int i = 0; i < copyCount; i++) {
                end = Math.max(end, copies[i] + 1);
            }
            for (int fd = 0; fd < end && error == 0; fd++) { // glibc passes over numbers that are not open
                if (fd != program && !isTarget(fd)) {
                    error = Native.call(MH$file_actions_addclose, actions.address(), fd, 0, 0, 0, 0);
                }
            }
            return error != 0
                    ? error
                    : Native.call(MH$file_actions_addclosefrom_np, actions.address(), end, 0, 0, 0, 0);
        }

        private int signals() {
            MemorySegment none = arena.allocate(SIGSET_SIZE, 16);
            MemorySegment all = arena.allocate(SIGSET_SIZE, 16).fill((byte) 0xff);
            int flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
            int error = Native.call(MH$attr_setflags, attributes.address(), flags, 0, 0, 0, 0);
            if (error == 0) {
                error = Native.call(MH$attr_setsigmask, attributes.address(), none.address(), 0, 0, 0, 0);
            }
            if (error == 0) {
                error = Native.call(MH$attr_setsigdefault, attributes.address(), all.address(), 0, 0, 0, 0);
            }
            return error;
        }

        private boolean isTarget(int fd) {
            for (int target : targets) {
                if (target == fd) {
                    return true;
                }
            }
            return false;
        }

        private MemorySegment strings(List<String> strings) {
            MemorySegment pointers = arena.allocate(JAVA_LONG, strings.size() + 1L);
            for (int i = 0; i < strings.size(); i++) {
                pointers.setAtIndex(ADDRESS, i, string(strings.get(i)));
            }
            return pointers;
        }

        private MemorySegment string(String string) {
            for (int i = 0; i < string.length(); i++) {
                if (string.charAt(i) == 0 || string.charAt(i) > 0xff) {
                    throw new IllegalArgumentException(
                            "not a C string: index=" + i + " char=" + (int) string.charAt(i));
                }
            }
            return arena.allocateFrom(string, StandardCharsets.ISO_8859_1);
        }

        @Override
        public void close() {
            Native.call(MH$file_actions_destroy, actions.address(), 0, 0, 0, 0, 0);
            Native.call(MH$attr_destroy, attributes.address(), 0, 0, 0, 0, 0);
            for (int i = 0; i < copyCount; i++) {
                Native.syscall(Nr.SYS_close, copies[i], 0, 0, 0, 0, 0);
            }
            arena.close();
        }
    }
}
