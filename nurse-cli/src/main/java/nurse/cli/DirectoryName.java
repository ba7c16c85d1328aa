package nurse.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Kernel;
import nurse.ffm.Statx;
import org.jspecify.annotations.Nullable;

/** What a directory that a process is in is called. */
final class DirectoryName {
    private DirectoryName() {}

    /**
     * The name that leads to the directory now.
     *
     * @param link of proc(5), which leads to the directory and says its name
     * @return null for a directory that was removed: the kernel writes " (deleted)" behind the name that it had (fs/d_path.c), and
     *     a directory of that very name may be there, which is another
     */
    static @Nullable String of(Kernel kernel, String link) {
        String name = kernel.readlinkat(Kernel.AT_FDCWD, link);
        if (name == null || !name.startsWith("/")) {
            return null;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment itself = arena.allocate(Statx.SIZE, 8);
            MemorySegment named = arena.allocate(Statx.SIZE, 8);
            int basic = Kernel.STATX_BASIC_STATS;
            boolean leadsThere = kernel.statx(Kernel.AT_FDCWD, link, 0, basic, itself) == 0
                    && kernel.statx(Kernel.AT_FDCWD, name, Kernel.AT_SYMLINK_NOFOLLOW, basic, named) == 0
                    && Statx.ino(itself) == Statx.ino(named)
                    && Statx.dev(itself) == Statx.dev(named);
            return leadsThere ? name : null;
        }
    }
}
