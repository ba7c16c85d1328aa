/*
 * What client and helper say to each other: one message each way over a SOCK_SEQPACKET, with descriptors beside it
 * (SCM_RIGHTS). nurse.helper.serve.Protocol says the same in Java; ProtocolTest compares the two line by line.
 *
 *   client:  CALL_*    descriptors: standard output, standard error, working directory (O_PATH), strings
 *   helper:  ANSWER_*  descriptors, of ANSWER_RUN only: launcher, strings, then what the launcher inherits from 3 on
 *
 * Strings: a memfd with the arguments, then the environment, each string with its NUL. The process that gets ANSWER_RUN
 * becomes the launcher, and with it the program: so terminal, signals, job control, limits, parent and exit status are
 * its own, and nobody has to pass them on.
 */
#ifndef NURSE_CLIENT_PROTOCOL_H
#define NURSE_CLIENT_PROTOCOL_H

#define CLIENT_MAGIC 0x4352554e /* "NURC", little endian */
#define CLIENT_VERSION 3

#define CALL_MAGIC 0x00
#define CALL_VERSION 0x04
#define CALL_UMASK 0x08
#define CALL_ARGUMENTS 0x0c   /* u32: bytes of the arguments, the command first */
#define CALL_ENVIRONMENT 0x10 /* u32: bytes of the environment */
#define CALL_HANDED_ON 0x14   /* u32: 1 when this process has been a JVM before (HandOn.java) */
#define CALL_IGNORED 0x18     /* u64: ignored signals, bit sig-1 */
#define CALL_STARTED 0x20     /* u64: when the client began, ns of CLOCK_MONOTONIC */
#define CALL_BLOCKED 0x28     /* u64: blocked signals, bit sig-1 */
#define CALL_SIZE 0x30
#define CALL_DESCRIPTORS 4

#define ANSWER_MAGIC 0x00
#define ANSWER_VERSION 0x04
#define ANSWER_KIND 0x08
#define ANSWER_STATUS 0x0c      /* s32, of ANSWER_END */
#define ANSWER_ARGUMENTS 0x10   /* u32, of ANSWER_RUN: bytes of the launcher's arguments */
#define ANSWER_ENVIRONMENT 0x14 /* u32, of ANSWER_RUN */
#define ANSWER_SIZE 0x18
#define ANSWER_RUN 1 /* become the launcher */
#define ANSWER_END 2 /* all is said, end with STATUS */
#define ANSWER_UNLIKE 3 /* you are not as this helper is (other groups, another root ...): have one of your own */
#define ANSWER_ALONE 4 /* what you ask for only a helper can give whose child the program is: become one, a JVM */
#define ANSWER_INHERITED 11 /* descriptors behind the first two */

#define STRINGS_MOST 0x800000 /* bytes; the kernel's own bound is a quarter of the stack's limit, mostly 2 MiB */

#define SERVE_FD 3 /* where the helper finds its socket: listening, or with --once connected */

#endif
