/** One line of errno.tbl. */
record Errno(int number, String text) {}
