package nurse.cli.watch;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes few of many refusals, and leaves none out: the files below a directory become one refusal that names the directory. */
final class Folding {
    /** Deeper names are cut by half, others by one component: a name has up to 2,000. */
    private static final int DEEP = 16;

    private Folding() {}

    /**
     * Folds the largest families first, and the deepest names before others, so that what stands alone stays to be seen.
     *
     * @param most how many are to be left at the most; more are where nothing can be folded
     */
    static List<Refused> fold(List<Refused> kinds, int most) {
        List<Refused> rest = siblings(kinds, most, 2);
        int depth = rest.stream().mapToInt(kind -> depth(kind.file)).max().orElse(0);
        while (rest.size() > most && depth > 0) {
            depth = depth > DEEP ? depth / 2 : depth - 1;
            int deepest = depth;
            rest = once(rest, most, 2, kind -> upTo(kind.file, deepest));
        }
        return rest;
    }

    /**
     * Folds the files of one directory.
     *
     * @param many how many have to be in it
     */
    static List<Refused> siblings(List<Refused> kinds, int most, int many) {
        return once(
                kinds,
                most,
                many,
                kind -> kind.folded > 1 || kind.file.isEmpty() ? kind.file : Files.parent(kind.file));
    }

    /** Into which directory a refusal is folded. */
    private interface Target {
        String of(Refused kind);
    }

    private static List<Refused> once(List<Refused> kinds, int most, int many, Target target) {
        Map<String, List<Refused>> families = new LinkedHashMap<>();
        for (Refused kind : kinds) {
            families.computeIfAbsent(kind.family(target.of(kind)), key -> new ArrayList<>())
                    .add(kind);
        }
        List<List<Refused>> largest = families.values().stream()
                .filter(family -> family.size() >= many || family.size() > 1 && family.get(0).folded > 1)
                .sorted(Comparator.comparingInt(family -> -family.size()))
                .toList();
        IdentityHashMap<Refused, Refused> folded = new IdentityHashMap<>();
        int left = kinds.size();
        for (List<Refused> family : largest) {
            if (left <= most) {
                break;
            }
            Refused first = family.get(0);
            List<Refused> others = family.subList(1, family.size());
            folded.put(first, first.with(others, target.of(first)));
            others.forEach(other -> folded.put(other, other));
            left -= others.size();
        }
        List<Refused> rest = new ArrayList<>();
        for (Refused kind : kinds) {
            Refused into = folded.get(kind);
            if (into != kind) {
                rest.add(into == null ? kind : into);
            }
        }
        return rest;
    }

    private static int depth(String file) {
        return (int) file.chars().filter(c -> c == '/').count();
    }

    /** The first {@code depth} components of a name. */
    private static String upTo(String file, int depth) {
        int end = 0;
        for (int i = 0; i <= depth && !file.isEmpty(); i++) {
            int next = file.indexOf('/', end + (i == 0 ? 0 : 1));
            if (next < 0) {
                return file;
            }
            end = next;
        }
        return file.isEmpty() ? file : file.substring(0, Math.max(end, 1));
    }
}
