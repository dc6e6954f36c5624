/* Private to the files that read and write anchors of the audit log. */
#ifndef IQ_ANCHOR_H
#define IQ_ANCHOR_H

#include "rules/account.h"
#include "store/internal.h"
#include "store/log.h"

/* The first schema version that has the table */
#define ANCHOR_VERSION 1002

struct anchor {			/* a row */
	int64_t event;		/* that tells of it */
	int64_t seq;
	unsigned char hash[EVENT_HASH_SIZE];
	bool pruned;
	int64_t epoch;		/* -1: not sealed */
	unsigned char seal[HMAC_SIZE];
};

struct anchors {
	struct anchor *v;	/* in the order in which they were made */
	size_t n;
};

/* The row of SQL_LOG; its bytes stay until the next step. log.c */
void entry_read(struct query *q, struct entry *e);

/* These are inside a reading or a transaction. */

int anchors_read(struct store *s, struct anchors *out, struct err *err);
void anchors_release(struct anchors *a);

/* What is there of the log begins behind this event. */
struct beginning {
	struct chain at;	/* seq 0: nothing was pruned */
	struct accounts accounts;	/* of what was pruned */
	bool told;		/* the event that tells of it does */
};

int beginning_read(struct store *s, struct beginning *b, struct err *err);
void beginning_release(struct beginning *b);

/* Writes a row about what the log was when the transaction began or before, and
 * the event of that kind that tells of it; more: members of its object, each
 * with a comma before it. */
int anchor_write(struct store *s, enum event_kind kind, const struct anchor *a,
	const char *more, struct err *err);

#endif
