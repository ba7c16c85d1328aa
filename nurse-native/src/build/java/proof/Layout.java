import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The numbers of include/layout.h by their names. */
record Layout(Map<String, Integer> numbers) {
    private static final Pattern DEFINE = Pattern.compile("(?m)^#define\\s+(NURSE_\\w+)\\s+(0x[0-9a-f]+|\\d+)\\b");

    static Layout parse(String header) {
        Map<String, Integer> numbers = new HashMap<>();
        Matcher define = DEFINE.matcher(header);
        while (define.find()) {
            numbers.put(define.group(1), Long.decode(define.group(2)).intValue());
        }
        return new Layout(numbers);
    }

    int number(String name) {
        Integer number = numbers.get(name);
        if (number == null) {
            throw new IllegalStateException("the layout has no " + name);
        }
        return number;
    }
}
