package nurse.helper.serve;

/** What client and helper say to each other: protocol.h of nurse-native explains it, and ProtocolTest compares the two. */
public final class Protocol {
    public static final int CLIENT_MAGIC = 0x4352554e;
    public static final int CLIENT_VERSION = 3;
    public static final int CALL_MAGIC = 0x00;
    public static final int CALL_VERSION = 0x04;
    public static final int CALL_UMASK = 0x08;
    public static final int CALL_ARGUMENTS = 0x0c;
    public static final int CALL_ENVIRONMENT = 0x10;
    public static final int CALL_HANDED_ON = 0x14;
    public static final int CALL_IGNORED = 0x18;
    public static final int CALL_STARTED = 0x20;
    public static final int CALL_BLOCKED = 0x28;
    public static final int CALL_SIZE = 0x30;
    public static final int CALL_DESCRIPTORS = 4;
    public static final int ANSWER_MAGIC = 0x00;
    public static final int ANSWER_VERSION = 0x04;
    public static final int ANSWER_KIND = 0x08;
    public static final int ANSWER_STATUS = 0x0c;
    public static final int ANSWER_ARGUMENTS = 0x10;
    public static final int ANSWER_ENVIRONMENT = 0x14;
    public static final int ANSWER_SIZE = 0x18;
    public static final int ANSWER_RUN = 1;
    public static final int ANSWER_END = 2;
    public static final int ANSWER_UNLIKE = 3;
    public static final int ANSWER_ALONE = 4;
    public static final int ANSWER_INHERITED = 11;
    public static final int STRINGS_MOST = 0x800000;
    public static final int SERVE_FD = 3;

    private Protocol() {}
}
