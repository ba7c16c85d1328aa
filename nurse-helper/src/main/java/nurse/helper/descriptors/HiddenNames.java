package nurse.helper.descriptors;

/** Which names the policy hides: a program that lists their directory does not find them there. */
public interface HiddenNames {
    /** Whether it hides any at all. */
    boolean any();

    /** @param name canonical, one char a byte */
    boolean isHidden(String name);
}
