import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * In which order the trustee's instructions run: every way through them is followed, with what is known of the registers.
 *
 * <p>Proved, for each way from the entry, with whatever the untrustee, the kernel and the helper let stand where it is read:
 * <ul>
 *   <li>an order is run only with a number that is not the last order's, that is even, that is in %xmm7 when it runs, and
 *       that was the same before and after the order's call and arguments were read: so it is run once, and whole;
 *   <li>%xmm7 is written nowhere else, but once, before the first order;
 *   <li>what the trustee calls for itself are lseek of the channel by the last order's number, a write to the bell, and a
 *       wait for the slot's number to change: nothing else, in no other state;
 *   <li>after an order come its result, its number, the channel and, if the helper sleeps, the bell, before another one is
 *       looked at; after a wake-up without an order the bell;
 *   <li>the kernel is entered by the address in the lane only when there is one, %esp is the lane when it is used, every way
 *       stays within the code, and every instruction is on one;
 *   <li>in every loop the lane's number is looked at, or the kernel is entered: it is always the helper that it waits for.
 * </ul>
 */
final class FlowProof {
    private static final int WRITE = 4, LSEEK = 19, FUTEX = 240; // of i386
    private static final int MOST_STATES = 50_000;
    private static final String NUMBER = "xmm7";
    private static final String[] ARGUMENTS = {"ebx", "ecx", "edx", "esi", "edi"};

    private final List<Instruction> code;
    private final Layout layout;
    private final Map<Integer, Integer> places = new HashMap<>();
    private final Set<String> refused = new LinkedHashSet<>();
    private final Set<Visit> seen = new HashSet<>();
    private final Deque<Visit> open = new ArrayDeque<>();
    private final Map<Visit, List<Visit>> ways = new HashMap<>();
    private Visit here;

    private record Visit(int index, State state) {}

    FlowProof(List<Instruction> code, Layout layout) {
        this.code = code;
        this.layout = layout;
        for (int i = 0; i < code.size(); i++) {
            places.put(code.get(i).address(), i);
        }
    }

    int states() {
        return seen.size();
    }

    /** Why the code is refused, with the instruction each; empty if it is accepted. */
    List<String> refusals() {
        followAll(false);
        return new ArrayList<>(refused);
    }

    /** The same, but it ends with the first instruction that is refused. */
    List<String> firstRefusals() {
        followAll(true);
        return new ArrayList<>(refused);
    }

    private void followAll(boolean untilRefused) {
        open.add(new Visit(0, State.FIRST));
        while (!open.isEmpty()) {
            if (untilRefused && !refused.isEmpty()) {
                return;
            }
            Visit visit = open.remove();
            if (seen.add(visit)) {
                here = visit;
                follow(visit.index, visit.state);
            }
            if (seen.size() > MOST_STATES) {
                refused.add("there are too many ways through it");
                break;
            }
        }
        refuseLoopsWithoutALook();
        Set<Integer> reached = new HashSet<>();
        seen.forEach(visit -> reached.add(visit.index));
        for (int i = 0; i < code.size(); i++) {
            if (!reached.contains(i) && !code.get(i).mnemonic().equals("nop")) {
                refuse(i, "is reached on no way");
            }
        }
    }

    private void follow(int index, State state) {
        Instruction instruction = code.get(index);
        if (state.popped() != 0 && !instruction.mnemonic().equals("lea")) {
            refuse(index, "is reached with %esp behind what the kernel's entry popped");
            return;
        }
        switch (instruction.mnemonic()) {
            case "jmp" -> {
                if (instruction.target().isPresent()) {
                    go(index, instruction.target().getAsInt(), state);
                } else {
                    enterByAddress(index, state);
                }
            }
            case "int" -> {
                State after = enter(index, state);
                if (after != null) {
                    go(index, instruction.end(), after);
                }
            }
            case "je", "jne", "js", "jns", "ja", "jae", "jb", "jbe" -> branch(index, state);
            default -> {
                State after = step(index, state);
                if (after != null) {
                    go(index, instruction.end(), after);
                }
            }
        }
    }

