package nurse.helper.sandbox;

import nurse.helper.files.ProcessNames;

/** {@code /proc} before there is a process: nothing in it is the program's own yet. */
public final class NoProcess implements ProcessNames {
    @Override
    public String link(String name) {
        return null;
    }

    @Override
    public boolean isMagic(String name) {
        return false;
    }

    @Override
    public boolean isDescriptor(String name) {
        return false;
    }

    @Override
    public String resolveOrigin(String name) {
        return name;
    }

    @Override
    public String judged(String name) {
        return name;
    }

    @Override
    public boolean mayOpen(String name) {
        return true;
    }
}
