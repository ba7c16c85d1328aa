package nurse.helper.policy;

/** What a call wants to do with a file: the question that is put to a {@link Policy}. Plain numbers, for the hot path. */
public final class Access {
    /** To know that it is there and what it is: stat, readlink, access(F_OK), to walk through a directory. */
    public static final int LOOKUP = 0;

    /** To read a file, list a directory, map it. */
    public static final int READ = 1;

    /** To change a file or its attributes, to make or remove it; includes the others. */
    public static final int WRITE = 2;

    private Access() {}
}