    private void go(int index, int address, State state) {
        Integer place = places.get(address);
        if (place == null) {
            refuse(index, "leads out of the code");
        } else {
            Visit next = new Visit(place, state);
            open.add(next);
            ways.computeIfAbsent(here, visit -> new ArrayList<>()).add(next);
        }
    }

    /** Takes away, again and again, what leads to nothing that is left; looks lead nowhere here. Loops remain. */
    private void refuseLoopsWithoutALook() {
        Map<Visit, Integer> leadsTo = new HashMap<>();
        Map<Visit, List<Visit>> before = new HashMap<>();
        Deque<Visit> done = new ArrayDeque<>();
        for (Visit visit : seen) {
            List<Visit> next = isLook(code.get(visit.index)) ? List.of() : ways.getOrDefault(visit, List.of());
            leadsTo.put(visit, next.size());
            next.forEach(other ->
                    before.computeIfAbsent(other, visited -> new ArrayList<>()).add(visit));
            if (next.isEmpty()) {
                done.add(visit);
            }
        }
        while (!done.isEmpty()) {
            Visit visit = done.remove();
            leadsTo.remove(visit);
            for (Visit from : before.getOrDefault(visit, List.of())) {
                if (leadsTo.merge(from, -1, Integer::sum) == 0) {
                    done.add(from);
                }
            }
        }
        leadsTo.keySet().forEach(visit -> refuse(visit.index, "is in a loop, or leads to one, that looks at nothing"));
    }

    private boolean isLook(Instruction instruction) {
        return instruction.text().contains("*")
                || instruction.mnemonic().equals("int")
                || instruction.mnemonic().equals("movq")
                        && instruction.text().contains(" " + hex(layout.number("NURSE_ORDER_SEQ")) + "(%esp)")
                || instruction.mnemonic().equals("cmpl")
                        && instruction.text().endsWith("," + hex(layout.number("NURSE_ORDER_SEQ")) + "(%esp)");
    }

    // ---- ways that part

    private void branch(int index, State state) {
        Instruction instruction = code.get(index);
        int target = instruction.target().orElse(-1);
        switch (instruction.mnemonic()) {
            case "je" -> {
                part(index, state, true, target);
                part(index, state, false, instruction.end());
            }
            case "jne" -> {
                part(index, state, false, target);
                part(index, state, true, instruction.end());
            }
            default -> {
                if (!(state.flags() instanceof Condition.Constants constants)
                        || instruction.mnemonic().matches("jn?s")) {
                    go(index, target, state);
                    go(index, instruction.end(), state);
                } else {
                    go(index, jumps(instruction.mnemonic(), constants) ? target : instruction.end(), state);
                }
            }
        }
    }

    private static boolean jumps(String mnemonic, Condition.Constants constants) {
        int order = Integer.compareUnsigned(constants.left(), constants.right());
        return switch (mnemonic) {
            case "ja" -> order > 0;
            case "jae" -> order >= 0;
            case "jb" -> order < 0;
            case "jbe" -> order <= 0;
            default -> throw new IllegalStateException(mnemonic);
        };
    }

    /** One side of je or jne: goes on with what the zero flag says there. */
    private void part(int index, State state, boolean zero, int address) {
        State after = state;
        if (state.flags() instanceof Condition.Constants constants) {
            if (constants.left() == constants.right() != zero) {
                return;
            }
        } else if (state.flags() instanceof Condition.SameNumber same) {
            int other = same.one() == Value.LAST ? same.other() : same.one();
            boolean withLast = same.one() == Value.LAST || same.other() == Value.LAST;
            if (zero) {
                after = state.confirmed(same.one(), same.other());
            } else if (withLast) {
                after = state.withFresh(other);
                if (after.phase() == State.Phase.WAS_WOKEN) {
                    after = after.with(State.Phase.WAITS);
                }
            }
        } else if (state.flags() instanceof Condition.Complete number && zero) {
            after = state.withComplete(number.id());
        } else if (state.flags() instanceof Condition.NoOrderYet && !zero) {
            after = state.withBegun();
        } else if (state.flags() instanceof Condition.HelperAwake && zero && state.phase() == State.Phase.HAS_TOLD) {
            after = state.with(State.Phase.WAITS);
        }
        go(index, address, after);
    }

