/*
 * A checkpoint while another process commits.  SQLite before 3.51.3 loses
 * commits when the WAL is started over at that moment; the store's own
 * checkpoints exclude it.
 */
#ifndef IQ_OVERLAP_H
#define IQ_OVERLAP_H

#include "inspect.h"
#include "play.h"

/* Whether the SQLite in use has the mistake */
bool overlap_applies(void);
/* A foreign program checkpoints (PASSIVE), and the store enqueues in the
 * middle of it. */
void overlap_foreign(struct play *p, struct findings *f);
/* The store checkpoints, and another handle tries to enqueue in the middle of
 * it.  *tried times, of which *refused, as it must be. */
void overlap_store(struct play *p, struct findings *f, long *tried,
	long *refused);

#endif
