package nurse.helper.program;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import nurse.helper.program.ProgramFiles.Opening.Failed;
import nurse.helper.program.ProgramFiles.Opening.Opened;

/** A directory of the test's as the program's root; remembers all it opened. Links must be relative, names plain ASCII. */
final class DirectoryFiles implements ProgramFiles {
    private final Path root;
    final List<MemoryProgram> opened = new ArrayList<>();
    final List<String> asked = new ArrayList<>();
    String forbidden = "/forbidden";

    DirectoryFiles(Path root) throws IOException {
        this.root = root.toRealPath();
    }

    @Override
    public Opening open(String path) {
        asked.add(path);
        if (path.startsWith(forbidden)) {
            return new Failed(Failure.REFUSED_BY_POLICY, "rule 7");
        }
        try {
            Path real = Path.of(root + path).toRealPath();
            boolean directory = Files.isDirectory(real);
            MemoryProgram file =
                    new MemoryProgram("/" + root.relativize(real), directory ? new byte[0] : Files.readAllBytes(real));
            file.kind = directory ? OpenProgram.Kind.DIRECTORY : OpenProgram.Kind.REGULAR;
            // Not Files.isExecutable: root may execute more than the mode bits show.
            file.executable =
                    directory || Files.getPosixFilePermissions(real).toString().contains("EXECUTE");
            opened.add(file);
            return new Opened(file);
        } catch (NoSuchFileException absent) {
            return new Failed(Failure.NOT_FOUND);
        } catch (FileSystemException failed) {
            return new Failed(
                    String.valueOf(failed.getReason()).contains("Not a directory")
                            ? Failure.NOT_A_DIRECTORY
                            : Failure.TOO_MANY_LINKS);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
