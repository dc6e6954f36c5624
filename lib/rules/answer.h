/*
 * What a handler says on its descriptor 3 (iq-handler(7)): JSON objects, one a
 * line.  A line that makes no sense ends the reading, since nobody knows what
 * the handler wanted: what it said does not count then, and the attempt fails.
 */
#ifndef IQ_ANSWER_H
#define IQ_ANSWER_H

#include "rules/record.h"
#include "rules/retry.h"

/* A payload of 1 MiB may take six times that when it is written as \u00xx */
#define ANSWER_LINE_MAX (8 << 20)
/* What one attempt can enqueue: records, and bytes of what is kept of them */
#define ANSWER_RECORDS 10000
#define ANSWER_BYTES (8 << 20)
#define ANSWER_ERROR 4096

struct answer {
	bool ended;		/* it said so, with this status: */
	int exit;
	double progress;	/* 0 to 1; -1: not said, and so on */
	int64_t bytes;
	int64_t retry_after;	/* ns */
	bool refined;		/* outcome was said: */
	enum outcome outcome;	/* TRANSIENT, RATE_LIMITED, PERMANENT or
				 * SNOOZE */
	struct buf error;	/* empty: not said.  Unless ANSWERED: why */
	struct record *records;	/* to enqueue; strings in the arena */
	size_t n, cap;
	enum answered answered;
	/* private */
	uint64_t lines;
	struct framing framing;
	struct arena arena;
};

/* What the words of a line are read by */
struct answer_ground {
	struct bytes cwd;	/* of relative paths; absolute */
	int64_t now;		/* wall: of times such as "+5m" */
	/* Where a line may name a job by its id: whose answer that is; NULL
	 * when there is no such job, or it has ended.  id 0: it names none. */
	struct answer *(*of)(void *ctx, int64_t id);
	void *ctx;
	bool several;		/* there are others: what is to be enqueued has
				 * to name the one whose success it follows */
};

void answer_init(struct answer *a);
/* One line without its end. 65 with *err: the field, and what is wrong with
 * it (the answer is then half changed); 77: it is more than can be kept. */
int answer_read(struct answer *a, struct bytes line,
	const struct answer_ground *g, struct err *err);
/* Bytes as they come. After a wrong line they are not looked at. */
void answer_feed(struct answer *a, const char *p, size_t n,
	const struct answer_ground *g);
/* The handler has ended, with this status.  Takes the last line when it lacks
 * its end; where that makes no sense and the handler has failed, it was cut
 * off by that, and is passed over. */
void answer_end(struct answer *a, int status, const struct answer_ground *g);
/* For the next handler */
void answer_reset(struct answer *a);
void answer_release(struct answer *a);

#endif
