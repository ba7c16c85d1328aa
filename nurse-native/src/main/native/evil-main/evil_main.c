/* A program that brings a library and audit modules of its own: linked with --audit, --depaudit and -rpath of its directory. */
extern int evil_got, evil_ran;

int main(void) { return evil_got ? 41 : evil_ran & 1 ? 40 : 42; }
