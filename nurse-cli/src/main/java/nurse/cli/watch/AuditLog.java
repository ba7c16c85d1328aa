package nurse.cli.watch;

import java.time.Instant;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import nurse.ffm.Errno;
import nurse.helper.observe.Judgement;
import nurse.helper.observe.ObservedCall;
import nurse.helper.policy.Access;
import nurse.helper.sandbox.Ending;
import org.jspecify.annotations.Nullable;

/**
 * {@code --log FILE}: what was decided, as JSON lines. docs/commands.md has the schema; a change that a reader could trip over
 * raises {@link #VERSION}.
 *
 * <p>A line is written by one write(2) before the program gets its answer, so lines of several runs in one file do not mix and
 * none is missing when nurse is killed. What could not be written is counted, and the last line says how many.
 */
public final class AuditLog implements Spectator {
    static final int VERSION = 1;

    /** A program that calls for hours must not fill the disk: so many bytes of one run, and the rest is counted as lost. */
    static final long LIMIT = 256L << 20;

    /** Behind so many only what was refused and is there is written: what a program is allowed, or looks for, hides none. */
    static final long LIMIT_OF_ALL = LIMIT / 2;

    private final ToIntFunction<String> sink;
    private final Refusals refusals;
    private Predicate<String> isThere = file -> true;
    private String run = "";
    private long bytes;
    private long calls;
    private long decisions;
    private long refused;
    private long lost;
    private boolean broken;

    /**
     * @param sink appends a text to the file by one write; returns how many bytes it wrote, or a negative errno
     * @param refusals what was refused: what the lines that are lost would have told
     */
    public AuditLog(ToIntFunction<String> sink, Refusals refusals) {
        this.sink = sink;
        this.refusals = refusals;
    }

    /** How many lines could not be written. */
    public long lost() {
        return lost;
    }

    @Override
    public void begins(Run begun) {
        run = begun.id();
        isThere = begun.isThere();
        Json start = line("start")
                .putAllBytes("command", begun.command())
                .putBytes("directory", begun.directory())
                .put("lock", begun.lock().word());
        write(begun.dry() ? start.put("dryRun", true) : start);
    }

    @Override
    public void accept(ObservedCall call) {
        calls++;
        for (Judgement judgement : call.judgements()) {
            decisions++;
            refused += judgement.allowed() ? 0 : 1;
            if (bytes < LIMIT_OF_ALL || bytes < LIMIT && matters(judgement)) {
                write(line(call, judgement));
            } else {
                lost++;
            }
        }
    }

    private boolean matters(Judgement judgement) {
        return !judgement.allowed() && !Refused.isAbsent(judgement, isThere);
    }

    private Json line(ObservedCall call, Judgement judgement) {
        Json line = line("decision").put("call", call.name()).put("allowed", judgement.allowed());
        switch (judgement) {
            case Judgement.OfFile file -> {
                line.put("access", Access.describe(file.decision().access())).putBytes("file", file.name());
                error(line, file.decision().errno());
            }
            case Judgement.Other other -> {
                if (!other.what().isEmpty()) {
                    line.put("address", other.what());
                }
                error(line, other.errno());
            }
        }
        return line.put("reason", judgement.reason());
    }

    private Json line(Refused kind) {
        Json line = line("refused").put("call", kind.call);
        if (!kind.file.isEmpty()) {
            line.putBytes(kind.folded > 1 ? "below" : "file", kind.file);
        }
        if (kind.decision != null) {
            line.put("access", Access.describe(kind.decision.access()));
        }
        error(line, kind.errno);
        return line.put("times", kind.times);
    }

    private static void error(Json line, int errno) {
        if (errno != 0) {
            line.put("error", Errno.name(errno));
        }
    }

    @Override
    public void ends(@Nullable Ending ending, int status) {
        if (lost > 0) {
            refusals.kinds().forEach(kind -> write(line(kind)));
        }
        Json line = line("end")
                .put("calls", calls)
                .put("decisions", decisions)
                .put("refused", refused)
                .put("lost", lost);
        end(line, ending);
        write(ending instanceof Ending.Unseen ? line : line.put("status", status));
    }

    /** A status alone does not tell a limit, a signal or a failure of nurse's from an exit with that number. */
    private static void end(Json line, @Nullable Ending ending) {
        switch (ending) {
            case null -> line.put("by", "nurse");
            case Ending.Exited _ -> line.put("by", "exit");
            case Ending.Killed killed -> line.put("by", "signal").put("signal", killed.signal());
            case Ending.Unseen _ -> line.put("by", "signal");
            case Ending.LimitReached reached ->
                line.put("by", "limit").put("limit", reached.limit().word());
            case Ending.OutputLost _ -> line.put("by", "output");
            case Ending.KilledBySeccomp _ -> line.put("by", "lock");
            case Ending.KilledForForgery _ -> line.put("by", "forgery");
        }
    }

    private Json line(String event) {
        return new Json()
                .put("nurse", VERSION)
                .put("event", event)
                .put("time", Instant.now().toString())
                .put("run", run);
    }

    private void write(Json line) {
        String text = (broken ? "\n" : "") + line + "\n";
        int length = text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
        int written = sink.applyAsInt(text);
        bytes += Math.max(written, 0);
        broken = written > 0 && written < length || broken && written <= 0;
        lost += written == length ? 0 : 1;
    }
}
