package nurse.helper.program;

/** A file that a test made, held in memory; counts what is asked of it. */
final class MemoryProgram implements OpenProgram {
    private final String path;
    private final byte[] content;
    Kind kind = Kind.REGULAR;
    boolean executable = true;
    boolean trusted = true;
    boolean closed;
    int mostAskedFor;
    int reads;
    int shortReads = Integer.MAX_VALUE;

    MemoryProgram(String path, byte[] content) {
        this.path = path;
        this.content = content;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public boolean executable() {
        return executable;
    }

    @Override
    public boolean trustedLoader() {
        return trusted;
    }

    @Override
    public long size() {
        return content.length;
    }

    @Override
    public int read(long offset, byte[] into, int length) {
        reads++;
        mostAskedFor = Math.max(mostAskedFor, length);
        if (offset < 0 || offset >= content.length) {
            return 0;
        }
        int count = (int) Math.min(Math.min(length, shortReads), content.length - offset);
        System.arraycopy(content, (int) offset, into, 0, count);
        return count;
    }

    @Override
    public void close() {
        closed = true;
    }
}
