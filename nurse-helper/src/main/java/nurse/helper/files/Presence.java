package nurse.helper.files;

/** What a call needs of a name in a directory, before the kernel asks who may change it. */
enum Presence {
    /** Else ENOENT. */
    THERE,
    /** Else EEXIST. */
    ABSENT,
    /** What is there is replaced, as by rename(2). */
    EITHER
}
