package nurse.cli.watch;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import nurse.ffm.Errno;
import nurse.helper.calls.Syscall;
import nurse.helper.policy.Decision;
import nurse.helper.sandbox.RefusalLog;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a run was refused, in memory that is bounded whatever the program does, and forgets nothing of weight.
 *
 * <p>A hostile program can be refused as many things as it likes, to bury one among them. When there is no room left, first
 * the files that are not there go, and only their number stays: the program would have got nothing of them without nurse
 * either. Then the largest families are folded, the files of one directory into the directory.
 */
public final class Refusals implements RefusalLog {
    private static final int MOST = 1000;
    /** The names that are kept, and their keys. */
    private static final int MOST_CHARS = 1 << 20;
    /** A longer name than the kernel takes at once (PATH_MAX) is kept as the directory that it begins with. */
    private static final int LONGEST = 4096;

    private final Predicate<String> isThere;
    private final Map<String, Refused> kinds = new LinkedHashMap<>();
    private @Nullable Syscall call;
    private @Nullable Refused absent;
    private long absentTimes;
    private long count;
    private int chars;
    /** How many of {@link #kinds}, from the first one on, are known to be there. */
    private int known;

    /** @param isThere whether there is a file of this canonical name, as the program sees it */
    public Refusals(Predicate<String> isThere) {
        this.isThere = isThere;
    }

    @Override
    public void answering(Syscall syscall) {
        call = syscall;
    }

    @Override
    public void refused(String name, Decision decision) {
        refused(call == null ? "run" : call.callName(), name, decision);
    }

    /** As above, with the call's name. */
    void refused(String callName, String name, Decision decision) {
        String file = kept(name);
        String key = callName + ' ' + decision.access() + file;
        if (!isAgain(key)) {
            add(key, Refused.file(callName, file, decision));
        }
    }

    @Override
    public void refused(String callName, int errno, String why) {
        String key = callName + ' ' + why;
        if (!isAgain(key)) {
            add(key, Refused.call(callName, errno, why));
        }
    }

    @Override
    public void refusedFile(String name, int errno, String why) {
        refused(call == null ? "run" : call.callName(), name, errno, why);
    }

    /** As above, with the call's name. */
    void refused(String callName, String name, int errno, String why) {
        String file = kept(name);
        String key = callName + ' ' + why + ' ' + file;
        if (!isAgain(key)) {
            add(key, Refused.file(callName, file, errno, why));
        }
    }

    @Override
    public void refusedAddress(String callName, String rule, String why) {
        String key = callName + ' ' + why;
        if (!isAgain(key)) {
            add(key, Refused.address(callName, Errno.EPERM, why, rule));
        }
    }

    private static String kept(String name) {
        return name.length() <= LONGEST ? name : name.substring(0, Math.max(name.lastIndexOf('/', LONGEST), 1));
    }

    private boolean isAgain(String key) {
        count++;
        Refused kind = kinds.get(key);
        if (kind != null) {
            kind.times++;
        }
        return kind != null;
    }

    private void add(String key, Refused kind) {
        kind.times++;
        put(key, kind);
        if (kinds.size() > MOST || chars > MOST_CHARS) {
            makeRoom();
        }
    }

    private void put(String key, Refused kind) {
        Refused other = kinds.putIfAbsent(key, kind);
        if (other == null) {
            chars += 2 * key.length();
        } else {
            other.times += kind.times;
            other.folded += kind.folded;
        }
    }

    /** Leaves half of the room free, so that the work for each refusal is the same however many there are. */
    private void makeRoom() {
        forgetAbsent();
        List<Refused> rest = List.copyOf(kinds.values());
        if (rest.size() > MOST / 2 || chars > MOST_CHARS / 2) {
            kinds.clear();
            chars = 0;
            int most = MOST / 2;
            do {
                rest = Folding.fold(rest, most);
                most /= 2;
            } while (most > 0
                    && 2 * rest.stream().mapToLong(kind -> kind.file.length()).sum() > MOST_CHARS / 2);
            rest.forEach(kind -> put(key(kind), kind));
        }
        known = kinds.size();
    }

    private static String key(Refused kind) {
        if (!kind.file.isEmpty() && kind.folded == 1) {
            return kind.decision == null
                    ? kind.call + ' ' + kind.why + ' ' + kind.file
                    : kind.call + ' ' + kind.decision.access() + kind.file;
        }
        return kind.folded == 1 ? kind.call + ' ' + kind.why : "below " + kind.family(kind.file);
    }

    private void forgetAbsent() {
        List<String> gone = new ArrayList<>();
        int i = 0;
        for (Map.Entry<String, Refused> kind : kinds.entrySet()) {
            if (i++ >= known && kind.getValue().isAbsent(isThere)) {
                gone.add(kind.getKey());
            }
        }
        for (String key : gone) {
            Refused kind = kinds.remove(key);
            chars -= 2 * key.length();
            absent = absent == null ? kind : absent;
            absentTimes += kind.times;
        }
    }

    /** How many calls were refused. */
    public long count() {
        return count;
    }

    /** What was refused, in the order in which it was first refused. Of files that are not there some may be left out. */
    Collection<Refused> kinds() {
        return kinds.values();
    }

    /** One of the files that are left out, as they are not there; null if none is. */
    @Nullable
    Refused leftOut() {
        return absent;
    }

    /** How many refusals were about files that are left out. */
    long timesLeftOut() {
        return absentTimes;
    }

    boolean isAbsent(Refused kind) {
        return kind.isAbsent(isThere);
    }
}
