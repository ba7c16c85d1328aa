package nurse.bench;

/** What the start of a JVM costs by itself. */
public final class Hello {
    private Hello() {}

    public static void main(String[] args) {
        System.out.println("hello");
    }
}
