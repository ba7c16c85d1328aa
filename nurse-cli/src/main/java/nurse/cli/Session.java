package nurse.cli;

import java.util.Map;
import nurse.ffm.Kernel;
import nurse.helper.sandbox.Phases;
import nurse.helper.sandbox.ProcessMaker;
import nurse.helper.sandbox.StartSignals;
import nurse.helper.serve.Client;
import nurse.helper.serve.RunCall;

/** A client of a helper as the one who wants a program run: the client becomes the program. */
final class Session implements Caller {
    private final Kernel kernel;
    private final Client client;
    private final RunCall call;
    private final Phases phases;

    Session(Kernel kernel, Client client, RunCall call, Phases phases) {
        this.kernel = kernel;
        this.client = client;
        this.call = call;
        this.phases = phases;
    }

    @Override
    public Map<String, String> environment() {
        return call.environment();
    }

    @Override
    public int directory() {
        return call.directory();
    }

    @Override
    public String directoryName() {
        return DirectoryName.of(kernel, "/proc/self/fd/" + call.directory());
    }

    @Override
    public String host(String name) {
        String directory = directoryName();
        SelfNames names = new SelfNames(
                client.pid(), directory == null ? "/" : directory, link -> kernel.readlinkat(Kernel.AT_FDCWD, link));
        return names.forAll(name);
    }

    @Override
    public int umask() {
        return call.umask();
    }

    @Override
    public StartSignals signals() {
        return call.signals();
    }

    @Override
    public boolean isParent() {
        return false;
    }

    @Override
    public ProcessMaker maker() {
        return client.maker();
    }

    @Override
    public int error() {
        return call.error();
    }

    @Override
    public void out(String text) {
        Messages.write(kernel, call.output(), text);
    }

    @Override
    public Phases phases() {
        return phases;
    }

    @Override
    public Kernel kernel() {
        return kernel;
    }
}
