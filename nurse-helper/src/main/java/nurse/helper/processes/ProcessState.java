package nurse.helper.processes;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import nurse.helper.descriptors.Descriptors;
import nurse.helper.descriptors.OpenFile;
import nurse.helper.files.ProcessNames;
import nurse.helper.memory.ProtectedRanges;
import org.jspecify.annotations.Nullable;

/** What the helper knows of one sandboxed process: the state that its calls change. Not thread-safe. */
public final class ProcessState implements ProcessNames {
    /** Files of {@code /proc/self} that tell the program only of itself. Not: mem, environ, root, map_files, syscall ... */
    private static final String[] OWN_FILES = {
        "",
        "fd",
        "status",
        "stat",
        "statm",
        "maps",
        "smaps",
        "cmdline",
        "comm",
        "limits",
        "oom_score",
        "cgroup",
        "task",
        "exe",
        "cwd",
        "root" // links, answered by link(); nothing opens them
    };

    private final int pid;
    private final String proc;
    private final String program;
    private final Descriptors descriptors;
    private final ProtectedRanges protectedRanges;
    private final @Nullable LoaderOrigin origin;
    private String workingDirectory;
    private boolean workingDirectoryRemoved;
    private int umask;
    private String name;
    private final Map<Integer, Integer> remembered = new HashMap<>();
    private IntConsumer onExit = status -> {};

    /**
     * @param program canonical name of the program, as it sees it
     * @param workingDirectory canonical name of the directory it starts in, as it sees it
     * @param byLoader whether ld.so was given the program as a descriptor, and has a name of its own for $ORIGIN
     */
    public ProcessState(
            int pid,
            String program,
            String workingDirectory,
            int umask,
            Descriptors descriptors,
            ProtectedRanges protectedRanges,
            boolean byLoader) {
        this.pid = pid;
        this.proc = "/proc/" + pid;
        this.program = program;
        this.origin = byLoader ? new LoaderOrigin(program, pid) : null;
        this.workingDirectory = workingDirectory;
        this.umask = umask;
        this.descriptors = descriptors;
        this.protectedRanges = protectedRanges;
        this.name = program.substring(program.lastIndexOf('/') + 1);
    }

    public int pid() {
        return pid;
    }

    public String program() {
        return program;
    }

    public Descriptors descriptors() {
        return descriptors;
    }

    public ProtectedRanges protectedRanges() {
        return protectedRanges;
    }

    public String workingDirectory() {
        return workingDirectory;
    }

    /** @param removed whether it is no more: a descriptor of it can still be gone to */
    public void workingDirectory(String canonical, boolean removed) {
        workingDirectory = canonical;
        workingDirectoryRemoved = removed;
    }

    /** Whether the working directory is no more: there is nothing in it, and nothing can be made there. */
    public boolean workingDirectoryRemoved() {
        return workingDirectoryRemoved;
    }

    /** The program renamed what it has open or works in, or what lies above it: names follow, as the kernel's do. */
    public void renamed(String from, String to) {
        removed(to);
        workingDirectory = OpenFile.moved(workingDirectory, from, to);
        descriptors.files().forEach(file -> file.renamed(from, to));
    }

    /** Whether no name that is kept here becomes too long by it. */
    public boolean mayBeRenamed(String from, String to) {
        return to.length() <= from.length()
                || OpenFile.moved(workingDirectory, from, to).length() <= OpenFile.NAME_MOST
                        && descriptors.files().allMatch(file -> file.mayBeRenamed(from, to));
    }

    /** The same of two that changed places (renameat2(2), RENAME_EXCHANGE). */
    public void exchanged(String one, String other) {
        String between = one + " (exchanged)"; // no name that the kernel could give: one is still there
        workingDirectory = OpenFile.exchanged(workingDirectory, one, other, between);
        descriptors.files().forEach(file -> file.exchanged(one, other, between));
    }

    /** The program removed a name. */
    public void removed(String name) {
        workingDirectoryRemoved |= workingDirectory.equals(name);
        descriptors.files().forEach(file -> file.removed(name));
    }

    public int umask() {
        return umask;
    }

    public void umask(int mask) {
        umask = mask & 0777;
    }