    // ---- into the kernel

    /** The helper writes one of two addresses: of the vDSO's entry, which comes back to CODE_RETURN, or CODE_SLOW. */
    private void enterByAddress(int index, State state) {
        if (!state.begun()) {
            refuse(index, "enters the kernel by an address that the helper may not have written yet");
        }
        State after = enter(index, state);
        if (after != null) {
            go(index, layout.number("NURSE_CODE_RETURN"), after.withPopped(16));
            go(index, layout.number("NURSE_CODE_SLOW"), state);
        }
    }

    private State enter(int index, State state) {
        return switch (state.phase()) {
            case HAS_TAKEN -> enterWithOrder(index, state);
            case HAS_NUMBERED -> {
                require(index, state, "eax", new Value.Constant(LSEEK));
                require(index, state, "ebx", new Value.Constant(layout.number("NURSE_FD_CHANNEL")));
                require(index, state, "ecx", new Value.Channel(Value.LAST));
                require(index, state, "edx", new Value.Constant(0)); // SEEK_SET
                yield state.afterKernel(new Value.Unknown(), State.Phase.HAS_TOLD);
            }
            case WAITS, HAS_TOLD, WAS_WOKEN -> {
                if (state.get("eax").equals(new Value.Constant(WRITE))) {
                    yield enterToRing(index, state);
                }
                yield enterToSleep(index, state);
            }
            case STARTS, HAS_RUN, HAS_ANSWERED -> {
                refuse(index, "enters the kernel when it " + words(state.phase()));
                yield null;
            }
        };
    }

    private State enterWithOrder(int index, State state) {
        require(index, state, "eax", order("NURSE_ORDER_NR", 0));
        for (int i = 0; i < ARGUMENTS.length; i++) {
            require(index, state, ARGUMENTS[i], order("NURSE_ORDER_ARG", 4 * i));
        }
        // The sixth is not under the number: the helper does not touch it while the order may be running.
        if (code.get(index).mnemonic().equals("int")
                && !(state.get("ebp") instanceof Value.Read read
                        && read.displacement() == layout.number("NURSE_ORDER_ARG6"))) {
            refuse(index, "runs an order without its sixth argument");
        }
        return state.afterKernel(new Value.Result(), State.Phase.HAS_RUN);
    }

    private Value order(String field, int offset) {
        return new Value.Read(layout.number(field) + offset, Value.LAST, -1, true);
    }

    private State enterToRing(int index, State state) {
        if (state.phase() == State.Phase.WAITS) {
            refuse(index, "rings when nothing has come to pass");
        }
        require(index, state, "ebx", new Value.Constant(layout.number("NURSE_FD_BELL_HELPER")));
        if (!(state.get("ecx") instanceof Value.Read read
                && read.displacement() == layout.number("NURSE_ORDER_BELL_BYTE"))) {
            refuse(index, "rings with what is not the bell's byte");
        }
        require(index, state, "edx", new Value.Constant(1));
        return state.afterKernel(new Value.Unknown(), State.Phase.WAITS);
    }

