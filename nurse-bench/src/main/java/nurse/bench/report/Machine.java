package nurse.bench.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import nurse.bench.Commands;

/** What the figures were measured on, and with. */
final class Machine {
    private Machine() {}

    /** Lines of a Markdown list. */
    static List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("date: " + LocalDate.now(ZoneOffset.UTC) + ", commit "
                + said("git", "-C", Commands.checkout().toString(), "rev-parse", "--short", "HEAD"));
        lines.add("CPUs: " + Runtime.getRuntime().availableProcessors() + ", " + cpu());
        lines.add("kernel: " + said("uname", "-sr") + ", virtualisation: " + orNone(said("systemd-detect-virt")));
        lines.add("system: " + release() + ", glibc "
                + said("getconf", "GNU_LIBC_VERSION").replace("glibc ", ""));
        lines.add("JDK: " + System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        lines.add("peers: "
                + said("dpkg-query", "-W", "-f", "${Package} ${Version}, ", "proot", "strace", "bubblewrap", "runsc"));
        return lines;
    }

    private static String orNone(String text) {
        return text.isEmpty() ? "not known" : text;
    }

    private static String cpu() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse("not named");
        }
    }

    private static String release() throws IOException {
        try (var lines = Files.lines(Path.of("/etc/os-release"))) {
            return lines.filter(line -> line.startsWith("PRETTY_NAME="))
                    .map(line -> line.substring(line.indexOf('=') + 1).replace("\"", ""))
                    .findFirst()
                    .orElse("not named");
        }
    }

    private static String said(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .trim()
                    .replaceAll(",$", "");
        } catch (IOException notThere) {
            return "";
        }
    }
}
