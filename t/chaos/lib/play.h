/*
 * A play: enqueuers, workers, an operator and a reader use one queue through
 * the project's own store, and note what they were promised.
 */
#ifndef IQ_PLAY_H
#define IQ_PLAY_H

#include "base/clock.h"
#include "base/err.h"
#include "cast.h"
#include "promise.h"
#include "recorder.h"
#include "store/read.h"

struct play {
	const char *path;	/* of the queue; need not exist */
	struct recorder *recorder;
	struct promises promises;
	struct dice dice;
	size_t rounds;		/* of each role */
	bool mortal;		/* these may die before their sync: */
	bool may_die[CAST_MAX];
	struct cast cast;
	struct clock clock;	/* its time, which runs as the dice say */
	int64_t now;
	int64_t last_id;
	struct err err;		/* the first verb that failed though it must
				 * not */
};

/* Fills recorder->history and promises.  0, or the code of err. */
int play_run(struct play *p, uint64_t seed);
void play_release(struct play *p);

/* A handle as a process of the play has it; NULL when it died over it, or with
 * p->err.  later: as iq-enqueue opens it, for a server to do the rest */
struct store *play_open(struct play *p, bool later);
/* Notes the failure of a verb: nonzero when there was one. */
int play_failed(struct play *p, const char *verb, int code,
	const struct err *err);
/* From now on this must be true. */
void play_promise(struct play *p, struct promise what);
/* What this handle has done was answered, so it is in the log for ever. */
void play_promise_log(struct play *p, const struct store *s);

role_fn play_enqueuer, play_worker, play_operator, play_reader;

#endif
