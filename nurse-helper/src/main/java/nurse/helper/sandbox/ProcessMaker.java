package nurse.helper.sandbox;

import java.util.List;
import nurse.ffm.Kernel;
import nurse.helper.descriptors.HelperFiles;

/** Makes the process that a sandbox is to hold, and is its parent, or knows who is. One process each; not thread-safe. */
public interface ProcessMaker {
    /**
     * A process that has begun as the launcher.
     *
     * @param pidfd the sandbox closes it
     */
    record Made(int pid, int pidfd) {}

    /**
     * Has the launcher executed in a process of its own, with standard descriptors that this knows of.
     *
     * @param launcher a descriptor of the launcher's file
     * @param arguments argv, one char a byte
     * @param environment NAME=value, one char a byte
     * @param inherited descriptors that it finds as 3 and the numbers behind; it has no others
     * @throws SandboxFailed when there is no process now
     */
    Made make(Kernel kernel, int launcher, List<String> arguments, List<String> environment, int[] inherited);

    /**
     * From now on has the process's output pass through a pump. To be called before {@link #make}.
     *
     * @throws UnsupportedOperationException when this maker does not have the user's descriptors: it is no parent
     */
    void pumpOutput(Kernel kernel, OutputPump pump);

    /**
     * How many SECCOMP filters the process is under before the launcher puts on any: a container's, a service's. To be asked
     * before {@link #make}.
     */
    int filters(Kernel kernel);

    /** From which number on the helper's descriptors are not for a program that has many ({@link HelperFiles}). */
    int sharedFiles(Kernel kernel);

    /** Who must be the process's parent and ends it by its own end, or 0 when that is not to be asked for. */
    int parent();

    /**
     * Waits until the process has ended, and reaps it if that is ours to do.
     *
     * @return 0 to 255 for its exit status, 256 + n if signal n killed it, or a negative errno when only its parent knows
     */
    int awaitEnd(Kernel kernel, int pidfd);
}
