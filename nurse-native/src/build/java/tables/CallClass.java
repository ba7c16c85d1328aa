/** Who carries a call out. */
enum CallClass {
    NATIVE("the untrustee itself, under SECCOMP"),
    GATE("answered inside the untrustee, no other party is asked"),
    HELPER("the helper answers alone"),
    TRUSTEE("the helper decides, the trustee executes"),
    OWN("belongs to the calling thread: made by the untrustee itself under the trap lock, refused under strict"),
    PER_THREAD("has to happen to the untrustee's own thread, so it is emulated there"),
    REFUSE("answered with an error number, never carried out");

    final String meaning;

    CallClass(String meaning) {
        this.meaning = meaning;
    }

    /** Whether a call of this class is answered with an error number, under one lock at least. */
    boolean refuses() {
        return this == REFUSE || this == OWN;
    }

    /** Whether a request of this class leaves the untrustee, with a copy of what its arguments point to. */
    boolean travels() {
        return this == HELPER || this == TRUSTEE || this == PER_THREAD;
    }
}
