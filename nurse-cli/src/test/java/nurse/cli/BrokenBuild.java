package nurse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import nurse.cli.Jar.User;

/**
 * The jar with defences taken out of it. The product has no switch for this: what is broken is compiled here, from changed
 * sources, and stands before the jar on the class path.
 */
public final class BrokenBuild {
    private static final Path NATIVE =
            Path.of("../nurse-native/src/main/native").toAbsolutePath().normalize();
    private static final Path HEADERS =
            Path.of("../nurse-native/target/generated-headers").toAbsolutePath().normalize();
    private static final Path FLAGS =
            Path.of("../nurse-native/src/main/flags").toAbsolutePath().normalize();

    private final Path directory;
    private final Path classes;

    /**
     * What is taken out of one source, or put in its place.
     *
     * @param part of nurse-native: launcher, audit or trustee; or empty for a class of Java
     * @param source of a class with its package: nurse/helper/policy/Policy.java
     */
    public record Change(String part, String source, String from, String to) {
        public static Change ofJava(String source, String from, String to) {
            return new Change("", source, from, to);
        }

        private Path original() {
            if (!part.isEmpty()) {
                return NATIVE.resolve(part).resolve(source);
            }
            String module = source.split("/")[1]; // each has a package of its name
            return Path.of("..", "nurse-" + module, "src/main/java", source);
        }
    }

    /** @param directory where what is compiled lies, and what is run runs */
    public BrokenBuild(Path directory) {
        this.directory = directory;
        this.classes = directory.resolve("broken");
    }

    /** Compiles what these changes touch. */
    public void make(Change... changes) throws IOException {
        Map<Path, String> changed = new LinkedHashMap<>();
        for (Change change : changes) {
            Path file = change.original();
            String source = changed.containsKey(file) ? changed.get(file) : Files.readString(file);
            assertThat(source).as("%s has what is to be taken out", file).contains(change.from);
            changed.put(file, source.replace(change.from, change.to));
        }
        if (Arrays.stream(changes).anyMatch(change -> change.part.isEmpty())) {
            compileJava(changed);
        }
        if (Arrays.stream(changes).anyMatch(change -> !change.part.isEmpty())) {
            compileNative(changed);
        }
    }

    /** The launcher and libnurse.so have the sources of audit in common. */
    private void compileNative(Map<Path, String> changed) throws IOException {
        List<String> launcher = copy("launcher", changed);
        List<String> audit = copy("audit", changed);
        List<String> both = new ArrayList<>(launcher);
        both.addAll(audit);
        compile("launcher", "launcher", both);
        compile("libnurse.so", "libnurse", audit);
        compile("trustee.bin", "trustee", copy("trustee", changed));
    }

    /** The sources of one part, as changed; returned are those that are compiled. */
    private List<String> copy(String part, Map<Path, String> changed) throws IOException {
        Path copy = Files.createDirectories(directory.resolve("native").resolve(part));
        List<String> sources = new ArrayList<>();
        try (Stream<Path> files = Files.list(NATIVE.resolve(part))) {
            for (Path file : files.sorted().toList()) {
                Path copied = copy.resolve(file.getFileName());
                Files.writeString(copied, changed.containsKey(file) ? changed.get(file) : Files.readString(file));
                if (copied.toString().endsWith(".c") || copied.toString().endsWith(".S")) {
                    sources.add(copied.toString());
                }
            }
        }
        return sources;
    }

    /** With the flags that the build gives to the binary; what is broken may well leave something unused. */
    private void compile(String file, String binary, List<String> sources) throws IOException {
        Path into = Files.createDirectories(classes.resolve("native/linux-i686"));
        List<String> command = new ArrayList<>(List.of("gcc"));
        for (String flags : List.of("freestanding", "i386", "link", binary + ".link")) {
            command.add("@" + FLAGS.resolve(flags));
        }
        command.addAll(List.of("-w", "-I" + NATIVE.resolve("include"), "-I" + HEADERS));
        command.addAll(List.of("-o", into.resolve(file).toString()));
        command.addAll(sources);
        Jar.execute(directory, new byte[0], command).succeeded();
    }

    private void compileJava(Map<Path, String> changed) throws IOException {
        Files.createDirectories(classes);
        List<JavaFileObject> sources = changed.keySet().stream()
                .filter(file -> file.toString().endsWith(".java"))
                .<JavaFileObject>map(file -> new Source(file, changed.get(file)))
                .toList();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        String path = classes + ":" + System.getProperty("nurse.jar") + ":" + System.getProperty("java.class.path");
        List<String> options = List.of("-proc:none", "-implicit:none", "-d", classes.toString(), "-cp", path);
        boolean done =
                compiler.getTask(messages, null, null, options, null, sources).call();
        assertThat(done).as(messages.toString()).isTrue();
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(Path file, String text) {
            super(URI.create("string:///" + file.toString().replaceFirst(".*/src/main/java/", "")), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** The jar's command line, with the broken classes before it. */
    public List<String> command(List<String> arguments) {
        return command(User.ROOT, arguments);
    }

    List<String> command(User user, List<String> arguments) {
        List<String> command = Jar.command(user, arguments);
        int jar = command.indexOf("-jar");
        command.set(jar, "-cp");
        command.set(jar + 1, classes + ":" + command.get(jar + 1));
        command.addAll(jar + 2, List.of("nurse.cli.Main"));
        command.add(jar, "--enable-native-access=ALL-UNNAMED");
        return command;
    }
}
