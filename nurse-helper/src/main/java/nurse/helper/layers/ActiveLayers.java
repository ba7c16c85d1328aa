package nurse.helper.layers;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which layers a sandbox has, and why not the others. Not thread-safe. */
public final class ActiveLayers {
    private static final String ACTIVE = "";

    private final Map<Layer, String> states = new EnumMap<>(Layer.class);

    /** The layer was put on, and seen from outside to be there. */
    public void active(Layer layer) {
        states.put(layer, ACTIVE);
    }

    /** @param why a clause, for people */
    public void missing(Layer layer, String why) {
        states.put(layer, why);
    }

    public void set(Layer layer, boolean active, String otherwise) {
        states.put(layer, active ? ACTIVE : otherwise);
    }

    public boolean has(Layer layer) {
        return ACTIVE.equals(states.get(layer));
    }

    /** Why a layer is not there; empty if it is. */
    public Optional<String> why(Layer layer) {
        String why = states.getOrDefault(layer, "it has not been put on yet");
        return why.equals(ACTIVE) ? Optional.empty() : Optional.of(why);
    }

    /** The first of these that is not there. */
    public Optional<Layer> firstMissing(Collection<Layer> required) {
        return required.stream().filter(layer -> !has(layer)).findFirst();
    }

    /** For people, in one line: the words of those that are there, then those that are not, each with the reason. */
    @Override
    public String toString() {
        String there =
                states.keySet().stream().filter(this::has).map(Layer::word).collect(Collectors.joining(", "));
        return states.keySet().stream()
                .filter(layer -> !has(layer))
                .map(layer -> "; no " + layer.word() + ": " + states.get(layer))
                .collect(Collectors.joining("", there, ""));
    }
}
