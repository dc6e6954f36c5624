/* Private: a series that is filled while a window is read (span.h). */
#ifndef IQ_DRAWING_H
#define IQ_DRAWING_H

#include "store/span.h"

struct drawing;

/* Of what was asked for, from since (wall) until now.  out lasts until the end,
 * and is to be released by the caller. */
struct drawing *drawing_begin(struct store *s, const struct stats_request *r,
	int64_t since, int64_t now, struct series *out);
/* Lasts until the end */
struct span_reader *drawing_reader(struct drawing *d);
/* All has been read.  NULL: nothing is done */
void drawing_end(struct drawing *d);

#endif
