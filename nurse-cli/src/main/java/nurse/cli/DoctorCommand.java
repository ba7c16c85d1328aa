package nurse.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import nurse.ffm.Kernel;
import nurse.helper.doctor.Doctor;
import nurse.helper.doctor.Finding;
import nurse.helper.doctor.Finding.State;

/** {@code doctor}: what {@link Doctor} finds, a line each, and how to mend what is not well. */
final class DoctorCommand {
    private static final int WHAT_WIDTH = 24;
    private static final int STATE_WIDTH = 9;

    private DoctorCommand() {}

    /** @return 0 when programs can be run, 1 when not */
    static int run(String root) {
        try (Kernel kernel = new Kernel()) {
            String bytes = new String(root.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
            String canonical = PolicyNames.root(kernel, Kernel.AT_FDCWD, bytes);
            List<Finding> findings = new Doctor(kernel, canonical, CommandLine.environment(kernel), jar()).examine();
            findings.forEach(finding -> System.out.print(text(finding)));
            System.out.print("\n" + summary(findings));
            return count(findings, State.BROKEN) == 0 ? 0 : 1;
        }
    }

    private static String jar() {
        String path = System.getProperty("java.class.path");
        int colon = path.indexOf(':');
        return Path.of(colon < 0 ? path : path.substring(0, colon))
                .toAbsolutePath()
                .toString();
    }

    static String text(Finding finding) {
        String line =
                pad(finding.what(), WHAT_WIDTH) + pad(finding.state().word(), STATE_WIDTH) + finding.found() + "\n";
        String margin = " ".repeat(WHAT_WIDTH);
        return line
                + (finding.why().isEmpty() ? "" : margin + "why: " + finding.why() + "\n")
                + (finding.mend().isEmpty() ? "" : margin + "do:  " + finding.mend() + "\n");
    }

    static String summary(List<Finding> findings) {
        long broken = count(findings, State.BROKEN);
        long missing = count(findings, State.MISSING);
        String first = broken == 0
                ? "Programs can be run here"
                : "Programs cannot be run here: " + things(broken) + " to be mended first";
        return first + (missing == 0 ? "" : broken == 0 ? "; " + things(missing) + " missing" : "") + ".\n";
    }

    private static String things(long count) {
        return count == 1 ? "one thing is" : count + " things are";
    }

    private static long count(List<Finding> findings, State state) {
        return findings.stream().filter(finding -> finding.state() == state).count();
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(1, width - text.length()));
    }
}
