/* Names that differ between systems and need no code of their own. What needs
 * code has a file per platform (proc_linux.c, proc_posix.c). */
#ifndef IQ_COMPAT_H
#define IQ_COMPAT_H

#include <fcntl.h>
#include <time.h>

/* The clock that nobody can set and that counts suspend; where there is none
 * of that kind (macOS counts suspend in its monotonic clock), the next best. */
#ifdef CLOCK_BOOTTIME
#define IQ_CLOCK_BOOT CLOCK_BOOTTIME
#else
#define IQ_CLOCK_BOOT CLOCK_MONOTONIC
#endif

/* How soon malloc gives memory back: glibc's can be told. */
#ifdef __GLIBC__
#include <malloc.h>
#define IQ_MALLOPT(parameter, value) mallopt(parameter, value)
#else
#define IQ_MALLOPT(parameter, value) 1
#endif

#endif
