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

#include "base/clock.h"
#include "base/err.h"

/* Who was asked to stop still gets a turn that is soon to come. */
#define TURNSTILE_HURRY NS_PER_S

struct turnstile {
	int fd;			/* of the sidecar, kept open */
	const char *path;
	int64_t deadline;	/* ns to wait */
	volatile sig_atomic_t interrupted;
	int wake;		/* a descriptor that can be read is the same;
				 * 0: there is none */
	bool held;
	sigset_t mask;		/* to restore */
};

/* EX_TEMPFAIL names the holder when the deadline passes.  Does nothing when
 * the turn is held. */
int turnstile_enter(struct turnstile *t, struct err *err);
/* Without waiting: false when somebody else has the turn. */
bool turnstile_try(struct turnstile *t);
void turnstile_leave(struct turnstile *t);
/* While it is held: the signals stay blocked after it, until the caller sets
 * the mask that it had before. */
void turnstile_stay_blocked(struct turnstile *t);
/* Somebody wants us to stop, by turnstile->interrupted or by a signal that is
 * blocked as long as the turn is held */
bool turnstile_asked(const struct turnstile *t);
/* The error of who has waited in vain */
int turnstile_refuse(struct turnstile *t, struct err *err);

#endif
