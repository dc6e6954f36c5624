/* What a handler reads from its standard input: --stdin. */
#ifndef IQ_FEED_H
#define IQ_FEED_H

#include "base/buf.h"
#include "store/work.h"

enum feed {			/* in the order of the option's words */
	FEED_NONE,
	FEED_PAYLOAD,		/* as it was given, and a newline; or nothing */
	FEED_JSON,		/* the job as an object, a line */
	FEED_PATHS,		/* a path a line; or nothing */
};

/* Whether it can be: a path with a newline is no line. */
bool feed_can_say(enum feed what, const struct claimed *job);
void feed_say(struct buf *out, enum feed what, const struct claimed *job);
/* A file with this content, to be read from its beginning, that nobody else
 * can open and that goes with its descriptor (close-on-exec); -1, errno. A pipe
 * would have to be written to while the handler runs. */
int feed_open(const struct buf *content);

#endif
