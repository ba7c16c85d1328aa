/** What a call is about. */
enum Category {
    FILE,
    DESCRIPTOR,
    MEMORY,
    TIME,
    SIGNAL,
    NETWORK,
    PROCESS,
    IDENTITY,
    SYSTEM,
    IPC,
    SYNC
}
