package nurse.helper.memory;

/**
 * Parts of the sandboxed process's address space that no call may change: the shared memory and the vDSO, which the
 * trustee's code and its orders lie in. Immutable.
 */
public final class ProtectedRanges {
    private static final long PAGE = 4096;

    private final long[] starts;
    private final long[] ends;

    /** @param ranges pairs of start and length, in bytes */
    public ProtectedRanges(long... ranges) {
        starts = new long[ranges.length / 2];
        ends = new long[ranges.length / 2];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = ranges[2 * i] & -PAGE;
            ends[i] = ranges[2 * i] + ranges[2 * i + 1] + PAGE - 1 & -PAGE;
        }
    }

    /**
     * Whether a range as a 32-bit call names it touches one of ours. A range that wraps around the end of the address space
     * is taken to go on from 0, which is more than any kernel would do with it.
     */
    public boolean touch(int address, int length) {
        long start = address & 0xffffffffL & -PAGE;
        long end = (address & 0xffffffffL) + (length & 0xffffffffL) + PAGE - 1 & -PAGE;
        for (int i = 0; i < starts.length; i++) {
            if (overlaps(start, end, i) || (end > 1L << 32 && overlaps(0, end - (1L << 32), i))) {
                return true;
            }
        }
        return false;
    }

    private boolean overlaps(long start, long end, int i) {
        return start < ends[i] && end > starts[i];
    }
}
