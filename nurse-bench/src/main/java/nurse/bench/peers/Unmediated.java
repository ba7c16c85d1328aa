package nurse.bench.peers;

import java.util.ArrayList;
import java.util.List;
import nurse.ffm.Kernel;
import nurse.ffm.KernelRefused;
import nurse.ffm.Spawn;

/** The program as it is, with arguments of the benchmark's own behind it. */
public final class Unmediated implements Interceptor {
    private final List<String> more;

    public Unmediated(String... more) {
        this.more = List.of(more);
    }

    @Override
    public int run(Kernel kernel, List<String> arguments, List<Integer> standard) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(more);
        int[] sources = standard.stream().mapToInt(fd -> fd).toArray();
        int pid = KernelRefused.check(
                "posix_spawn", Spawn.spawn(arguments.get(0), all, List.of(), sources, new int[] {0, 1, 2}));
        return Waiting.exitStatus(Waiting.forExit(kernel, pid));
    }

    @Override
    public String placement() {
        return "pinned to one CPU";
    }

    @Override
    public void place(Kernel kernel, int parentThread, int program) {
        Cpus.pin(kernel, program, Cpus.second());
    }
}
