/* Which jobs came to an end, by what their handlers say (handler.c). */
#ifndef IQ_ENDS_H
#define IQ_ENDS_H

#include <stddef.h>

#include "promise.h"

struct ends {
	unsigned char *ended;	/* by id */
	size_t n;
	long runs;		/* of handlers, finished or not */
};

/* The handlers' log, and from the queue those that had nothing more to do: one
 * that failed and whose key has a newer job is not tried again.  -1 when there
 * is no log. */
int ends_read(struct ends *e, const char *log, const char *queue);
/* Accepted jobs that did not end: printed, and counted */
long ends_missing(const struct ends *e, const struct promises *accepted);
void ends_release(struct ends *e);

#endif