    private State enterToSleep(int index, State state) {
        if (state.phase() != State.Phase.WAITS) {
            refuse(index, "sleeps when it " + words(state.phase()));
        }
        require(index, state, "eax", new Value.Constant(FUTEX));
        require(index, state, "ebx", new Value.LaneAddress(layout.number("NURSE_ORDER_SEQ")));
        require(index, state, "ecx", new Value.Constant(0)); // FUTEX_WAIT
        if (state.begun()) {
            require(index, state, "edx", new Value.LowHalf(Value.LAST));
        } else if (!state.get("edx").equals(new Value.LowHalf(Value.LAST))) {
            require(index, state, "edx", new Value.Constant(0)); // the number that stands there before the first
        }
        require(index, state, "esi", new Value.Constant(0)); // no time-out
        return state.afterKernel(new Value.Unknown(), state.begun() ? State.Phase.WAS_WOKEN : State.Phase.WAITS);
    }

    private void require(int index, State state, String register, Value value) {
        if (!state.get(register).equals(value)) {
            refuse(
                    index,
                    "enters the kernel when it " + words(state.phase()) + ", with " + state.get(register) + " in %"
                            + register + " and not " + value);
        }
    }

    private static String words(State.Phase phase) {
        return phase.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }

    // ---- what goes straight on

    private State step(int index, State state) {
        Instruction instruction = code.get(index);
        List<String> operands = instruction.operands();
        String last = operands.isEmpty() ? "" : operands.get(operands.size() - 1);
        switch (instruction.mnemonic()) {
            case "pause", "nop", "lfence", "mfence":
                return state;
            case "lea":
                if (state.popped() != 16) {
                    refuse(index, "moves %esp away from the lane");
                    return null;
                }
                return state.withPopped(0);
            case "cmp", "cmpl", "test":
                return state.with(condition(instruction.mnemonic(), operands, state));
            case "mov", "movl", "movd", "movq", "movdqa", "pxor", "pcmpeqd", "pmovmskb":
                if (last.endsWith("(%ecx)")) {
                    return store(index, state, operands.get(0), last);
                }
                return write(index, state, last.substring(1), instruction);
            default: // arithmetic, which changes the flags
                return write(index, state, last.substring(1), instruction).with(new Condition.Unknown());
        }
    }

    private Condition condition(String mnemonic, List<String> operands, State state) {
        String left = operands.get(0), right = operands.get(operands.size() - 1);
        if (mnemonic.equals("cmpl")) {
            return left.equals("$0x0") && right.equals(hex(layout.number("NURSE_ORDER_SEQ")) + "(%esp)")
                    ? new Condition.NoOrderYet()
                    : new Condition.Unknown();
        }
        Value value = state.get(right.equals("%al") ? "eax" : right.substring(1));
        if (mnemonic.equals("test")) {
            if (left.equals("$0x1") && value instanceof Value.LowHalf half) {
                return new Condition.Complete(half.id());
            }
            return left.equals(right)
                            && value instanceof Value.Read read
                            && read.displacement() == layout.number("NURSE_ORDER_HELPER_SLEEPS")
                    ? new Condition.HelperAwake()
                    : new Condition.Unknown();
        }
        if (left.startsWith("$") && value instanceof Value.Constant constant && !right.equals("%al")) {
            return new Condition.Constants(constant.value(), immediate(left));
        }
        // Eight bytes of the sixteen: both halves of the number; the other eight are zero on both sides.
        return left.equals("$0xff") && right.equals("%al") && value instanceof Value.Mask mask
                ? new Condition.SameNumber(mask.one(), mask.other())
                : new Condition.Unknown();
    }

    /** A result is stored, then its number: plain stores are not reordered with each other (SDM 9.2.2). */
    private State store(int index, State state, String source, String destination) {
        int value = layout.number("NURSE_RESULT_VALUE"), number = layout.number("NURSE_RESULT_SEQ");
        State.Phase next;
        if (state.phase() == State.Phase.HAS_RUN
                && displacement(destination) == value
                && state.get(source.substring(1)).equals(new Value.Result())) {
            next = State.Phase.HAS_ANSWERED;
        } else if (state.phase() == State.Phase.HAS_ANSWERED
                && displacement(destination) == number
                && source.equals("%" + NUMBER)) {
            next = State.Phase.HAS_NUMBERED;
        } else {
            refuse(index, "stores into the result slot when it " + words(state.phase()));
            return null;
        }
        if (!(state.get("ecx") instanceof Value.Read read
                && read.displacement() == layout.number("NURSE_ORDER_RESULT"))) {
            refuse(index, "stores by what is not the result slot's address");
        }
        return state.with(next);
    }

