package nurse.helper.sandbox;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.ffm.MemFile;
import nurse.ffm.OwnedFd;
import nurse.ffm.Statx;
import nurse.helper.calls.CallError;
import nurse.helper.files.Found;
import nurse.helper.files.Paths;
import nurse.helper.policy.Access;
import nurse.helper.program.Mapper;
import nurse.helper.program.OpenProgram;
import nurse.helper.program.ProgramFiles;

/**
 * The files to be executed, opened as the program would open them: through the view, past the policy.
 *
 * <p>What ld.so maps before the lock is judged here and mapped later. So that nothing changes in between, or while it runs,
 * what others could write is copied first, and the sealed copy is what is judged, mapped and run.
 */
public final class ViewPrograms implements ProgramFiles, AutoCloseable {
    private static final int X_OK = 1;
    private static final int WRITABLE_BY_OTHERS = 022;
    private static final long COPY_MAX = 256L << 20;
    private static final int ELF = 0x464c457f; // elf.h, ELFMAG, little endian

    private final Kernel kernel;
    private final Paths paths;
    private final Mapper mapper;
    private final TrustedLoaders loaders;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment statx = arena.allocate(256, 8);
    private final MemorySegment buffer = arena.allocate(64 * 1024);

    /** @param paths of the run that is to come; nothing is known of its process yet */
    ViewPrograms(Kernel kernel, Paths paths, Mapper mapper, TrustedLoaders loaders) {
        this.loaders = loaders;
        this.mapper = mapper;
        this.kernel = kernel;
        this.paths = paths;
    }

    /** The descriptor behind what {@link #open} opened; closed with it. */
    public static int fd(OpenProgram program) {
        return ((Open) program).fd;
    }

    @Override
    public Opening open(String path) {
        // Not blocking: a FIFO is no program, but it is found out only afterwards.
        int how = Kernel.O_RDONLY | Kernel.O_NONBLOCK | Kernel.O_NOCTTY | Kernel.O_CLOEXEC;
        try {
            Found found = paths.open("/", path, Access.READ, true, how, 0);
            return found.fd() < 0 ? failed(-found.fd()) : opened(found.fd(), found.name());
        } catch (CallError error) {
            return failed(error.errno());
        }
    }

    private static Opening failed(int errno) {
        Failure failure =
                switch (errno) {
                    case Errno.ENOENT -> Failure.NOT_FOUND;
                    case Errno.ENOTDIR -> Failure.NOT_A_DIRECTORY;
                    case Errno.EACCES -> Failure.ACCESS_DENIED;
                    case Errno.ELOOP -> Failure.TOO_MANY_LINKS;
                    case Errno.ENAMETOOLONG -> Failure.NAME_TOO_LONG;
                    case Errno.EPERM -> Failure.REFUSED_BY_POLICY;
                    default -> Failure.OTHER;
                };
        return new Opening.Failed(failure, failure == Failure.OTHER ? Errno.name(errno) : "");
    }

    private Opening opened(int fd, String path) {
        int result = kernel.statx(fd, "", Kernel.AT_EMPTY_PATH, Kernel.STATX_BASIC_STATS, statx);
        if (result < 0) {
            kernel.close(fd);
            return failed(-result);
        }
        int type = statx.get(JAVA_SHORT, 28) & Kernel.S_IFMT;
        OpenProgram.Kind kind = type == Kernel.S_IFREG
                ? OpenProgram.Kind.REGULAR
                : type == Kernel.S_IFDIR ? OpenProgram.Kind.DIRECTORY : OpenProgram.Kind.OTHER;
        if (kind == OpenProgram.Kind.REGULAR && !paths.may(path, Access.EXECUTE)) {
            kernel.close(fd);
            return failed(Errno.EPERM);
        }
        boolean executable = kernel.faccessat2(fd, "", X_OK, Kernel.AT_EMPTY_PATH | Kernel.AT_EACCESS) == 0;
        boolean trusted = loaders.has(statx);
        long size = statx.get(JAVA_LONG, 40);
        boolean fixed = mapper == Mapper.HELPER
                || Statx.uid(statx) == 0
                        && (Statx.mode(statx) & WRITABLE_BY_OTHERS) == 0
                        && (kernel.geteuid() != 0 || isOfTheSystem(path));
        if (kind != OpenProgram.Kind.REGULAR || fixed || !isElf(fd)) {
            return new Opening.Opened(new Open(fd, path, kind, executable, trusted, size));
        }
        String name = path.substring(path.lastIndexOf('/') + 1);
        try (OwnedFd copy = MemFile.copy(kernel, name.substring(0, Math.min(name.length(), 200)), fd, COPY_MAX)) {
            if (copy == null) {
                return new Opening.Failed(Failure.OTHER, "others can change it, and it is too large to be copied");
            }
            long copied = kernel.lseek(copy.fd(), 0, Kernel.SEEK_END);
            return new Opening.Opened(new Open(copy.release(), path, kind, executable, trusted, copied));
        } catch (KernelRefused refused) {
            return new Opening.Failed(Failure.OTHER, refused.getMessage());
        } finally {
            kernel.close(fd);
        }
    }

    /** Where who may write has the machine anyway. Elsewhere another program in a sandbox of root's may be let write. */
    private static boolean isOfTheSystem(String path) {
        return path.startsWith("/usr/") || path.startsWith("/bin/") || path.startsWith("/lib");
    }

    private boolean isElf(int fd) {
        return kernel.pread(fd, buffer, 4, 0) == 4 && buffer.get(JAVA_INT, 0) == ELF;
    }

    @Override
    public void close() {
        arena.close();
    }

    private final class Open implements OpenProgram {
        private final String path;
        private final Kind kind;
        private final boolean executable;
        private final boolean trusted;
        private final long size;
        private int fd;

        Open(int fd, String path, Kind kind, boolean executable, boolean trusted, long size) {
            this.fd = fd;
            this.path = path;
            this.kind = kind;
            this.executable = executable;
            this.trusted = trusted;
            this.size = size;
        }

        @Override
        public String path() {
            return path;
        }

        @Override
        public Kind kind() {
            return kind;
        }

        @Override
        public boolean executable() {
            return executable;
        }

        @Override
        public boolean trustedLoader() {
            return trusted;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public int read(long offset, byte[] into, int length) throws IOException {
            int wanted = Math.min(length, (int) buffer.byteSize());
            int got = kernel.pread(fd, buffer, wanted, offset);
            if (got < 0) {
                throw new IOException(Errno.name(-got));
            }
            MemorySegment.copy(buffer, JAVA_BYTE, 0, into, 0, got);
            return got;
        }

        @Override
        public void close() {
            if (fd >= 0) {
                kernel.close(fd);
                fd = -1;
            }
        }
    }
}
