/*
 * A stream through a stage: reads records until the end or a signal, and
 * writes what the stage lets go.
 */
#ifndef IQ_DEBOUNCER_H
#define IQ_DEBOUNCER_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/signals.h"
#include "engine/stage.h"
#include "store/store.h"

struct debouncer {
	/* ---- set by the owner ---- */
	struct stage_options options;
	struct store *store;	/* its counters are kept; NULL: nowhere */
	const char *type;	/* that they are of */
	void *ctx;
	/* A record was refused. */
	void (*refused)(void *ctx, uint64_t number, const char *why);
	/* USR2 asks how it goes. */
	void (*report)(void *ctx);

	/* ---- to be read ---- */
	struct stage stage;
	int64_t refusals;
	int stopped;		/* the signal that did it, or 0 */

	/* ---- private ---- */
	struct signals signals;
	struct framing framing;
	struct arena arena;
	struct buf identity;
	uint64_t number;	/* of the last record */
	bool ended;		/* nothing more is read */
	bool last;		/* because that was all there is */
	bool dry;		/* there is no whole record in the framing */
	int64_t now;		/* boot */
	struct stage_tally saved;
	int64_t save_at;
};

/*
 * From in to out until everything is written.  USR1 releases what is held;
 * TERM, INT and HUP, unless ignored, stop the reading and the rate, and a
 * second one ends the process.
 *
 * 0, or 74: the input could not be read further (what was read is written), or
 * the output not written; that the reader has gone is 0 and
 * stage.out.failed == EPIPE.
 */
int debouncer_run(struct debouncer *d, int in, int out, struct err *err);
/* Brings the counters in the queue up to date.  75 when that is busy. */
int debouncer_save(struct debouncer *d, struct err *err);
void debouncer_release(struct debouncer *d);

#endif