    private State write(int index, State state, String register, Instruction instruction) {
        String source = instruction.operands().get(0);
        if (instruction.mnemonic().equals("movq")
                && source.endsWith("(%esp)")
                && displacement(source) == layout.number("NURSE_ORDER_SEQ")
                && !register.equals(NUMBER)) {
            return state.withLook(register);
        }
        Value value = result(instruction, state, source, register);
        if (!register.equals(NUMBER)) {
            return state.with(register, value);
        }
        if (state.phase() == State.Phase.STARTS && value.equals(new Value.Constant(0))) {
            return state.with(NUMBER, new Value.Number(Value.LAST)).with(State.Phase.WAITS);
        }
        if (state.phase() == State.Phase.WAITS
                && value instanceof Value.Number number
                && state.fresh().contains(number.id())
                && state.complete().contains(number.id())) {
            return state.taken(number.id());
        }
        refuse(index, "forgets the number of the last order, when it " + words(state.phase()));
        return state.with(NUMBER, new Value.Unknown());
    }

    private Value result(Instruction instruction, State state, String source, String register) {
        Value from = source.startsWith("%") ? state.get(source.substring(1)) : new Value.Unknown();
        Value to = state.get(register);
        boolean cleared =
                source.equals("%" + register) && instruction.operands().size() == 2;
        Value result = new Value.Unknown();
        switch (instruction.mnemonic()) {
            case "mov":
                if (source.equals("%esp")) {
                    return new Value.LaneAddress(0);
                } else if (source.startsWith("$")) {
                    return new Value.Constant(immediate(source));
                }
                return source.endsWith("(%esp)") ? state.read(displacement(source)) : from;
            case "movd":
                if (source.endsWith("(%esp)")) {
                    return state.read(displacement(source));
                } else if (from instanceof Value.Number number) {
                    return new Value.LowHalf(number.id());
                }
                return from instanceof Value.Constant || from instanceof Value.Read ? from : result;
            case "movq", "movdqa":
                return from; // from the lane: unknown
            case "pxor", "xor":
                return cleared ? new Value.Constant(0) : result;
            case "pcmpeqd":
                return from instanceof Value.Number one && to instanceof Value.Number other
                        ? new Value.Compared(one.id(), other.id())
                        : result;
            case "pmovmskb":
                return from instanceof Value.Compared compared
                        ? new Value.Mask(compared.one(), compared.other())
                        : result;
            case "add":
                return source.startsWith("$") && to instanceof Value.LaneAddress lane
                        ? new Value.LaneAddress(lane.offset() + immediate(source))
                        : result;
            case "shr":
                return to instanceof Value.LowHalf half
                                && (instruction.operands().size() == 1 || source.equals("$0x1"))
                        ? new Value.Shifted(half.id())
                        : result;
            case "and":
                return to instanceof Value.Shifted shifted
                                && source.equals("$" + hex(layout.number("NURSE_CHANNEL_MASK")))
                        ? new Value.Channel(shifted.id())
                        : result;
            default:
                return result;
        }
    }

    // ---- texts

    private void refuse(int index, String why) {
        refused.add(code.get(index) + "   -- " + why);
    }

    private static String hex(int number) {
        return "0x" + Integer.toHexString(number);
    }

    private static int immediate(String operand) {
        return Integer.parseUnsignedInt(operand.substring(3), 16);
    }

    private static int displacement(String operand) {
        String number = operand.substring(0, operand.indexOf('('));
        return number.isEmpty() ? 0 : Integer.parseUnsignedInt(number.substring(2), 16);
    }
}
