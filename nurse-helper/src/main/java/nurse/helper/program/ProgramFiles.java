package nurse.helper.program;

/**
 * The files as the program will see them, and as far as the policy lets it: with {@code --root DIR}, the name {@code /} is
 * DIR. Implemented by the sandbox over its view; here are only names.
 */
@FunctionalInterface
public interface ProgramFiles {
    /**
     * Opens a file to be executed. Links are followed, inside the view only.
     *
     * @param path absolute name inside the sandbox, not canonical; bytes as ISO-8859-1
     */
    Opening open(String path);

    /** What came of {@link #open}. */
    sealed interface Opening {
        /** It is open; who receives this closes it. */
        record Opened(OpenProgram file) implements Opening {}

        /**
         * It is not.
         *
         * @param detail the policy's rule, or the system's message, fit to be shown; empty when there is nothing more to say
         */
        record Failed(Failure failure, String detail) implements Opening {
            public Failed(Failure failure) {
                this(failure, "");
            }
        }
    }

    /** Why a file cannot be opened. */
    enum Failure {
        /** ENOENT. */
        NOT_FOUND("there is no such file"),
        /** ENOTDIR: something on the way is not a directory. */
        NOT_A_DIRECTORY("a part of its path is not a directory"),
        /** EACCES: the file system's permissions forbid it to this user. */
        ACCESS_DENIED("this user may not read it"),
        /** ELOOP. */
        TOO_MANY_LINKS("its path goes through too many symbolic links"),
        /** ENAMETOOLONG. */
        NAME_TOO_LONG("its name is too long"),
        /** EPERM: the sandbox's policy forbids it. */
        REFUSED_BY_POLICY("the policy of this sandbox does not allow to read it"),
        /** Any other errno; the detail says which. */
        OTHER("the system refused to open it");

        private final String text;

        Failure(String text) {
            this.text = text;
        }

        /** The reason as half a sentence for a message. */
        public String text() {
            return text;
        }
    }
}
