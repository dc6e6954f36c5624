/*
 * What a handler writes to its stdout or stderr, read from a pipe.  All of it
 * is kept (in memory, over 1 MiB in a temporary file without a name), or only
 * the end.
 */
#ifndef IQ_CAPTURE_H
#define IQ_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "engine/channel.h"

#define CAPTURE_SPILL (1 << 20)

struct capture {
	struct channel pipe;
	bool whole;
	size_t keep;		/* bytes of the end that are wanted anyway */
	struct buf memory;	/* everything, or at least the end */
	int file;		/* everything, once it is long; else -1 */
	int64_t total;		/* bytes that came */
	int failed;		/* errno: it could not all be kept */
};

void capture_init(struct capture *c);
/* 0, both ends close-on-exec; or -1, errno */
int capture_open(struct capture *c, bool whole, size_t keep);
/* Takes what has come, a bounded amount. */
void capture_read(struct capture *c);
/* When no other writer is left: the rest, and both ends are closed. */
void capture_finish(struct capture *c);
/* As if the handler had written it */
void capture_add(struct capture *c, const char *text, size_t n);
/* The last n bytes at most (n <= keep); valid until the next reset */
struct bytes capture_end(const struct capture *c, size_t n);
/* Forgets what has come so far; memory is kept when it is small. */
void capture_clear(struct capture *c);
/* Ready for the next handler; memory is kept when it is small. */
void capture_reset(struct capture *c);
void capture_release(struct capture *c);

#endif
