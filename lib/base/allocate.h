/* Room on the disk. */
#ifndef IQ_ALLOCATE_H
#define IQ_ALLOCATE_H

#include <stdint.h>

/* Room for these n bytes of a file, so that writing to them, also through a
 * mapping, cannot fail for want of it.  What is in them stays, whoever else
 * uses them meanwhile.  0, or errno: ENOTSUP where that cannot be had. */
int allocate(int fd, int64_t offset, int64_t n);

/* Makes that possible for a file that is still empty, where the file system
 * would otherwise write each change to a new place. */
void allocate_in_place(int fd);

#endif
