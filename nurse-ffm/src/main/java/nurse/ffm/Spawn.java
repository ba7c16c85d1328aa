package nurse.ffm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** posix_spawn(3): a child of the calling thread, with exactly the descriptors it is given. */
public final class Spawn {
    private static final MethodHandle MH$posix_spawn = Native.function("posix_spawn");
    private static final MethodHandle MH$file_actions_init = Native.function("posix_spawn_file_actions_init");
    private static final MethodHandle MH$file_actions_adddup2 = Native.function("posix_spawn_file_actions_adddup2");
    private static final MethodHandle MH$file_actions_destroy = Native.function("posix_spawn_file_actions_destroy");
    private static final MethodHandle MH$attr_init = Native.function("posix_spawnattr_init");
    private static final MethodHandle MH$attr_setflags = Native.function("posix_spawnattr_setflags");
    private static final MethodHandle MH$attr_setsigmask = Native.function("posix_spawnattr_setsigmask");
    private static final MethodHandle MH$attr_setsigdefault = Native.function("posix_spawnattr_setsigdefault");
    private static final MethodHandle MH$attr_destroy = Native.function("posix_spawnattr_destroy");

    private static final int OPAQUE_SIZE = 512; // more than glibc's posix_spawnattr_t (336) and file_actions_t (80)
    private static final int SETSIGDEF = 0x04;
    private static final int SETSIGMASK = 0x08;

    private Spawn() {}

    /**
     * @param program a descriptor of an executable file
     * @param arguments argv, one char a byte
     * @param environment NAME=value, one char a byte
     * @param firstTarget number under which the child finds {@code fds[0]}; the others follow
     * @param fds descriptors of ours, each with a number above all targets
     * @return the child's pid, or a negative errno
     */
    public static int spawn(int program, List<String> arguments, List<String> environment, int firstTarget, int[] fds) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = Native.allocateState(arena);
            MemorySegment actions = arena.allocate(OPAQUE_SIZE, 16);
            MemorySegment attributes = arena.allocate(OPAQUE_SIZE, 16);
            MemorySegment none = arena.allocate(128, 16); // an empty sigset_t
            MemorySegment all = arena.allocate(128, 16).fill((byte) 0xff);
            MemorySegment pid = arena.allocate(JAVA_INT);
            one(MH$file_actions_init, state, actions);
            one(MH$attr_init, state, attributes);
            two(MH$attr_setflags, state, attributes, SETSIGDEF | SETSIGMASK);
            two(MH$attr_setsigmask, state, attributes, none.address());
            two(MH$attr_setsigdefault, state, attributes, all.address());
            for (int i = 0; i < fds.length; i++) {
                Native.call(MH$file_actions_adddup2, state, actions.address(), fds[i], firstTarget + i, 0, 0, 0);
            }
            int error = Native.call(
                    MH$posix_spawn,
                    state,
                    pid.address(),
                    arena.allocateFrom("/proc/self/fd/" + program).address(),
                    actions.address(),
                    attributes.address(),
                    strings(arena, arguments).address(),
                    strings(arena, environment).address());
            one(MH$file_actions_destroy, state, actions);
            one(MH$attr_destroy, state, attributes);
            return error == 0 ? pid.get(JAVA_INT, 0) : -error;
        }
    }

    private static void one(MethodHandle function, MemorySegment state, MemorySegment a) {
        Native.call(function, state, a.address(), 0, 0, 0, 0, 0);
    }

    private static void two(MethodHandle function, MemorySegment state, MemorySegment a, long b) {
        Native.call(function, state, a.address(), b, 0, 0, 0, 0);
    }

    private static MemorySegment strings(Arena arena, List<String> strings) {
        MemorySegment pointers = arena.allocate(JAVA_LONG, strings.size() + 1L);
        for (int i = 0; i < strings.size(); i++) {
            pointers.setAtIndex(ADDRESS, i, arena.allocateFrom(strings.get(i), StandardCharsets.ISO_8859_1));
        }
        return pointers;
    }
}
