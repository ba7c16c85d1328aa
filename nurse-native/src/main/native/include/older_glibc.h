/*
 * Included by gcc (-include) before each C program that runs with the C library of another system than the one that built it:
 * the programs of nurse attack, of the tests and of the benchmarks run in a --root tree.
 *
 * With _GNU_SOURCE, glibc 2.38 and newer make strtol(3), strtoul(3), sscanf(3) and their like __isoc23_strtol and so on, and no
 * older glibc has these names. features.h decides it; strtol then reads no "0b1", as it never did.
 * OlderGlibcTest looks at what the finished programs need.
 */
#ifndef NURSE_OLDER_GLIBC_H
#define NURSE_OLDER_GLIBC_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <features.h>
#undef __GLIBC_USE_C2X_STRTOL /* 2.38 and 2.39 */
#define __GLIBC_USE_C2X_STRTOL 0
#undef __GLIBC_USE_C23_STRTOL /* 2.40 and newer */
#define __GLIBC_USE_C23_STRTOL 0

#endif
