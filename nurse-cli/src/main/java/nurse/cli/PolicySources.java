package nurse.cli;

import java.util.List;
import nurse.ffm.Kernel;
import nurse.ffm.ProcFs;
import nurse.helper.policy.PolicyFile;
import nurse.helper.profiles.Profiles;
import org.jspecify.annotations.Nullable;

/** Where policies come from that others extend: the jar, and the user's files. */
record PolicySources(Kernel kernel, String root) implements PolicyFile.Sources {
    @Override
    public List<String> profiles() {
        return Profiles.NAMES;
    }

    @Override
    public @Nullable String profile(String name) {
        return Profiles.text(name);
    }

    /** Names are the program's: below its root, unless it is one of the host's directories that it sees under its own name. */
    @Override
    public @Nullable String file(String path) {
        String bytes = ProcFs.read(kernel, path);
        return bytes != null || root.equals("/") ? bytes : ProcFs.read(kernel, root + path);
    }
}