    /** @param listener is told the status when the process is about to exit (exit_group(2)), while it still is there */
    public void onExit(IntConsumer listener) {
        onExit = listener;
    }

    void exits(int status) {
        onExit.accept(status & 0xff);
    }

    /** The thread's name, as prctl(PR_GET_NAME) tells it. */
    public String name() {
        return name;
    }

    public void name(String name) {
        this.name = name;
    }

    /** The program has set an option of prctl(2) that has no effect, and may ask for it. */
    void remember(int option, int value) {
        remembered.put(option, value);
    }

    /** What an option was set to, or {@code otherwise}. */
    int remembered(int option, int otherwise) {
        return remembered.getOrDefault(option, otherwise);
    }

    /** Whether it is the directory that lists the process's own descriptors. */
    public boolean isDescriptorList(String canonical) {
        return canonical != null && isOwn(canonical) && own(canonical).equals("fd");
    }

    /** Whether it is the directory that stands for the process itself. */
    public boolean isDirectoryOfItself(String canonical) {
        return canonical != null && isOwn(canonical) && own(canonical).isEmpty();
    }

    /** The number N of {@code /proc/PID/fd/N}, or -1. */
    public int descriptorOf(String canonical) {
        if (!canonical.startsWith(proc)) {
            return -1;
        }
        String rest = own(canonical);
        return rest.startsWith("fd/") ? number(rest, 3) : -1;
    }

    private static int number(String text, int from) {
        int value = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9' || value > 100_000) {
                return -1;
            }
            value = value * 10 + c - '0';
        }
        return from < text.length() ? value : -1;
    }

    /** What follows {@code /proc/PID/}, a thread's own directory taken for the process's; empty for the directory itself. */
    private String own(String canonical) {
        String rest = canonical.substring(Math.min(canonical.length(), proc.length() + 1));
        String task = "task/" + pid;
        return rest.startsWith(task + "/") ? rest.substring(task.length() + 1) : rest;
    }

    private boolean isOwn(String canonical) {
        return canonical.startsWith(proc)
                && (canonical.length() == proc.length() || canonical.charAt(proc.length()) == '/');
    }

    /** Another process's, or a thread's by its own number, the trustee's included: /proc/PID/mem is more than a file. */
    private static boolean isOther(String canonical) {
        return canonical.startsWith("/proc/") && canonical.length() > 6 && Character.isDigit(canonical.charAt(6));
    }

    @Override
    public String link(String canonical) {
        if (!canonical.startsWith("/proc/")) {
            return null;
        }
        if (canonical.equals("/proc/self")) {
            return Integer.toString(pid);
        }
        if (canonical.equals("/proc/thread-self")) {
            return pid + "/task/" + pid;
        }
        if (!isOwn(canonical)) {
            return null;
        }
        return switch (own(canonical)) {
            case "exe" -> program;
            case "cwd" -> workingDirectory + (workingDirectoryRemoved ? OpenFile.DELETED : "");
            case "root" -> "/";
            default -> {
                OpenFile file = descriptors.find(descriptorOf(canonical));
                yield file == null || file.isRemoved() ? null : file.name();
            }
        };
    }

    /** What such a link's text is: as {@link #link}, also of what was removed meanwhile. */
    public String linkText(String canonical) {
        OpenFile file = descriptors.find(descriptorOf(canonical));
        return file != null && file.isRemoved() ? file.name() + OpenFile.DELETED : link(canonical);
    }

    @Override
    public String resolveOrigin(String path) {
        return origin == null ? path : origin.resolve(path);
    }

    @Override
    public boolean isMagic(String canonical) {
        return isOwn(canonical) && canonical.length() > proc.length();
    }

    @Override
    public boolean isDescriptor(String canonical) {
        return descriptorOf(canonical) >= 0;
    }

    @Override
    public String judged(String canonical) {
        return isOwn(canonical) ? "/proc/self" + canonical.substring(proc.length()) : canonical;
    }

    @Override
    public boolean mayOpen(String canonical) {
        if (!isOwn(canonical)) {
            return !isOther(canonical);
        }
        String rest = own(canonical);
        if (descriptorOf(canonical) >= 0) {
            return true;
        }
        for (String file : OWN_FILES) {
            if (file.equals(rest)) {
                return true;
            }
        }
        return false;
    }
}
