/** What an argument is. */
enum Kind {
    INT("a plain value"),
    FD("a descriptor"),
    DIRFD("a descriptor of a directory, or {@code AT_FDCWD}"),
    PATH("a NUL-terminated file name"),
    STR("another NUL-terminated string: an attribute's name, a symbolic link's text"),
    FLAGS("a set of bits"),
    MODE("permission bits of a file"),
    SIZE("a length or a count"),
    PID("a process, a thread or a process group"),
    SIG("a signal's number"),
    ADDR("an address that is itself the subject"),
    PTR("a pointer that the call is executed with as it is, or a value or pointer as the call's command says"),
    IN("the kernel reads there: copied once, judged, and the copy is what is executed"),
    OUT("the kernel writes there"),
    INOUT("the kernel reads there, then writes there");

    final String meaning;

    Kind(String meaning) {
        this.meaning = meaning;
    }

    boolean hasExtent() {
        return this == IN || this == OUT || this == INOUT;
    }
}
