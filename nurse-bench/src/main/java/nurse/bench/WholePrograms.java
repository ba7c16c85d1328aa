package nurse.bench;

import java.io.IOException;
import nurse.bench.programs.Measurement;
import nurse.bench.programs.Peer;
import nurse.bench.programs.Place;
import nurse.bench.programs.Runs;
import nurse.bench.programs.WholeProgram;

/** Whole programs under everything, round by round, so that what disturbs the machine disturbs all of them. */
final class WholePrograms implements Section {
    @Override
    public String name() {
        return "programs";
    }

    @Override
    public void measure(Effort effort, Results results, Progress progress) throws IOException, InterruptedException {
        Runs runs = results.read("programs", Runs.class).orElseGet(Runs::new);
        Measurement measurement = new Measurement(Place.ofBench(), runs);
        int done = 0;
        int all = effort.rounds() * WholeProgram.values().length;
        measurement.prepare();
        for (int round = 0; round < effort.rounds(); round++) {
            for (WholeProgram program : WholeProgram.values()) {
                progress.step(++done, all, "round " + (round + 1) + ", " + program.title());
                for (Peer peer : Peer.values()) {
                    measurement.round(peer, program, round);
                }
                if (program == WholeProgram.TRUE) {
                    measurement.bareJvm(round);
                    measurement.starts(round);
                }
                results.write("programs", runs);
            }
        }
        progress.end();
    }
}
