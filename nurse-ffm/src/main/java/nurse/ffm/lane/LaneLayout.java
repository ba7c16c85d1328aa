package nurse.ffm.lane;

/**
 * Offsets, sizes and numbers of the memory that the three parties share, in bytes. The description, with who writes each
 * field, is {@code nurse-native/src/main/native/include/layout.h}; the names are the same without {@code NURSE_}, and
 * {@code LaneLayoutTest} fails when the two differ in a name or a number.
 *
 * <pre>
 *   orders   | header 0x1000 | trustee's code 0x1000 | lane 0 | lane 1 | ...     written by the helper only
 *   requests | lane 0 | lane 1 | ...                                             written by anyone
 * </pre>
 */
public final class LaneLayout {
    private LaneLayout() {}

    public static final int MAGIC = 0x5352554e;
    public static final int LAYOUT_VERSION = 6;
    public static final int FD_BASE = 1024;
    public static final int FD_CONTROL = 1024;
    public static final int FD_ORDERS = 1025;
    public static final int FD_REQUESTS = 1026;
    public static final int FD_BELL_HELPER = 1027;
    public static final int FD_BELL_UNTRUSTEE = 1028;
    public static final int FD_CHANNEL = 1029;
    public static final int FD_AUDIT = 1030;
    public static final int FD_PROGRAM = 1031;
    public static final int FD_LOADER = 1032;
    public static final int FD_LIFE = 1033;
    public static final int FD_RULES = 1034;
    public static final int FD_COUNT = 11;
    public static final int HEADER_MAGIC = 0x00;
    public static final int HEADER_VERSION = 0x04;
    public static final int HEADER_LANES = 0x08;
    public static final int HEADER_LOCK = 0x0c;
    public static final int HEADER_NAME = 0x10;
    public static final int HEADER_IGNORED = 0x20;
    public static final int HEADER_NAMESPACES = 0x28;
    public static final int HEADER_RULES = 0x2c;
    public static final int HEADER_CAPABILITIES = 0x30;
    public static final int HEADER_BELT = 0x38;
    public static final int HEADER_REPEAT = 0x3c;
    public static final int HEADER_RANDOM = 0x40;
    public static final int HEADER_ORIGIN = 0x50;
    public static final int HEADER_BELT_CODE = 0x100;
    public static final int HEADER_BELT_MAX = 448;
    public static final int HEADER_BELT_SELF = 0x7fffffff;
    public static final int HEADER_SIZE = 0x1000;
    public static final int LOCK_STRICT = 1;
    public static final int LOCK_TRAP = 2;
    public static final int REPEAT_TIME = 1;
    public static final int REPEAT_RANDOM = 2;
    public static final int CODE = 0x1000;
    public static final int CODE_SIZE = 0x1000;
    public static final int CODE_RETURN = 0x04;
    public static final int CODE_SLOW = 0x10;
    public static final int ORDERS_LANES = 0x2000;
    public static final int ORDERS_LANE_SIZE = 0x20000;
    public static final int ORDER = 0x000;
    public static final int ORDER_ARG6 = 0x00;
    public static final int ORDER_RETURN = 0x0c;
    public static final int ORDER_SEQ = 0x10;
    public static final int ORDER_NR = 0x18;
    public static final int ORDER_ARG = 0x1c;
    public static final int ORDER_RESULT = 0x30;
    public static final int ORDER_BELL_BYTE = 0x34;
    public static final int ORDER_SPIN = 0x38;
    public static final int ORDER_ENTRY = 0x3c;
    public static final int ORDER_HELPER_SLEEPS = 0x40;
    public static final int REPLY_SPIN = 0x44;
    public static final int REPLY = 0x080;
    public static final int REPLY_SEQ = 0x00;
    public static final int REPLY_RESULT = 0x04;
    public static final int REPLY_COPIES = 0x08;
    public static final int REPLY_COPY = 0x0c;
    public static final int REPLY_COPY_SIZE = 12;
    public static final int REPLY_COPIES_MAX = 8;
    public static final int ORDER_DATA = 0x1000;
    public static final int ORDER_DATA_SIZE = 0x4000;
    public static final int REPLY_DATA = 0x8000;
    public static final int REPLY_DATA_SIZE = 0x10000;
    public static final int REQUESTS_LANE_SIZE = 0x20000;
    public static final int REQUEST = 0x000;
    public static final int REQUEST_SEQ = 0x00;
    public static final int REQUEST_NR = 0x04;
    public static final int REQUEST_ARG = 0x08;
    public static final int REQUEST_OFFSET = 0x20;
    public static final int REQUEST_LENGTH = 0x38;
    public static final int UNTRUSTEE_SLEEPS = 0xc0;
    public static final int INTERRUPT = 0xc4;
    public static final int RESULT = 0x080;
    public static final int RESULT_SEQ = 0x00;
    public static final int RESULT_VALUE = 0x08;
    public static final int SCRATCH = 0x200;
    public static final int SCRATCH_SIZE = 0x600;
    public static final int REQUEST_DATA = 0x1000;
    public static final int REQUEST_DATA_SIZE = 0x11000;
    public static final int CHANNEL_MASK = 0x3fffffff;
    public static final int CALL_LOCKED = 0x4e550001;
    public static final int CALL_RAISE = 0x4e550002;
    public static final int RESTART = 512;
    public static final int HELLO_MAGIC = 0;
    public static final int HELLO_VERSION = 4;
    public static final int HELLO_ORDERS = 8;
    public static final int HELLO_REQUESTS = 12;
    public static final int HELLO_TRUSTEE = 16;
    public static final int HELLO_VDSO = 20;
    public static final int HELLO_VDSO_SIZE = 24;
    public static final int HELLO_TRAPS = 28;
    public static final int HELLO_SEALED = 32;
    public static final int HELLO_VSYSCALL = 36;
    public static final int HELLO_SIZE = 40;
}
