package nurse.cli.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import nurse.cli.Jar;
import nurse.cli.Jar.Result;
import nurse.cli.Jar.User;
import org.junit.jupiter.api.Test;

/** A part of a tree that a rule takes rights from keeps to that rule, whatever way leads there; each with its twin. */
class PartsIT {
    private static final String LOCK = System.getProperty("nurse.lock");

    /** Says of each name whether it can be read, written and mapped as code; then what is listed. */
    private static final String LOOKS = """
            import mmap, os, sys
            def tried(name, how):
                try:
                    fd = os.open(name, how)
                    if how == os.O_RDONLY:
                        os.read(fd, 1)
                    return 'ok'
                except OSError as e:
                    return e.strerror
            def mapped(name):
                try:
                    mmap.mmap(os.open(name, os.O_RDONLY), 1, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC)
                    return 'ok'
                except OSError as e:
                    return e.strerror
            for name in ('private/secret', 'PRIVATE/secret', 'Privat~1/SECRET', 'ALLOWED'):
                name = 'folding/' + name
                print(tried(name, os.O_RDONLY), tried(name, os.O_WRONLY), mapped(name), sep=', ')
            print(sorted(os.listdir('folding')))
            """;

    private static final String OK = "ok, ok, ok\n";
    private static final String ALL = "['allowed', 'private']\n";

    private static String runPython(Surroundings surroundings, String script, String... rules) throws IOException {
        try (Place place = new Place("/")) {
            Files.writeString(
                    place.run().resolve("p.toml"), "version = 1\n[files]\n" + String.join("\n", rules) + "\n");
            Files.createDirectories(place.run().resolve("w/d/other"));
            Files.writeString(place.run().resolve("w/d/file"), "content");
            List<String> run = new ArrayList<>(List.of("run", "--quiet", "--root", Jar.TREE.toString()));
            run.addAll(List.of("--policy", "p.toml", "python3", "-c", script));
            List<String> command = surroundings.around(Jar.command(User.ROOT, LOCK, run), List.of("./attacks"));
            Result result = Jar.execute(place.run(), new byte[0], command);
            assertThat(result.status()).as(result.err()).isEqualTo(0);
            return result.out();
        }
    }

    private static String looks(String... rules) throws IOException {
        Optional<String> missing = Surroundings.FOLDING.missing();
        assumeFalse(missing.isPresent(), () -> missing.orElseThrow());
        return runPython(Surroundings.FOLDING, LOOKS, rules);
    }

    @Test
    void whereCaseIsIgnoredEverySpellingIsAllowedThatNoRuleTakesFrom() throws IOException {
        assertThat(looks("write = [\"folding\"]")).isEqualTo(OK.repeat(4) + ALL);
    }

    @Test
    void whereCaseIsIgnoredDenyHoldsForEverySpelling() throws IOException {
        String refused = "Operation not permitted, Operation not permitted, Operation not permitted\n";
        assertThat(looks("write = [\"folding\"]", "deny = [\"folding/private\"]"))
                .isEqualTo(refused.repeat(3) + OK + ALL);
        assertThat(looks("write = [\"folding\"]", "deny = [\"folding/PRIVATE/Secret\"]"))
                .isEqualTo(refused.repeat(3) + OK + ALL);
    }

    @Test
    void whereCaseIsIgnoredHideHoldsForEverySpellingAndInAListing() throws IOException {
        String hidden = "No such file or directory, No such file or directory, No such file or directory\n";
        assertThat(looks("write = [\"folding\"]", "hide = [\"folding/Private\"]"))
                .isEqualTo(hidden.repeat(3) + OK + "['allowed']\n");
    }

    @Test
    void whereCaseIsIgnoredAReadOnlyPartIsReadOnlyInEverySpelling() throws IOException {
        assertThat(looks("write = [\"folding\"]", "read = [\"folding/private\"]"))
                .isEqualTo("ok, Operation not permitted, ok\n".repeat(3) + OK + ALL);
    }

