package nurse.ffm;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelFilesTest {
    private static final int NOBODY = -1; // a descriptor that is never open

    @TempDir
    Path directory;

    private final Arena arena = Arena.ofConfined();
    private final Kernel kernel = Kernel.confined();
    private int dir;

    @BeforeEach
    void openDirectory() {
        dir = kernel.openat(Kernel.AT_FDCWD, directory.toString(), Kernel.O_DIRECTORY | Kernel.O_CLOEXEC, 0);
        assertThat(dir).isNotNegative();
    }

    @AfterEach
    void close() {
        kernel.close(dir);
        kernel.close();
        arena.close();
    }

    @Test
    void openat2FollowsALinkWithinTheRootUnlessLinksAreForbidden() throws Exception {
        Files.writeString(directory.resolve("file"), "x");
        Files.createSymbolicLink(directory.resolve("link"), Path.of("/file")); // absolute: within the root
        int fd = kernel.openat2(dir, "link", Kernel.O_RDONLY | Kernel.O_CLOEXEC, 0, Kernel.RESOLVE_IN_ROOT);
        assertThat(fd).isNotNegative();
        assertThat(kernel.isRegular(fd)).isTrue();
        assertThat(kernel.isDirectory(fd)).isFalse();
        assertThat(kernel.isDirectory(dir)).isTrue();
        assertThat(kernel.close(fd)).isZero();
        long strict = Kernel.RESOLVE_IN_ROOT | Kernel.RESOLVE_NO_SYMLINKS;
        assertThat(kernel.openat2(dir, "link", Kernel.O_RDONLY, 0, strict)).isEqualTo(-Errno.ELOOP);
        assertThat(kernel.openat2(dir, "../etc", Kernel.O_RDONLY, 0, Kernel.RESOLVE_BENEATH))
                .isEqualTo(-Errno.EXDEV);
        assertThat(kernel.openat2(dir, "link", Kernel.O_RDONLY, 0, 1L << 40)).isEqualTo(-Errno.EINVAL);
    }

    @Test
    void aMissingFileIsEnoentForEveryCallThatLooksItUp() {
        MemorySegment buffer = arena.allocate(256);
        assertThat(kernel.openat(dir, "none", Kernel.O_RDONLY, 0)).isEqualTo(-Errno.ENOENT);
        assertThat(kernel.statx(dir, "none", 0, Kernel.STATX_BASIC_STATS, buffer))
                .isEqualTo(-Errno.ENOENT);
        assertThat(kernel.faccessat2(dir, "none", 0, 0)).isEqualTo(-Errno.ENOENT);
        assertThat(kernel.readlinkat(dir, "none")).isNull();
        assertThat(kernel.unlinkat(dir, "none", 0)).isEqualTo(-Errno.ENOENT);
        assertThat(kernel.renameat2(dir, "none", dir, "other", 0)).isEqualTo(-Errno.ENOENT);
        assertThat(kernel.linkat(dir, "none", dir, "other", 0)).isEqualTo(-Errno.ENOENT);
        assertThat(kernel.mkdirat(dir, "none/below", 0700)).isEqualTo(-Errno.ENOENT);
        assertThat(kernel.symlinkat("target", dir, "none/below")).isEqualTo(-Errno.ENOENT);
        assertThat(kernel.fchmodat2(dir, "none", 0600, 0)).isEqualTo(-Errno.ENOENT);
        assertThat(kernel.fchownat(dir, "none", -1, -1, 0)).isEqualTo(-Errno.ENOENT);
        assertThat(kernel.utimensat(dir, "none", MemorySegment.NULL, 0)).isEqualTo(-Errno.ENOENT);
        assertThat(kernel.statfs(directory + "/none", buffer)).isEqualTo(-Errno.ENOENT);
    }

    @Test
    void aDescriptorThatIsNotOpenIsEbadfForEveryCallThatTakesOne() {
        MemorySegment buffer = arena.allocate(256);
        assertThat(kernel.openat(NOBODY, "x", Kernel.O_RDONLY, 0)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.close(NOBODY)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.dup(NOBODY)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.dup3(NOBODY, 900, 0)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.fcntl(NOBODY, Kernel.F_GETFL, 0)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.lseek(NOBODY, 0, Kernel.SEEK_SET)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.read(NOBODY, buffer, 1)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.write(NOBODY, buffer, 1)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.pread(NOBODY, buffer, 1, 0)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.pwrite(NOBODY, buffer, 1, 0)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.getdents64(NOBODY, buffer, 256)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.ftruncate(NOBODY, 0)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.fallocate(NOBODY, 0, 0, 1)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.fsync(NOBODY)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.fdatasync(NOBODY)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.fstatfs(NOBODY, buffer)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.fgetxattr(NOBODY, "user.x", buffer, 1)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.flistxattr(NOBODY, buffer, 1)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.fsetxattr(NOBODY, "user.x", buffer, 1, 0)).isEqualTo(-Errno.EBADF);
        assertThat(kernel.isDirectory(NOBODY)).isFalse();
    }

    @Test
    void statxSaysWhatJavaSays() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "12345");
        MemorySegment statx = arena.allocate(Statx.SIZE);
        assertThat(kernel.statx(dir, "file", Kernel.AT_SYMLINK_NOFOLLOW, Kernel.STATX_BASIC_STATS, statx))
                .isZero();
        assertThat(Statx.mask(statx) & Kernel.STATX_BASIC_STATS).isEqualTo(Kernel.STATX_BASIC_STATS);
        assertThat(Statx.size(statx)).isEqualTo(5);
        assertThat(Statx.mode(statx)).isEqualTo(attribute(file, "mode"));
        assertThat(Statx.mode(statx) & Kernel.S_IFMT).isEqualTo(Kernel.S_IFREG);
        assertThat(Statx.ino(statx)).isEqualTo(attribute(file, "ino"));
        assertThat(Statx.nlink(statx)).isEqualTo(attribute(file, "nlink"));
        assertThat(Statx.uid(statx)).isEqualTo(attribute(file, "uid"));
        assertThat(Statx.gid(statx)).isEqualTo(attribute(file, "gid"));
        long dev = (long) attribute(file, "dev"); // as glibc's makedev(3) has it
        assertThat(Statx.dev(statx) >>> 32).isEqualTo(dev >>> 8 & 0xfff);
        assertThat(Statx.dev(statx) & 0xffffffffL).isEqualTo(dev & 0xff | dev >>> 12 & 0xffffff00L);
        assertThat(Statx.mtimeNanos(statx)).isEqualTo(nanos(Files.getLastModifiedTime(file)));
        assertThat(Statx.ctimeNanos(statx)).isEqualTo(nanos((FileTime) attribute(file, "ctime")));
    }

    private static Object attribute(Path file, String name) throws Exception {
        return Files.getAttribute(file, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
    }

    private static long nanos(FileTime time) {
        return time.to(TimeUnit.NANOSECONDS);
    }

    @Test
    void filesAreMadeWrittenReadRenamedAndRemoved() {
        int flags = Kernel.O_RDWR | Kernel.O_CREAT | Kernel.O_EXCL | Kernel.O_CLOEXEC;
        int fd = kernel.openat(dir, "a", flags, 0600);
        assertThat(fd).isNotNegative();
        assertThat(kernel.openat(dir, "a", flags, 0600)).isEqualTo(-Errno.EEXIST);
        MemorySegment text = arena.allocateFrom("hello", ISO_8859_1);
        assertThat(kernel.write(fd, text, 5)).isEqualTo(5);
        assertThat(kernel.pwrite(fd, text, 1, 9)).isEqualTo(1);
        assertThat(kernel.lseek(fd, 0, Kernel.SEEK_END)).isEqualTo(10);
        assertThat(kernel.lseek(fd, -1, Kernel.SEEK_SET)).isEqualTo(-Errno.EINVAL);
        MemorySegment back = arena.allocate(16);
        assertThat(kernel.pread(fd, back, 4, 1)).isEqualTo(4);
        assertThat(back.getString(0, ISO_8859_1)).isEqualTo("ello");
        assertThat(kernel.ftruncate(fd, 2)).isZero();
        assertThat(kernel.lseek(fd, 0, Kernel.SEEK_SET)).isZero();
        assertThat(kernel.read(fd, back, 16)).isEqualTo(2);
        assertThat(kernel.fsync(fd)).isZero();
        assertThat(kernel.fdatasync(fd)).isZero();
        assertThat(kernel.close(fd)).isZero();

        assertThat(kernel.linkat(dir, "a", dir, "b", 0)).isZero();
        assertThat(kernel.renameat2(dir, "a", dir, "c", 0)).isZero();
        assertThat(kernel.symlinkat("gone \u00ff", dir, "s")).isZero();
        assertThat(kernel.readlinkat(dir, "s")).isEqualTo("gone \u00ff");
        assertThat(kernel.fchmodat2(dir, "b", 0640, 0)).isZero();
        assertThat(kernel.fchmodat(dir, "b", 0600)).isZero();
        assertThat(kernel.fchownat(dir, "b", -1, -1, 0)).isZero();
        assertThat(directory.resolve("c")).hasContent("he");
        assertThat(kernel.mkdirat(dir, "d", 0700)).isZero();
        assertThat(kernel.unlinkat(dir, "d", 0)).isEqualTo(-Errno.EISDIR);
        assertThat(kernel.unlinkat(dir, "d", Kernel.AT_REMOVEDIR)).isZero();
        assertThat(kernel.unlinkat(dir, "b", 0)).isZero();
        assertThat(kernel.faccessat2(dir, "b", 0, 0)).isEqualTo(-Errno.ENOENT);
        assertThat(kernel.faccessat2(dir, "c", 0, 0)).isZero();
    }

    @Test
    void readlinkOfADescriptorIsTheLinkItself() {
        kernel.symlinkat("target", dir, "s");
        int fd = kernel.openat(dir, "s", Kernel.O_PATH | Kernel.O_NOFOLLOW | Kernel.O_CLOEXEC, 0);
        assertThat(kernel.readlink(fd)).isEqualTo("target");
        assertThat(kernel.readlink(dir)).isNull();
        kernel.close(fd);
    }

    @Test
    void timesAreSetByNameAndByDescriptor() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        MemorySegment times = arena.allocate(32, 8);
        times.setAtIndex(JAVA_LONG, 2, 1_000);
        times.setAtIndex(JAVA_LONG, 3, 5);
        assertThat(kernel.utimensat(dir, "file", times, 0)).isZero();
        assertThat(nanos(Files.getLastModifiedTime(file))).isEqualTo(1_000_000_000_005L);
        int fd = kernel.openat(dir, "file", Kernel.O_RDONLY | Kernel.O_CLOEXEC, 0);
        times.setAtIndex(JAVA_LONG, 2, 2_000);
        assertThat(kernel.futimens(fd, times)).isZero();
        assertThat(nanos(Files.getLastModifiedTime(file))).isEqualTo(2_000_000_000_005L);
        times.setAtIndex(JAVA_LONG, 3, -7);
        assertThat(kernel.futimens(fd, times)).isEqualTo(-Errno.EINVAL);
        kernel.close(fd);
    }

    @Test
    void extendedAttributesAreSetAndReadByPathAndByDescriptor() throws Exception {
        String file = Files.writeString(directory.resolve("file"), "").toString();
        MemorySegment value = arena.allocateFrom("v1", ISO_8859_1);
        int set = kernel.setxattr(file, "user.nurse", value, 2, 0);
        assumeTrue(set != -Errno.EOPNOTSUPP, "the file system has no user attributes");
        assertThat(set).isZero();
        MemorySegment back = arena.allocate(64);
        assertThat(kernel.getxattr(file, "user.nurse", back, 64)).isEqualTo(2);
        assertThat(back.getString(0, ISO_8859_1)).isEqualTo("v1");
        assertThat(kernel.getxattr(file, "user.nurse", back, 1)).isEqualTo(-Errno.ERANGE);
        assertThat(kernel.getxattr(file, "user.other", back, 64)).isEqualTo(-Errno.ENODATA);
        assertThat(kernel.listxattr(file, back, 64)).isGreaterThanOrEqualTo("user.nurse".length() + 1);
        int fd = kernel.openat(Kernel.AT_FDCWD, file, Kernel.O_RDWR | Kernel.O_CLOEXEC, 0);
        assertThat(kernel.fsetxattr(fd, "user.nurse", value, 1, 0)).isZero();
        assertThat(kernel.fgetxattr(fd, "user.nurse", back, 64)).isEqualTo(1);
        assertThat(kernel.flistxattr(fd, back, 64)).isGreaterThanOrEqualTo("user.nurse".length() + 1);
        kernel.close(fd);
    }

    @Test
    void aFileSystemTellsOfItselfByNameAndByDescriptor() {
        MemorySegment byName = arena.allocate(120, 8);
        MemorySegment byFd = arena.allocate(120, 8);
        assertThat(kernel.statfs(directory.toString(), byName)).isZero();
        assertThat(kernel.fstatfs(dir, byFd)).isZero();
        assertThat(byName.get(JAVA_LONG, 0)).isEqualTo(byFd.get(JAVA_LONG, 0)); // f_type
    }

    @Test
    void getdents64ListsADirectory() {
        kernel.mkdirat(dir, "a-rare-name", 0700);
        MemorySegment entries = arena.allocate(4096);
        int got = kernel.getdents64(dir, entries, 4096);
        byte[] bytes = entries.asSlice(0, got).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        assertThat(new String(bytes, ISO_8859_1)).contains("a-rare-name");
        assertThat(kernel.getdents64(dir, entries, 4096)).isZero();
    }

    @Test
    void aLockOfADescriptionIsSeenByAnotherAndGoesWithIt() {
        int held = kernel.openat(Kernel.AT_FDCWD, directory.toString(), Kernel.O_RDONLY | Kernel.O_DIRECTORY, 0);
        int other = kernel.openat(Kernel.AT_FDCWD, directory.toString(), Kernel.O_RDONLY | Kernel.O_DIRECTORY, 0);
        assertThat(kernel.lock(other, Kernel.F_OFD_GETLK, Kernel.F_WRLCK)).isEqualTo(Kernel.F_UNLCK);
        assertThat(kernel.lock(held, Kernel.F_OFD_SETLK, Kernel.F_RDLCK)).isNotNegative();
        assertThat(kernel.lock(other, Kernel.F_OFD_GETLK, Kernel.F_WRLCK)).isEqualTo(Kernel.F_RDLCK);
        kernel.close(held);
        assertThat(kernel.lock(other, Kernel.F_OFD_GETLK, Kernel.F_WRLCK)).isEqualTo(Kernel.F_UNLCK);
        kernel.close(other);
    }
}
