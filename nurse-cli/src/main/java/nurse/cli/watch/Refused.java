package nurse.cli.watch;

import java.util.List;
import java.util.function.Predicate;
import nurse.helper.observe.Judgement;
import nurse.helper.policy.Access;
import nurse.helper.policy.Decision;
import nurse.helper.policy.Remedy;
import org.jspecify.annotations.Nullable;

/**
 * What refusals have in common that are counted as one: the call and the file, the address or the reason. Or several such
 * that were folded into one, as a hostile program made too many of them: then {@link #file} is the directory that all of them
 * lie below.
 *
 * <p>No record: the first hash of one loads more classes than a run that is refused something should pay for.
 */
final class Refused {
    /** What a refusal is about. A summary has room for each section, so that many refusals of one hide none of another. */
    enum Section {
        NETWORK,
        CHANGE,
        READ,
        CALL
    }

    /** As a rule of [categories] about it is told ({@link nurse.helper.policy.CallRules.Rule}). */
    private static final String NO_NETWORK = "categories network ";

    final String call;
    /** Canonical, one char a byte, hostile; empty if the refusal is not about a file. */
    final String file;
    /** Null if the policy has no say in it. */
    final @Nullable Decision decision;

    final int errno;
    final String why;
    /** The network rule that would allow it; empty if there is none. */
    final String address;
    /** How many were folded into this one; 1 if none was. */
    long folded;

    long times;

    private Refused(
            String call,
            String file,
            @Nullable Decision decision,
            int errno,
            String why,
            String address,
            long folded,
            long times) {
        this.call = call;
        this.file = file;
        this.decision = decision;
        this.errno = errno;
        this.why = why;
        this.address = address;
        this.folded = folded;
        this.times = times;
    }

    /** A file that the policy refuses. */
    static Refused file(String call, String file, Decision decision) {
        return new Refused(call, file, decision, decision.errno(), "", "", 1, 0);
    }

    /** A file that the sandbox refuses whatever the policy says. */
    static Refused file(String call, String file, int errno, String why) {
        return new Refused(call, file, null, errno, why, "", 1, 0);
    }

    static Refused address(String call, int errno, String why, String address) {
        return new Refused(call, "", null, errno, why, address, 1, 0);
    }

    static Refused call(String call, int errno, String why) {
        return new Refused(call, "", null, errno, why, "", 1, 0);
    }

    /** The same with {@code others}, all of one {@link #family}. */
    Refused with(List<Refused> others, String directory) {
        long all = folded;
        long often = times;
        for (Refused other : others) {
            all += other.folded;
            often += other.times;
        }
        return new Refused(call, directory, decision, errno, why, address, all, often);
    }

    Section section() {
        if (!address.isEmpty() || why.startsWith(NO_NETWORK) || why.contains("--net")) {
            return Section.NETWORK;
        }
        if (decision != null && (decision.access() & (Access.CHANGES | Access.BIND)) != 0) {
            return Section.CHANGE;
        }
        return file.isEmpty() ? Section.CALL : Section.READ;
    }

    /** Equal for those that may be folded into one. Files: of one directory, and one option would allow them. */
    String family(String directory) {
        if (!file.isEmpty()) {
            String cure =
                    decision == null ? why : remedy().option().word() + (decision.isByOmission() ? "" : ", denied");
            return cure + ' ' + directory;
        }
        return address.isEmpty() ? section() + why : "address " + call;
    }

    /**
     * Whether it is about a file that the program would not have got without the policy either: it is not there, or is to be
     * made in a directory that is not there.
     *
     * @param isThere whether there is a file of this canonical name
     */
    boolean isAbsent(Predicate<String> isThere) {
        return decision != null && folded == 1 && isAbsent(file, decision, isThere);
    }

    /** As above, of any decision about a file. */
    static boolean isAbsent(String file, Decision decision, Predicate<String> isThere) {
        boolean mayBeMade = (decision.access() & (Access.WRITE | Access.CREATE | Access.BIND)) != 0;
        return !isThere.test(mayBeMade ? Files.parent(file) : file);
    }

    /** As above, of what was decided; what is not about a file is there. */
    static boolean isAbsent(Judgement judgement, Predicate<String> isThere) {
        return judgement instanceof Judgement.OfFile file && isAbsent(file.name(), file.decision(), isThere);
    }

    /** A limit of the policy stopped it: an option gives more. */
    boolean isLimit() {
        return why.contains("--limit ");
    }

    /** It only asked whether the file is there, or may be used. */
    boolean isLook() {
        boolean asks = call.contains("access") || call.contains("stat") || call.startsWith("readlink");
        return decision != null && asks;
    }

    Remedy remedy() {
        if (decision == null) {
            throw new IllegalStateException("the policy did not decide: call=" + call);
        }
        return Remedy.ofAnotherRun(file, decision);
    }
}
