package nurse.helper.layers;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.File;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.OptionalInt;
import java.util.Set;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.ffm.Landlock;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.files.View;
import nurse.helper.policy.NetworkRules;
import nurse.helper.policy.Policy;
import nurse.helper.policy.PolicyBuilder;

/**
 * Makes ready what confines one sandbox: the helper's thread by {@link #ofThread}, the process by what the launcher finds in
 * the header and behind its descriptors. What has come of it is in {@link #layers}, once the process was looked at.
 *
 * <p>For the one thread that serves the sandbox, which it confines for good.
 */
public final class Confinement implements AutoCloseable {
    /** What a policy without network takes away from the process. */
    public static final int NAMESPACES = Kernel.CLONE_NEWNET | Kernel.CLONE_NEWIPC | Kernel.CLONE_NEWUTS;

    // capabilities(7), linux/capability.h
    private static final long CHOWN = 1;
    private static final long DAC_OVERRIDE = 1 << 1;
    private static final long DAC_READ_SEARCH = 1 << 2;
    private static final long FOWNER = 1 << 3;
    private static final long FSETID = 1 << 4;
    private static final long KILL = 1 << 5;
    private static final long NET_BIND_SERVICE = 1 << 10;
    private static final long IPC_LOCK = 1 << 14;
    private static final long SYS_NICE = 1 << 23;
    private static final long LEASE = 1 << 28;

    /** What a program of root's may still do with descriptors and memory; files by name are the helper's. */
    public static final long KEPT_BY_PROCESS = FOWNER | FSETID | NET_BIND_SERVICE | IPC_LOCK | LEASE;

    /**
     * The helper looks files up and changes their owners for it; and it may look at a process only that has no capability
     * which it lacks itself (ptrace(2), security/commoncap.c).
     */
    private static final long KEPT_BY_HELPER =
            KEPT_BY_PROCESS | CHOWN | DAC_OVERRIDE | DAC_READ_SEARCH | KILL | SYS_NICE;

    private final Kernel kernel;
    private final View view;
    private final Policy files;
    private final NetworkRules network;
    private final boolean asks;
    private final int abi;
    private final ActiveLayers layers = new ActiveLayers();
    private Landlock rules;

    /**
     * @param asks whether the user may allow more than the policy does: no layer, once put on, allows more
     */
    public Confinement(Kernel kernel, View view, PolicyBuilder.RunPolicy policy, boolean asks) {
        this.kernel = kernel;
        this.view = view;
        this.files = policy.files();
        this.network = asks ? NetworkRules.of(NetworkRules.parse(null, "all", "--ask")) : policy.network();
        this.asks = asks;
        this.abi = Landlock.abi(kernel);
    }

    public ActiveLayers layers() {
        return layers;
    }

    /** Which namespaces of its own the process is to get; 0 when the policy lets it talk to the machine's network. */
    public int namespaces() {
        return needsNetwork() ? NAMESPACES & ~Kernel.CLONE_NEWNET : NAMESPACES;
    }

    /** Abstract names are those of a network namespace, too (unix(7)). */
    private boolean needsNetwork() {
        return network.allowsInternet() || network.allowsAbstract();
    }

    /**
     * Confines the calling thread to the files that the policy names. To be called before it starts the process: a thread
     * under Landlock may look only at processes that are at least as confined as itself.
     *
     * @param executed descriptors of what the launcher executes
     */
    public void ofThread(int... executed) {
        if (asks) {
            layers.missing(Layer.HELPER_LANDLOCK, "whoever is asked (--ask) may allow any file");
            return;
        }
        if (abi < Landlock.ABI_REFER) {
            layers.missing(
                    Layer.HELPER_LANDLOCK,
                    abi == 0 ? noLandlock() : "the kernel's Landlock cannot move files (Linux 5.19 can)");
            return;
        }
        boolean ordinary = kernel.geteuid() != 0;
        try (Landlock own = Rights.ofTheHelper(kernel, view, files, ownFiles(), executed, ordinary)) {
            KernelRefused.check("prctl", kernel.prctl(Kernel.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
            own.restrictThread();
            layers.active(Layer.HELPER_LANDLOCK);
        } catch (KernelRefused refused) {
            layers.missing(Layer.HELPER_LANDLOCK, refused.getMessage());
        }
    }

    /** The JDK's and our own code, for classes that are not loaded yet. */
    private static Set<String> ownFiles() {
        Set<String> files = new LinkedHashSet<>(JavaFiles.of(Path.of(System.getProperty("java.home"))));
        files.addAll(Arrays.asList(System.getProperty("java.class.path").split(File.pathSeparator)));
        files.remove("");
        return files;
    }

    private static String noLandlock() {
        return "the kernel has no Landlock, or it is switched off (CONFIG_SECURITY_LANDLOCK, lsm=)";
    }

    /**
     * Writes down what the launcher is to put on.
     *
     * @param executed descriptors of what it executes
     * @return the rule set that it is to be given as FD_RULES, if there is one; stays ours
     */
    public OptionalInt ofProcess(MemorySegment header, int... executed) {
        header.set(JAVA_INT, LaneLayout.HEADER_NAMESPACES, namespaces());
        header.set(JAVA_LONG, LaneLayout.HEADER_CAPABILITIES, KEPT_BY_PROCESS);
        if (abi == 0) {
            layers.missing(Layer.LANDLOCK, noLandlock());
            layers.missing(Layer.LANDLOCK_TCP, noLandlock());
            layers.missing(Layer.LANDLOCK_SCOPES, noLandlock());
            return OptionalInt.empty();
        }
        rules = Rights.ofTheProcess(kernel, abi, executed, network);
        header.set(JAVA_INT, LaneLayout.HEADER_RULES, 1);
        return OptionalInt.of(rules.fd());
    }

    /** The process was seen to be under its rules. */
    public void restricted() {
        if (rules == null) {
            return;
        }
        layers.active(Layer.LANDLOCK);
        layers.set(
                Layer.LANDLOCK_TCP,
                Rights.tcp(abi, network) != 0,
                abi < Landlock.ABI_NETWORK
                        ? "the kernel's Landlock knows no network (Linux 6.7 does)"
                        : asks ? "whoever is asked (--ask) may allow any port" : "the policy allows every port");
        layers.set(
                Layer.LANDLOCK_SCOPES,
                Rights.scopes(abi, network) != 0,
                "the kernel's Landlock knows no scopes (Linux 6.12 does)");
    }

    /** Whether there are rules that the process has to be under. */
    public boolean hasRules() {
        return rules != null;
    }

    /** Takes from the calling thread what it needed to start the process only. */
    public void dropCapabilities() {
        int result = kernel.keepCapabilities(KEPT_BY_HELPER);
        layers.set(Layer.HELPER_CAPABILITIES, result == 0, "capset(2) failed");
    }

    @Override
    public void close() {
        if (rules != null) {
            rules.close();
            rules = null;
        }
    }
}
