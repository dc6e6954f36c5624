/*
 * Looks at a queue file from outside, with plain SQLite and SQL of its own:
 * is it whole, does everything in it agree, and were promises kept?
 */
#ifndef IQ_INSPECT_H
#define IQ_INSPECT_H

#include <stddef.h>

#include "base/buf.h"
#include "promise.h"

struct findings {
	size_t damaged;		/* it cannot be read */
	size_t wrong;		/* invariants that do not hold */
	size_t lost;		/* promises that were not kept */
	struct buf text;	/* a line each */
};

/* vfs: NULL for the default.  Promises 0 .. n-1 must hold. */
void inspect(const char *path, const char *vfs, const struct promise *v,
	size_t n, struct findings *f);
void findings_release(struct findings *f);

#endif
