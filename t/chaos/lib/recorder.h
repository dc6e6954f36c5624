/*
 * A SQLite VFS that writes down what is done to a queue's files.
 *
 * The store opens its database through the default VFS, so making this one the
 * default shows everything: also the sync of the WAL that the store calls
 * itself.  Syncs are only written down: the history says what they were worth.
 */
#ifndef IQ_RECORDER_H
#define IQ_RECORDER_H

#include <stdbool.h>

#include "disk.h"

struct recorder {
	struct history history;
	bool on;
	bool inside;		/* a sync of SQLite's, already noted */
	/* Negative control: the store's own sync of the WAL does nothing. */
	bool no_sync;
	/* Called around the store's own sync, when no turn is held.  Nonzero
	 * from the first one: the process dies before it syncs. */
	int (*pause)(void *ctx);
	/* Called inside a checkpoint, after the WAL's header was read and
	 * before anything is copied; may be NULL */
	void (*checkpoint)(void *ctx);
	/* Called before each page that a checkpoint copies; may be NULL */
	void (*copy)(void *ctx);
	void *ctx, *checkpoint_ctx;
};

/* Makes it the default VFS. One at a time in a process, and for good. */
int recorder_install(struct recorder *r);
/* Name of the VFS that it replaced, which keeps working as it was */
const char *recorder_stock(void);
/* The process's fsync(2) and fdatasync(2) end here; -1: it dies. */
int recorder_fsync(int fd);

#endif
