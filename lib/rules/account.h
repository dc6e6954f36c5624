/*
 * What the audit log accounts for: of each type, how many jobs came into each
 * state and did not leave it.  Pending is one state here (READY): moves inside
 * it are not said.
 */
#ifndef IQ_ACCOUNT_H
#define IQ_ACCOUNT_H

#include "base/buf.h"
#include "rules/event.h"

struct account {
	int64_t type;
	int64_t n[STATE_COUNT];
};

struct accounts {		/* zero-initialised: none */
	struct account *v;
	size_t n;
};

/* That of a type, made when there is none; valid until the next one is */
struct account *account_of(struct accounts *a, int64_t type);
/* Adds what moved: 0, or -1 when the moves cannot be read. */
int account_moves(struct accounts *a, struct bytes moves);
/* As JSON: [[type, pending, running, quarantined, succeeded, cancelled], ...] */
void accounts_put(const struct accounts *a, struct buf *out);
/* Adds those that stand as "jobs" in the first object of an event's detail:
 * -1 when there are none. */
int accounts_get(struct accounts *a, struct bytes detail);
void accounts_release(struct accounts *a);

#endif
