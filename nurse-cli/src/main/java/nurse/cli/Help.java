package nurse.cli;

/** What {@code --help} says. */
final class Help {
    static final String TEXT = """
            seccomp-nurse runs a program that you do not trust, locked into SECCOMP: every call but read and write
            goes through a policy.

            usage: nurse run [OPTIONS] PROGRAM [ARGUMENTS...]
                   nurse version | help

            The program may read the system's programs, libraries and fonts and the current directory, and use its
            standard streams. Everything else is refused with "Operation not permitted", unless an option allows it:

              --read PATH      it may read PATH and all below it
              --write PATH     it may read, write, create and delete PATH and all below it
              --env NAME       it gets the variable NAME (or PREFIX*) from your environment
              --env NAME=VALUE it gets the variable NAME with this value
              --net RULE       it may connect to, and listen on: loopback, all, an address such as 192.0.2.7 or
                               192.0.2.0/24, each with :PORT behind it or without (docs/network.md)
              --policy FILE    the rules in FILE hold as well (docs/policy.md)
              --root DIR       it sees DIR as /, with the current directory in it under its own name
              --lock LOCK      how SECCOMP locks it: trap (a filter; direct system calls reach the policy too) or
                               strict (mode 1; direct system calls kill the program, rdtsc tells no cycles)
              --log FILE       each refusal is written there, one line each; - for standard error
              --quiet          no word about refusals at the end
              --stats          at the end, where the time went (docs/start.md)

            examples:
              nurse run --root /var/cache/seccomp-nurse/i386-bookworm python3 -c 'print(6 * 7)'
              nurse run --write out pdftotext report.pdf out/report.txt

            status: the program's own; 128+n when signal n killed it; 125 the sandbox failed, 126 the program
            cannot be run, 127 not found, 2 wrong usage.
            """;

    private Help() {}
}
