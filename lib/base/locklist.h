/* The locks that processes hold, as the kernel lists them. */
#ifndef IQ_LOCKLIST_H
#define IQ_LOCKLIST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

struct held_lock {
	char kind[12];		/* FLOCK, OFDLCK, POSIX ... */
	pid_t pid;		/* -1: of whoever has the description open */
	uint64_t inode;
	int64_t start;		/* its first byte */
};

/* *text becomes the list: 0; -1 with errno where there is none.  While other
 * locks come and go one may be missing in it. */
int locklist_read(struct buf *text);
/* The next one that is held; *at: the text of the list at first.  false: there
 * is none any more */
bool locklist_next(const char **at, struct held_lock *l);

#endif
