/*
 * Makes a program do itself what it would have a child do: the first fork "is" the child, later ones fail. stress-ng runs
 * every stressor in a child, whose exit status says how it went. Loaded by LD_PRELOAD, outside as well as inside.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

static int forked;

pid_t fork(void)
{
    if (!forked++)
        return 0;
    errno = EPERM;
    return -1;
}

pid_t vfork(void)
{
    return fork();
}

int clone(int (*function)(void *), void *stack, int flags, void *argument, ...)
{
    (void)function, (void)stack, (void)flags, (void)argument;
    errno = EPERM;
    return -1;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *), void *argument)
{
    (void)thread, (void)attributes, (void)function, (void)argument;
    return EPERM;
}
