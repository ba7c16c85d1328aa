package nurse.helper.program;

/** Who maps a program, and so what has to be asked of its file before (docs/lock.md). */
public enum Mapper {
    /** The helper's orders, when the process is locked: a file harms nobody but its own program. */
    HELPER,
    /** ld.so, before the lock: ld.so and the file have to be as ld.so expects a linker to have made them. */
    LOADER
}
