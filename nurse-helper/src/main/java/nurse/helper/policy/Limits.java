package nurse.helper.policy;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * How much a program may use up. Immutable and thread-safe.
 *
 * @param most for each limit that is set, the most that is allowed, in the limit's unit
 */
public record Limits(Map<Limit, Long> most) {
    /** No limit. */
    public static final Limits NONE = new Limits(Map.of());

    private static final long SECOND = 1_000_000_000;

    /** What can be limited. docs/policy.md says how each is enforced, and how exactly. */
    public enum Limit {
        /** Processor time, nanoseconds. */
        CPU("cpu", true),
        /** Time since the program was started, nanoseconds. */
        WALL("wall", true),
        /** Address space, bytes. */
        MEMORY("memory", false),
        /** The size of each file that is written to, bytes. */
        FILE_SIZE("file-size", false),
        /** All that is written to files, pipes and sockets together, bytes. */
        WRITTEN("written", false),
        /** How many descriptors may be open. */
        OPEN_FILES("open-files", false),
        /** What is written to standard output and standard error together, bytes. */
        OUTPUT("output", false);

        private final String word;
        private final boolean time;

        Limit(String word, boolean time) {
            this.word = word;
            this.time = time;
        }

        /** The word for it, in a policy file, in {@code --limit} and in messages. */
        public String word() {
            return word;
        }

        /** Whether it is a time; else a size or a number. */
        public boolean isTime() {
            return time;
        }

        /** Whether the program is ended when it is reached; else no more is given. */
        boolean ends() {
            return switch (this) {
                case CPU, WALL, FILE_SIZE, WRITTEN, OUTPUT -> true;
                case MEMORY, OPEN_FILES -> false;
            };
        }

        /** The limit of this word, or null. */
        public static Limit of(String word) {
            for (Limit limit : values()) {
                if (limit.word.equals(word)) {
                    return limit;
                }
            }
            return null;
        }

        /**
         * Reads a value: of a time {@code 10}, {@code 10s}, {@code 500ms}, {@code 2m}, {@code 1h}; else {@code 4096}, {@code
         * 64K}, {@code 512M}, {@code 2G}, in powers of 1024.
         *
         * @throws IllegalArgumentException with what is wrong, for the user
         */
        public long parse(String text) {
            int digits = 0;
            while (digits < text.length()
                    && Character.digit(text.charAt(digits), 10) >= 0
                    && text.charAt(digits) < 128) {
                digits++;
            }
            long factor = this == OPEN_FILES && digits < text.length() ? -1 : factor(text.substring(digits));
            if (digits == 0 || digits > 15 || factor < 0) {
                throw new IllegalArgumentException(wanted());
            }
            try {
                return checked(Math.multiplyExact(Long.parseLong(text.substring(0, digits)), factor));
            } catch (ArithmeticException tooMuch) {
                throw new IllegalArgumentException("it is more than there can be", tooMuch);
            }
        }

        /**
         * A value that was written as a number: seconds of a time, else bytes, or how many.
         *
         * @throws IllegalArgumentException with what is wrong, for the user
         */
        public long of(long number) {
            if (number < 0) {
                throw new IllegalArgumentException(wanted());
            }
            return parse(Long.toString(number));
        }

        private long factor(String unit) {
            if (time) {
                return switch (unit) {
                    case "", "s" -> SECOND;
                    case "ms" -> SECOND / 1000;
                    case "m", "min" -> 60 * SECOND;
                    case "h" -> 3600 * SECOND;
                    default -> -1;
                };
            }
            return switch (unit.toUpperCase(Locale.ROOT)) {
                case "", "B" -> 1;
                case "K", "KB", "KIB" -> 1L << 10;
                case "M", "MB", "MIB" -> 1L << 20;
                case "G", "GB", "GIB" -> 1L << 30;
                default -> -1;
            };
        }

        private long checked(long value) {
            if (this == OPEN_FILES && (value < 3 || value > 1024)) {
                throw new IllegalArgumentException("a program has from 3 to 1024 open files here");
            }
            if (time && value == 0) {
                throw new IllegalArgumentException("without any time nothing runs");
            }
            return value;
        }

        private String wanted() {
            if (time) {
                return "a time is a number of seconds, or a number and ms, s, m or h";
            }
            return this == OPEN_FILES ? "it is a number" : "a size is a number of bytes, or a number and K, M or G";
        }

        /** A value in words: {@code 10 s}, {@code 512 MiB}. */
        public String show(long value) {
            if (time) {
                return value % SECOND == 0 ? value / SECOND + " s" : value / (SECOND / 1000) + " ms";
            }
            if (this == OPEN_FILES) {
                return Long.toString(value);
            }
            String[] units = {"bytes", "KiB", "MiB", "GiB"};
            int unit = 0;
            long shown = value;
            while (unit < 3 && shown >= 1024 && shown % 1024 == 0) {
                shown /= 1024;
                unit++;
            }
            return shown + " " + units[unit];
        }
    }

    public Limits {
        most = most.isEmpty() ? Map.of() : Map.copyOf(new EnumMap<>(most));
    }

    /** The most that is allowed, or -1 if it is not limited. */
    public long of(Limit limit) {
        return most.getOrDefault(limit, -1L);
    }

    /** Whether there is one at which the program is ended, with a status that says so. */
    public boolean mayEndTheProgram() {
        for (Limit limit : Limit.values()) {
            if (limit.ends() && has(limit)) {
                return true;
            }
        }
        return false;
    }

    /** Whether this limit is set. */
    public boolean has(Limit limit) {
        return most.containsKey(limit);
    }
}
