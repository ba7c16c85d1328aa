package nurse.bench.policy;

import java.util.List;
import java.util.concurrent.TimeUnit;
import nurse.helper.policy.Access;
import nurse.helper.policy.Decision;
import nurse.helper.policy.Policy;
import nurse.helper.policy.PolicyBuilder;
import nurse.helper.policy.PolicyException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One decision about a name, by the built-in rules and two of a user's. With {@code -prof gc} it says that no object is made;
 * PolicyTest sees to that as well.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PolicyBenchmark {
    private final List<String> paths = List.of(
            "/usr/lib/python3.11/encodings/__pycache__/utf_8.cpython-311.pyc",
            "/etc/ld.so.cache",
            "/home/me/work/out/picture.png",
            "/home/me/.ssh/id_ed25519");

    private Policy policy;
    private int next;

    @Setup(Level.Trial)
    public void compile() throws PolicyException {
        policy = new PolicyBuilder("/home/me/work")
                .read("/home/me/pictures")
                .write("out")
                .build()
                .files();
    }

    /** The four names in turn. */
    @Benchmark
    public Decision decide() {
        next = next + 1 & 3;
        return policy.decide(paths.get(next), Access.READ);
    }

    /** A name whose first component no rule has: looked at to its end all the same, since what is odd in it is refused. */
    @Benchmark
    public Decision unknown() {
        return policy.decide("/srv/www/a/page/that/no/rule/knows.html", Access.READ | Access.WRITE);
    }
}
