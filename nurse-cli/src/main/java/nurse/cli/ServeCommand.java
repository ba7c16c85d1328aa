package nurse.cli;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.LocalSocket;
import nurse.helper.descriptors.HelperFiles;
import nurse.helper.sandbox.Phases;
import nurse.helper.serve.Client;
import nurse.helper.serve.Likeness;
import nurse.helper.serve.Protocol;
import nurse.helper.serve.RunCall;
import org.apache.logging.log4j.LogManager;

/**
 * {@code serve}: a helper for the native client, on the socket that it is handed. One thread for each program that runs.
 *
 * <p>Started by the client: {@code nurse serve} in the foreground, {@code nurse run} in the background ({@code --resident}:
 * until nobody has used it for a while) or for one run only ({@code --once}).
 */
final class ServeCommand {
    /** Programs at the same time, where the limit of open files leaves room for them. */
    private static final int MOST = 256;

    private static final long IDLE_NANOS = 60_000_000_000L;
    private static final long STACK_BYTES = 512 * 1024;

    private final Kernel kernel;
    private final Likeness likeness;
    private final AtomicInteger running = new AtomicInteger();
    private final int most;

    private ServeCommand(Kernel kernel) {
        this.kernel = kernel;
        String client = System.getProperty("nurse.client");
        if (client == null) {
            throw withoutClient();
        }
        this.likeness = new Likeness(kernel, client);
        AttachDoor.shut(kernel);
        this.most = (int) Math.min(HelperFiles.of(kernel).programs(), MOST);
        kernel.umask(0); // every program's own is applied by the helper, file by file
    }

    static CannotRun withoutClient() {
        return new CannotRun(
                CannotRun.USAGE,
                "serve belongs to the native client",
                "the helper finds programs to serve at a socket, which the client makes",
                "nurse serve, with the nurse that is beside the jar");
    }

    static int run(Kernel kernel, List<String> arguments, long begin) {
        String how = arguments.isEmpty() ? "" : arguments.get(0);
        ServeCommand serve = new ServeCommand(kernel);
        switch (how) {
            case "--once" -> {
                serve.serve(kernel, Protocol.SERVE_FD, begin);
                endAtOnce(kernel, 0);
            }
            case "--resident" -> serve.accept(IDLE_NANOS);
            case "" -> serve.accept(-1);
            default -> throw new CannotRun(CannotRun.USAGE, "serve has no options", "", "nurse serve");
        }
        return 0;
    }

    /** Without the JVM's shutdown, which takes milliseconds; but it is what writes a cache of classes, when one is made. */
    static void endAtOnce(Kernel kernel, int status) {
        if (System.getProperty("nurse.train") == null) {
            kernel.exit_group(status);
        }
    }

    private void accept(long idleNanos) {
        while (true) {
            int ready = kernel.poll(Protocol.SERVE_FD, Kernel.POLLIN, idleNanos);
            if (ready == 0 && running.get() == 0) {
                // Whoever has connected, and is not answered any more, starts another (client_run.c).
                String socket = System.getProperty("nurse.socket");
                if (socket != null) {
                    kernel.unlinkat(Kernel.AT_FDCWD, socket, 0);
                }
                return;
            }
            if (ready > 0) {
                int socket = LocalSocket.accept(kernel, Protocol.SERVE_FD);
                if (socket >= 0) {
                    start(socket);
                } else if (socket == -Errno.EMFILE || socket == -Errno.ENFILE) {
                    pause();
                }
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException nobodyDoes) {
            Thread.currentThread().interrupt();
        }
    }

    private void start(int socket) {
        running.incrementAndGet();
        Thread thread = new Thread(null, () -> serveAndCount(socket), "run", STACK_BYTES);
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (OutOfMemoryError noThread) {
            running.decrementAndGet();
            kernel.close(socket);
        }
    }

    private void serveAndCount(int socket) {
        try (Kernel own = Kernel.confined()) {
            serve(own, socket, System.nanoTime());
        } catch (RuntimeException | Error failure) { // StackOverflowError, too
            // This run's program has been ended by then, and no other has to do with it.
            LogManager.getLogger(ServeCommand.class).fatal("a run failed; please report this", failure);
        } finally {
            running.decrementAndGet();
        }
    }

    private void serve(Kernel own, int socket, long begin) {
        try (Client client = new Client(own, socket)) {
            RunCall call = client.call(likeness);
            if (call == null) {
                return;
            }
            Phases phases = new Phases(call.handedOn() ? CommandLine.started(own, client.pid()) : call.started());
            if (call.handedOn()) {
                phases.end("java", call.started());
            }
            phases.end("helper", Math.max(begin, call.started()));
            phases.end("call");
            Session session = new Session(own, client, call, phases);
            if (running.get() > most) {
                session.err(full().text());
                client.end(CannotRun.FAILED);
            } else {
                try {
                    client.end(Main.run(session, call.arguments()));
                } catch (NeedsParent alone) {
                    client.sendAway();
                }
            }
        }
    }

    private CannotRun full() {
        return new CannotRun(
                CannotRun.FAILED,
                "the resident helper has no room for another program",
                most + " run already, as many as its limit of open files allows, or " + MOST,
                "wait for some of them to end, or have a helper for this one alone: NURSE_RESIDENT=no nurse run ...");
    }
}
