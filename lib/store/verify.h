/* Private: whether the audit log is what was written, for iq-log --verify and
 * iq-db check. */
#ifndef IQ_VERIFY_H
#define IQ_VERIFY_H

#include "store/anchor.h"

/* What is looked for, by whoever fills it in */
struct verification {
	struct store *store;
	finding_fn *fn;
	void *ctx;
	struct log_anchor *given;	/* by seq; may be NULL */
	size_t ngiven;
	const struct seal_key *keys;
	size_t nkeys;		/* 0: seals are not looked at */
	/* found */
	struct beginning begin;		/* its accounts: of all the log */
	bool complete;			/* nothing of the log is missing */
	struct log_proof proof;
	/* private */
	struct chain at;
	bool broken;
	struct anchors rows;
	size_t row;			/* of which no event has told */
	const struct anchor **by_seq;	/* the rows */
	size_t next_row, next_given;	/* whose event is not reached */
};

/* All of it, inside a reading or a transaction. Release it also after an
 * error. */
int verify_log(struct verification *v, struct err *err);
void verification_release(struct verification *v);
void verify_find(const struct verification *v, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- check.c ---- */

/* Whether SQLite finds the file sound. */
int check_whole(struct store *s, bool *whole, struct err *err);

/* ---- verify_anchor.c ---- */

/* Before the first event, at each, and behind the last */
void verify_first_anchors(struct verification *v);
void verify_anchors(struct verification *v, const struct entry *e);
void verify_last_anchors(struct verification *v);
/* The seals of the rows, in their order */
int verify_seals(struct verification *v, struct err *err);

#endif
