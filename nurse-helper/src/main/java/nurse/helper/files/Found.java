package nurse.helper.files;

import nurse.ffm.Kernel;
import nurse.helper.calls.CallError;

/**
 * What a look-up found. It belongs to the call that asked, which closes it; a call that keeps the descriptor does not.
 *
 * @param kernel closes the descriptor
 * @param fd a descriptor of the helper's, or the negative errno that says why there is none
 * @param name the canonical name that was judged, whether or not there is a file of that name
 * @param created whether the look-up itself made the file, for certain
 */
public record Found(Kernel kernel, int fd, String name, boolean created) implements AutoCloseable {
    /** This, if there is a descriptor. */
    Found orThrow() {
        CallError.check(fd);
        return this;
    }

    @Override
    public void close() {
        if (fd >= 0) {
            kernel.close(fd);
        }
    }
}
