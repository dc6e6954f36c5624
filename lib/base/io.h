/* File descriptors without surprises. */
#ifndef IQ_IO_H
#define IQ_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* Descriptors 0, 1 and 2 exist afterwards, so that no file of ours can get one
 * of these numbers: /dev/null where they did not, on which reading 0 fails, as
 * does writing 1 and 2. */
int io_standard_fds(struct err *err);
/* All n bytes or -1 with errno; restarts on EINTR, polls on EAGAIN */
int io_write_all(int fd, const void *p, size_t n);
/* Up to n bytes, fewer only at the end; -1 with errno; restarts on EINTR */
ssize_t io_read_full(int fd, void *p, size_t n);
/* The whole of a file, at most max bytes: 0, or -1 with errno (EFBIG) */
int io_read_file(const char *path, size_t max, struct buf *out);
int io_set_nonblock(int fd, bool on);

/* What a program writes to and another one reads from: a pipe or a regular
 * file, the same at both ends.  inode 0: it is neither. */
struct conduit {
	int64_t device, inode;
};
struct conduit io_conduit(int fd);

#endif
