import java.util.List;

/**
 * One line of the table.
 *
 * @param refusal the errno's name, or null when the class never refuses
 */
record Call(int number, String name, CallClass callClass, Category category, List<Arg> args, String refusal) {
    String argsText() {
        return String.join(" ", args.stream().map(Arg::text).toList());
    }
}
