package nurse.cli;

import nurse.ffm.Kernel;

/**
 * The JVM's own way in: at SIGQUIT it looks for a file .attach_pidN in its current directory and in /tmp, and if there is one,
 * lets whoever has its user's id load code into it. In both the program may be allowed to write, and a Ctrl-\\ at the terminal
 * reaches all of its group. So a process that runs programs takes no notice of SIGQUIT (jvm-attach in Attacks).
 */
final class AttachDoor {
    private AttachDoor() {}

    static void shut(Kernel kernel) {
        kernel.ignore(Kernel.SIGQUIT);
    }
}
