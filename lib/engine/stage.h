/*
 * The last stage of a source: what debounce.h releases goes to a descriptor,
 * no faster than the rate, in batches.  Nothing here waits; as long as the
 * reader is slow, what comes in is merged with what has not been written.
 */
#ifndef IQ_STAGE_H
#define IQ_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/output.h"
#include "rules/debounce.h"
#include "rules/rate.h"
#include "rules/record.h"

struct stage_options {
	struct debounce_options debounce;
	struct rate rate;
	enum stream_format format;
	bool boundaries;	/* say where a batch ends */
};

struct stage_tally {
	int64_t events, deduplicated, batches;
};

struct stage {
	struct stage_options options;
	struct debounce held;
	struct output out;
	size_t in_batch;	/* records written since the last one ended */
	struct stage_tally tally;
};

void stage_init(struct stage *s, const struct stage_options *o, int fd);
void stage_release(struct stage *s);

/* As debounce_put and debounce_again; the content is a record without its end
 * mark. */
void stage_put(struct stage *s, int64_t now, struct bytes identity,
	struct bytes content);
bool stage_again(struct stage *s, int64_t now, struct bytes content);
/* Writes what may be written now.  s->out.failed is the errno of a write. */
void stage_write(struct stage *s, int64_t now);
/* From now on as fast as they are read */
void stage_hurry(struct stage *s);
/* There is something to write, but for the reader. */
bool stage_blocked(const struct stage *s, int64_t now);
/* When stage_write has something to do that it has not now, unless the reader
 * takes something before; INT64_MAX: never */
int64_t stage_due(const struct stage *s);
/* Records that are held */
size_t stage_pending(const struct stage *s);
/* Everything is written. */
bool stage_empty(const struct stage *s);

#endif
