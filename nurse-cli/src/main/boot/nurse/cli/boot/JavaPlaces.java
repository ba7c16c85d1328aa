package nurse.cli.boot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where to look for a JDK, and which is new enough: java_places.h of nurse-native, whose head has the rule. Immutable. */
final class JavaPlaces {
    private static final Pattern LINE = Pattern.compile("(?m)^JAVA_([A-Z_]+)\\(\"?([^\")]+)\"?\\)");

    /** The words are those of the file. */
    enum Kind {
        CHOSEN,
        VARIABLE,
        BELOW,
        BELOW_HOME
    }

    /** A variable's name or a directory. */
    static final class Place {
        private final Kind kind;
        private final String name;

        Place(Kind kind, String name) {
            this.kind = kind;
            this.name = name;
        }

        Kind kind() {
            return kind;
        }

        String name() {
            return name;
        }
    }

    private final int needed;
    private final List<Place> places;

    JavaPlaces(int needed, List<Place> places) {
        this.needed = needed;
        this.places = Collections.unmodifiableList(new ArrayList<>(places));
    }

    static JavaPlaces read() throws IOException {
        try (InputStream file = JavaPlaces.class.getResourceAsStream("java_places.h")) {
            return parse(new String(file.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    static JavaPlaces parse(String text) {
        int needed = 0;
        List<Place> places = new ArrayList<>();
        Matcher line = LINE.matcher(text);
        while (line.find()) {
            if (line.group(1).equals("NEEDED")) {
                needed = Integer.parseInt(line.group(2));
            } else {
                places.add(new Place(Kind.valueOf(line.group(1)), line.group(2)));
            }
        }
        return new JavaPlaces(needed, places);
    }

    int needed() {
        return needed;
    }

    List<Place> places() {
        return places;
    }
}
