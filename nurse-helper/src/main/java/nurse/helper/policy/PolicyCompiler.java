package nurse.helper.policy;

/** Compiles a policy file with all that holds beside it: for who asks what would be if the file were another. */
@FunctionalInterface
public interface PolicyCompiler {
    /** The policy that holds with this file. */
    PolicyBuilder.RunPolicy compile(PolicyFile file) throws PolicyException;
}
