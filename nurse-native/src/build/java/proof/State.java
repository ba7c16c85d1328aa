import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What is known before an instruction, on one way to it.
 *
 * @param registers by name without %; what is missing is unknown
 * @param fresh the looks whose number is not the last order's
 * @param complete the looks whose number is even
 * @param look the last look, or -1
 * @param popped how far %esp is above the lane: what the vDSO's entry has popped
 * @param begun whether an order has been seen, before which the lane has no ENTRY
 */
record State(
        Map<String, Value> registers,
        Condition flags,
        Set<Integer> fresh,
        Set<Integer> complete,
        int look,
        int popped,
        boolean begun,
        Phase phase) {

    /** What the trustee has to do next. */
    enum Phase {
        /** Nothing is known, not even the number in %xmm7. */
        STARTS,
        WAITS,
        /** The number of an order is in %xmm7, and the order has not been run. */
        HAS_TAKEN,
        HAS_RUN,
        HAS_ANSWERED,
        HAS_NUMBERED,
        /** The channel has been told; the helper may sleep. */
        HAS_TOLD,
        /** It slept, and does not know who woke it. */
        WAS_WOKEN
    }

    static final State FIRST =
            new State(Map.of(), new Condition.Unknown(), Set.of(), Set.of(), -1, 0, false, Phase.STARTS);

    Value get(String register) {
        return registers.getOrDefault(register, new Value.Unknown());
    }

    State with(String register, Value value) {
        Map<String, Value> changed = new HashMap<>(registers);
        changed.put(register, value);
        changed.values().removeIf(Value.Unknown.class::isInstance);
        return new State(changed, flags, fresh, complete, look, popped, begun, phase).withoutForgotten();
    }

    State with(Condition condition) {
        return new State(registers, condition, fresh, complete, look, popped, begun, phase).withoutForgotten();
    }

    State with(Phase next) {
        return new State(registers, flags, fresh, complete, look, popped, begun, next);
    }

    State withPopped(int bytes) {
        return new State(registers, flags, fresh, complete, look, bytes, begun, phase);
    }

    State withBegun() {
        return new State(registers, flags, fresh, complete, look, popped, true, phase);
    }

    State withFresh(int id) {
        return new State(registers, flags, plus(fresh, id), complete, look, popped, begun, phase);
    }

    State withComplete(int id) {
        return new State(registers, flags, fresh, plus(complete, id), look, popped, begun, phase);
    }

    /** The number of the slot is looked at: whatever was read of an order before is between two looks from here on. */
    State withLook(String register) {
        State state = with(register, new Value.Unknown());
        int id = Value.LAST + 1;
        while (state.mentions(id)) {
            id++;
        }
        Map<String, Value> changed = new HashMap<>();
        for (Map.Entry<String, Value> entry : state.registers.entrySet()) {
            Value value = entry.getValue();
            changed.put(
                    entry.getKey(),
                    value instanceof Value.Read read && !read.confirmed()
                            ? new Value.Read(
                                    read.displacement(),
                                    read.until() < 0 ? read.from() : -1,
                                    read.until() < 0 && read.from() > 0 ? id : -1,
                                    false)
                            : value);
        }
        changed.put(register, new Value.Number(id));
        return new State(changed, state.flags, state.fresh, state.complete, id, popped, begun, phase)
                .withoutForgotten();
    }

    /** What is read now: an order's, if the number was looked at, is new and complete. */
    Value.Read read(int displacement) {
        int from = fresh.contains(look) && complete.contains(look) ? look : -1;
        return new Value.Read(displacement, from, -1, false);
    }

    /** Two looks have seen the same: what was read in between belongs to that number. */
    State confirmed(int one, int other) {
        Map<String, Value> changed = new HashMap<>(registers);
        changed.replaceAll((register, value) -> value instanceof Value.Read read
                        && (read.from() == one && read.until() == other || read.from() == other && read.until() == one)
                ? new Value.Read(read.displacement(), read.from(), read.until(), true)
                : value);
        return new State(changed, flags, fresh, complete, look, popped, begun, phase);
    }

    /** The look becomes the last order's number; what was known in relation to the one before is forgotten. */
    State taken(int id) {
        Map<String, Value> changed = new HashMap<>();
        registers.forEach((register, value) -> {
            if (value instanceof Value.Read read) {
                boolean own = read.confirmed() && read.from() == id;
                changed.put(
                        register,
                        own
                                ? new Value.Read(read.displacement(), Value.LAST, -1, true)
                                : Value.Read.of(read.displacement()));
            } else if (value instanceof Value.Number number && number.id() == id) {
                changed.put(register, new Value.Number(Value.LAST));
            } else if (!value.mentions(Value.LAST) && !value.mentions(id)) {
                changed.put(register, value);
            }
        });
        changed.put("xmm7", new Value.Number(Value.LAST));
        return new State(changed, new Condition.Unknown(), Set.of(), Set.of(), -1, popped, begun, Phase.HAS_TAKEN);
    }

    /** Back from the kernel: only %xmm6 and %xmm7 are what they were. */
    State afterKernel(Value result, Phase next) {
        Map<String, Value> kept = new HashMap<>();
        kept.put("eax", result);
        kept.put("xmm6", get("xmm6"));
        kept.put("xmm7", get("xmm7"));
        kept.values().removeIf(Value.Unknown.class::isInstance);
        return new State(kept, new Condition.Unknown(), Set.of(), Set.of(), -1, popped, begun, next);
    }

    private boolean mentions(int id) {
        return id == look || flags.mentions(id) || registers.values().stream().anyMatch(value -> value.mentions(id));
    }

    private State withoutForgotten() {
        Set<Integer> keptFresh = new HashSet<>(fresh), keptComplete = new HashSet<>(complete);
        keptFresh.removeIf(id -> !mentions(id));
        keptComplete.removeIf(id -> !mentions(id));
        return new State(registers, flags, keptFresh, keptComplete, look, popped, begun, phase);
    }

    private static Set<Integer> plus(Set<Integer> set, int id) {
        Set<Integer> more = new HashSet<>(set);
        more.add(id);
        return more;
    }
}
