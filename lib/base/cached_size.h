/* What the system knows of a file without asking whoever keeps it. */
#ifndef IQ_CACHED_SIZE_H
#define IQ_CACHED_SIZE_H

#include <stdint.h>

/* Bytes of the regular file at that absolute path; -1 where there is none, and
 * where the system would have to ask a disk or a server for it: this never
 * waits, and a server that is gone would never answer. */
int64_t cached_size(const char *path);

#endif
