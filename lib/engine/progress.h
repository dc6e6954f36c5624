/* A line on a terminal that says how far a worker has come. */
#ifndef IQ_PROGRESS_H
#define IQ_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct progress {
	bool on;
	bool shown;		/* the line stands there now */
	int64_t started;	/* boot */
	int64_t next;		/* boot: draw again then */
	int64_t done, failed, left;
	double under_way;
	double rate;		/* per second, moving; < 0: not known */
	int samples;		/* in it */
	int64_t rate_done, rate_at;
};

void progress_init(struct progress *p, bool on, int64_t now);
/* left: jobs still to do; under_way: what is done of them, in jobs. */
void progress_update(struct progress *p, int64_t now, int64_t done,
	int64_t failed, int64_t left, double under_way);
/* The line, at most columns wide, with what erases the one before */
void progress_line(struct progress *p, int columns, struct buf *out);
/* Erases it, so that something else can be printed; nothing when it is not
 * there */
void progress_erase(struct progress *p, struct buf *out);
/* Whether it is time, and when next */
bool progress_due(const struct progress *p, int64_t now);

#endif
