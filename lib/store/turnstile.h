/*
 * One writer at a time, in turn.
 *
 * SQLite's own waiting sleeps and retries, which starves: of 8 writers one got
 * 1 commit where another got 11,595.  Here a writer first takes a blocking
 * flock on the sidecar, whose waiters the kernel wakes in turn.  The database
 * file itself is never opened by us: closing any descriptor of it would drop
 * SQLite's locks.
 *
 * While the turn is held INT, TERM, TSTP and TTOU are blocked: Ctrl-Z inside a
 * transaction would stop the queue for everybody.
 */
#ifndef IQ_TURNSTILE_H
#define IQ_TURNSTILE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct turnstile {
	int fd;			/* of the sidecar, kept open */
	const char *path;
	int64_t deadline;	/* ns to wait */
	volatile sig_atomic_t interrupted;
	bool held;
	sigset_t mask;		/* to restore */
};

/* EX_TEMPFAIL names the holder when the deadline passes. */
int turnstile_enter(struct turnstile *t, struct err *err);
void turnstile_leave(struct turnstile *t);

#endif
