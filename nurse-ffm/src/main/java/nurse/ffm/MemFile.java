package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;

/**
 * Files that exist nowhere but in memory and that nobody can change any more (memfd_create(2), sealed): how the
 * launcher and the audit library leave the jar without a file on a disk that somebody could replace.
 */
public final class MemFile {
    private static final int ALL_SEALS =
            Kernel.F_SEAL_SHRINK | Kernel.F_SEAL_GROW | Kernel.F_SEAL_WRITE | Kernel.F_SEAL_SEAL;
    private static final int COPIED_AT_ONCE = 1 << 24;

    private MemFile() {}

    /**
     * Makes an executable, sealed file of {@code content}; the descriptor is close-on-exec and stands at the file's
     * end.
     *
     * @param name what /proc shows of it; fewer than 250 bytes, one char a byte
     * @throws KernelRefused when the kernel cannot do so (EACCES: sysctl vm.memfd_noexec is 2)
     */
    public static OwnedFd of(Kernel kernel, String name, byte[] content) {
        OwnedFd file = create(kernel, name, true);
        try {
            MemorySegment chunk = kernel.chunk();
            int done = 0;
            while (done < content.length) {
                int length = (int) Math.min(content.length - done, chunk.byteSize());
                MemorySegment.copy(content, done, chunk, JAVA_BYTE, 0, length);
                done += KernelRefused.check("write", kernel.write(file.fd(), chunk, length));
            }
            seal(kernel, file.fd(), ALL_SEALS);
        } catch (RuntimeException refused) {
            file.close();
            throw refused;
        }
        return file;
    }

    /**
     * Makes an executable, sealed file of what an open file holds now, from its beginning to its end.
     *
     * @param fd a regular file that can be read; where it stands changes
     * @param limit how many bytes at most
     * @return null when there are more
     * @throws KernelRefused as {@link #of}, and when the file cannot be read
     */
    public static OwnedFd copy(Kernel kernel, String name, int fd, long limit) {
        OwnedFd file = create(kernel, name, true);
        try {
            KernelRefused.check("lseek", kernel.lseek(fd, 0, Kernel.SEEK_SET));
            long done = 0;
            int got;
            while ((got = KernelRefused.check("sendfile", kernel.sendfile(file.fd(), fd, COPIED_AT_ONCE))) > 0) {
                done += got;
                if (done > limit) {
                    file.close();
                    return null;
                }
            }
            seal(kernel, file.fd(), ALL_SEALS);
        } catch (RuntimeException refused) {
            file.close();
            throw refused;
        }
        return file;
    }

    /**
     * Makes an executable, sealed file of a class-path resource.
     *
     * @param path absolute path of the resource, such as {@code /native/linux-i686/launcher}
     * @throws IOException when there is no such resource or it cannot be read
     * @throws KernelRefused as {@link #of}
     */
    public static OwnedFd ofResource(Kernel kernel, Class<?> origin, String path) throws IOException {
        try (InputStream resource = origin.getResourceAsStream(path)) {
            if (resource == null) {
                throw new IOException("the jar lacks the file " + path + "; build it again with ./setup");
            }
            return of(kernel, path.substring(path.lastIndexOf('/') + 1), resource.readAllBytes());
        }
    }

    /** An empty memfd that can be sealed. Whether it may be executed has to be said since Linux 6.3. */
    static OwnedFd create(Kernel kernel, String name, boolean executable) {
        int flags = Kernel.MFD_CLOEXEC | Kernel.MFD_ALLOW_SEALING;
        int fd = kernel.memfd_create(name, flags | (executable ? Kernel.MFD_EXEC : Kernel.MFD_NOEXEC_SEAL));
        if (fd == -Errno.EINVAL) { // before, neither flag was known and every memfd was executable
            fd = kernel.memfd_create(name, flags);
        }
        return OwnedFd.of(kernel, "memfd_create", fd);
    }

    /** Puts seals on a memfd and reads back that they took. */
    static void seal(Kernel kernel, int fd, int seals) {
        KernelRefused.check("fcntl(F_ADD_SEALS)", kernel.fcntl(fd, Kernel.F_ADD_SEALS, seals));
        int taken = KernelRefused.check("fcntl(F_GET_SEALS)", kernel.fcntl(fd, Kernel.F_GET_SEALS, 0));
        if ((taken & seals) != seals) {
            throw new KernelRefused("fcntl(F_ADD_SEALS) had no effect", Errno.EPERM);
        }
    }
}