    @Test
    void whereCaseIsIgnoredNoexecHoldsForEverySpelling() throws IOException {
        assertThat(looks("write = [\"folding\"]", "noexec = [\"folding/private\"]"))
                .isEqualTo("ok, ok, Operation not permitted\n".repeat(3) + OK + ALL);
    }

    /** Watches w/d, makes and renames a file in it, and says the names that inotify(7) tells. */
    private static final String WATCHES = """
            import ctypes, os
            libc = ctypes.CDLL(None, use_errno=True)
            fd = libc.inotify_init1(os.O_NONBLOCK)
            if libc.inotify_add_watch(fd, b'w/d', 0xfff) < 0:
                print(os.strerror(ctypes.get_errno()))
            else:
                os.rename('w/d/file', 'w/d/new')
                print(b'new' in os.read(fd, 4096))
            print(libc.inotify_add_watch(fd, b'w/d/other', 0xfff) > 0)
            """;

    @Test
    void inotifyTellsNoNamesWhereOneIsHidden() throws IOException {
        assertThat(runPython(Surroundings.PLAIN, WATCHES, "write = [\"w\"]", "hide = [\"w/d/secret\"]"))
                .isEqualTo("Operation not permitted\nTrue\n");
        assertThat(runPython(Surroundings.PLAIN, WATCHES, "write = [\"w\"]", "hide = [\"w/d/other/secret\"]"))
                .isEqualTo("True\nFalse\n");
        assertThat(runPython(Surroundings.PLAIN, WATCHES, "write = [\"w\"]", "deny = [\"w/d/secret\"]"))
                .isEqualTo("True\nTrue\n");
    }

    /** Extended attributes by name and by a descriptor that the file was opened for writing by; then the ACL, as ls asks for it. */
    private static final String ATTRIBUTES = """
            import errno, os
            def tried(call):
                try:
                    return call()
                except OSError as e:
                    return errno.errorcode[e.errno]
            fd = os.open('w/d/file', os.O_WRONLY)
            os.setxattr(fd, 'user.mine', b'value')
            for file in ('w/d/file', fd):
                print(tried(lambda: os.getxattr(file, 'user.mine')), 'user.mine' in os.listxattr(file))
            print(tried(lambda: os.getxattr('w/d/file', 'system.posix_acl_access')))
            """;

    @Test
    void anAttributeIsContentAndNeedsReading() throws IOException {
        assertThat(runPython(Surroundings.PLAIN, ATTRIBUTES, "deny = [\"w/d\"]", "modify = [\"w/d/file\"]"))
                .isEqualTo("EPERM False\n".repeat(2) + "ENODATA\n");
        assertThat(runPython(Surroundings.PLAIN, ATTRIBUTES, "modify = [\"w/d/file\"]"))
                .isEqualTo("b'value' True\n".repeat(2) + "ENODATA\n");
    }

    /** renameat2(2) with each of its flags: a whiteout is a device node, which mknod(2) does not make either. */
    private static final String RENAMES = """
            import ctypes, os, sys
            libc = ctypes.CDLL(None, use_errno=True)
            def renames(one, two, flags):
                result = libc.renameat2(-100, one, -100, two, flags)
                print(os.strerror(ctypes.get_errno()) if result else 'renamed')
            renames(b'w/d/file', b'w/d/gone', 4)
            renames(b'w/d/file', b'w/d/gone', 5)
            renames(b'w/d/file', b'w/d/new', 1)
            renames(b'w/d/new', b'w/d/other', 2)
            print(sorted(os.listdir('w/d')))
            """;

    @Test
    void aRenameLeavesNoDeviceNodeBehind() throws IOException {
        assertThat(runPython(Surroundings.PLAIN, RENAMES, "write = [\"w\"]"))
                .isEqualTo("Operation not permitted\n".repeat(2) + "renamed\n".repeat(2) + "['new', 'other']\n");
    }
}
