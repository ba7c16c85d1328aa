/** The tables as C and assembly include them. */
final class CHeaders {
    /** The header keeps the argument's index in the low three bits of a counted size, the record's size above. */
    static final int COUNTED_SHIFT = 3;

    private final Table table;

    CHeaders(Table table) {
        this.table = table;
    }

    String syscallsHeader() {
        Text out = new Text();
        out.lines(
                "/* Written by GenerateSyscalls.java from i386.tbl: change the table, not this file. */",
                "#ifndef NURSE_SYSCALLS_H",
                "#define NURSE_SYSCALLS_H",
                "");
        for (Call call : table.calls()) {
            out.line("#define NURSE_NR_" + call.name() + " " + call.number());
        }
        out.lines(
                "",
                "/* One more than the highest number; some numbers below it are no call. */",
                "#define NURSE_NR_COUNT " + table.count(),
                "",
                "#ifndef __ASSEMBLER__",
                "",
                "/* Who carries a call out. Unknown is 0, so that an entry nobody filled in is unknown: ENOSYS. */",
                "enum {",
                "    NURSE_CLASS_UNKNOWN = 0,");
        for (CallClass callClass : CallClass.values()) {
            int value = callClass.ordinal() + 1;
            out.line("    NURSE_CLASS_" + callClass + " = " + value + ", /* " + callClass.meaning + " */");
        }
        out.lines(
                "};",
                "",
                "/* How the gate copies what an argument points to. A null pointer is not followed, it stays null. */",
                "enum {",
                "    NURSE_PACK_NONE = 0,    /* not at all: a value, or a pointer that goes as it is */",
                "    NURSE_PACK_PATH = 1,    /* up to and with its NUL */",
                "    NURSE_PACK_FIXED = 2,   /* size[i] bytes */",
                "    NURSE_PACK_SIZED = 3,   /* as many bytes as argument size[i] says */",
                "    NURSE_PACK_COUNTED = 4, /* as many records as argument NURSE_COUNTED_ARG(size[i]) says,",
                "                               each of NURSE_COUNTED_BYTES(size[i]) bytes */",
                "};",
                "",
                "#define NURSE_COUNTED_ARG(size) ((size) & " + ((1 << COUNTED_SHIFT) - 1) + "u)",
                "#define NURSE_COUNTED_BYTES(size) ((unsigned)(size) >> " + COUNTED_SHIFT + ")",
                "",
                "struct nurse_call {",
                "    unsigned char class_;   /* NURSE_CLASS_... */",
                "    unsigned char pack[6];  /* NURSE_PACK_..., only where the request leaves the untrustee */",
                "    unsigned short size[6]; /* as pack[i] says */",
                "    short refuse_errno;     /* positive when class_ is NURSE_CLASS_REFUSE or NURSE_CLASS_OWN, else 0 */",
                "};",
                "",
                "static const struct nurse_call nurse_calls[NURSE_NR_COUNT] __attribute__((unused)) = {");
        for (Call call : table.calls()) {
            out.line(entry(call));
        }
        out.lines("};", "", "#endif /* __ASSEMBLER__ */", "#endif /* NURSE_SYSCALLS_H */");
        return out.toString();
    }

    private String entry(Call call) {
        StringBuilder packs = new StringBuilder();
        StringBuilder sizes = new StringBuilder();
        for (int i = 0; i < TableReader.MAX_ARGS; i++) {
            String pack = "0";
            int size = 0;
            if (i < call.args().size() && call.callClass().travels()) {
                Arg arg = call.args().get(i);
                if (arg.kind() == Kind.PATH || arg.kind() == Kind.STR) {
                    pack = "NURSE_PACK_PATH";
                } else if (arg.kind() == Kind.IN || arg.kind() == Kind.INOUT) {
                    if (arg.sizeArg() < 0) {
                        pack = "NURSE_PACK_FIXED";
                        size = arg.size();
                    } else if (arg.size() == 1) {
                        pack = "NURSE_PACK_SIZED";
                        size = arg.sizeArg();
                    } else {
                        pack = "NURSE_PACK_COUNTED";
                        size = arg.size() << COUNTED_SHIFT | arg.sizeArg();
                    }
                }
            }
            String comma = i == 0 ? "" : ", ";
            packs.append(comma).append(pack);
            sizes.append(comma).append(size);
        }
        return "    [NURSE_NR_" + call.name() + "] = {NURSE_CLASS_" + call.callClass() + ", {" + packs + "}, {" + sizes
                + "}, " + table.refuseErrno(call) + "},";
    }

    String errnoHeader() {
        Text out = new Text();
        out.lines(
                "/* Written by GenerateSyscalls.java from errno.tbl: change the table, not this file. */",
                "#ifndef NURSE_ERRNO_H",
                "#define NURSE_ERRNO_H",
                "",
                "/* Positive, spelled as the kernel's header does, so that both may be included. */");
        table.errnos().forEach((name, errno) -> out.line("#define " + name + " " + errno.number()));
        out.lines("", "#endif /* NURSE_ERRNO_H */");
        return out.toString();
    }
}
