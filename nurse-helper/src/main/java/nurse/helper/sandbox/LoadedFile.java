package nurse.helper.sandbox;

import nurse.helper.program.ElfImage;

/**
 * A file that is to be mapped and run: the program, or its loader.
 *
 * @param fd a descriptor of the helper's
 * @param image what its headers say
 */
record LoadedFile(int fd, ElfImage image) {}
