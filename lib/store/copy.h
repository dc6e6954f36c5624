/* A copy of a queue in a file of its own, made while the queue is in use. */
#ifndef IQ_COPY_H
#define IQ_COPY_H

#include "store/reading.h"

struct copy {
	struct store *store;	/* who is told how far it is, and may be
				 * interrupted */
	const char *what;	/* "back up": for messages */
	const char *from;	/* the queue: copy_begin */
	int64_t bytes;		/* of that: copy_make */
	struct buf path;	/* of the copy; empty: there is none */
	int fd;			/* its lock; -1 before copy_begin */
};

/* ---- copy_file.c ---- */

/* An empty file in the directory of `to` (absolute), after what is left there
 * of earlier copies of this queue was taken away.  `of` stays open. */
int copy_begin(struct copy *c, struct db *of, const char *to, struct err *err);
/* The file goes, with what SQLite and iq have made beside it; but not when
 * c->path was emptied because it was renamed.  Nothing of ours may have it
 * open: closing the file would drop the locks of SQLite. */
void copy_end(struct copy *c);

/* ---- copy.c ---- */

/* The queue as it is at one moment, without what is free in it, and whole */
int copy_make(struct copy *c, struct err *err);
/* Any copy of a queue: all in one file, with no sidecar, and on disk. It can be
 * used as it is. */
int copy_settle(const char *path, struct err *err);

/* flags: O_DIRECTORY or 0 */
int sync_path(const char *path, int flags, struct err *err);

/* ---- refill.c: in the turn ---- */

/* The queue becomes what is in the file, in one transaction: killed at any
 * moment it is as it was, or all of that, on disk.  Readers go on.  A queue that is so
 * damaged that it cannot be opened, or none at all, is filled as well. */
int refill(struct store *s, const char *from, struct err *err);

#endif
