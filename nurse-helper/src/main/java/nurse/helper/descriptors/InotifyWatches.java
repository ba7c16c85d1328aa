package nurse.helper.descriptors;

import nurse.ffm.Errno;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.ffm.lane.LaneLayout;
import nurse.helper.descriptors.Shares.Share;

/** How many watches the program's inotify instances have (inotify(7)): the kernel counts those of a user together. */
public final class InotifyWatches {
    private static final String LINE = "inotify wd:"; // proc(5), fdinfo: one a watch

    private final Kernel kernel;
    private final Descriptors descriptors;

    public InotifyWatches(Kernel kernel, Descriptors descriptors) {
        this.kernel = kernel;
        this.descriptors = descriptors;
    }

    /** ENOSPC when the run has as many as it may. To be asked before one is added. */
    public void requireRoom() {
        if (!descriptors.shares().has(Share.WATCHES, 1)) {
            recount();
            descriptors.shares().require(Share.WATCHES, 1, Errno.ENOSPC);
        }
    }

    /** One was added to the instance {@code fd}, or a file's changed: {@link #recount} finds out which when it matters. */
    public void added(int fd) {
        descriptors.shares().charge(descriptors.get(fd), Share.WATCHES, 1);
    }

    /** Those that were removed, or went with their file, do not count any more. */
    private void recount() {
        for (int fd = 0; fd < LaneLayout.FD_BASE; fd++) {
            OpenFile file = descriptors.find(fd);
            if (file != null && file.charges().containsKey(Share.WATCHES)) {
                int borrowed = descriptors.borrowOrError(fd);
                String info = borrowed < 0 ? null : ProcFs.read(kernel, "/proc/self/fdinfo/" + borrowed);
                descriptors.giveBack(fd, borrowed);
                if (info != null) {
                    long watches =
                            info.lines().filter(line -> line.startsWith(LINE)).count();
                    descriptors.shares().recharge(file, Share.WATCHES, watches);
                }
            }
        }
    }
}
