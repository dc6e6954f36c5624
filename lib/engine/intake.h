/*
 * A stream of records into the queue: reads, fills in what a record does not
 * say, commits in batches, waits while the queue is full.
 */
#ifndef IQ_INTAKE_H
#define IQ_INTAKE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "rules/record.h"
#include "store/store.h"

struct intake_tally {
	int64_t read, enqueued, merged, dropped, rejected;
};

struct intake {
	/* ---- set by the owner before intake_init ---- */
	struct store *store;		/* NULL: dry run, nothing is committed */
	struct enqueue_options options;
	enum stream_format format;
	bool raw;			/* subjects are not paths */
	bool single;			/* more than one record is a mistake
					 * (--key): EX_USAGE */
	struct record defaults;		/* type, priority, key ... */
	size_t batch;			/* records */
	int64_t batch_wait;		/* ns of silence that closes a batch */
	const volatile sig_atomic_t *stop;	/* nonzero: stop reading */
	void *ctx;
	/* A record was refused; its number is in text's subject. */
	void (*refused)(void *ctx, uint64_t number, const char *why);
	/* After each commit: results in the order of the records; what is
	 * ENQUEUED_REFUSED or ENQUEUED_FULL has no id. */
	void (*committed)(void *ctx, const struct record *records,
		const struct enqueue_result *results, size_t n,
		const struct intake_tally *batch);

	/* ---- private ---- */
	struct intake_tally tally;	/* of everything so far; readable */
	struct arena arena;
	struct record *records;
	struct enqueue_result *results;
	size_t n, cap;
	struct buf cwd, path;
	struct framing framing;
};

int intake_init(struct intake *in, struct err *err);
/* One record from an operand, number from 1. */
int intake_operand(struct intake *in, const char *operand, struct err *err);
/* Everything from fd to its end, or until *stop. */
int intake_stream(struct intake *in, int fd, struct err *err);
/* Commits what is left. Call also after a stop: what was read is kept. */
int intake_flush(struct intake *in, struct err *err);
void intake_release(struct intake *in);

#endif
