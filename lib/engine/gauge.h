/*
 * What looks at the processes of a handler while it runs have shown: how large
 * they are together, and how fast their CPU time grows.
 */
#ifndef IQ_GAUGE_H
#define IQ_GAUGE_H

#include "engine/tree.h"
#include "store/work.h"

struct gauge {			/* zero-initialised: nobody has looked */
	int64_t looks;
	int64_t at;		/* boot ns: the last one, and what it showed: */
	int64_t cpu;		/* ns since the handler was started */
	int64_t memory;		/* bytes */
	double memory_sum;	/* of all looks */
	double cpu_peak;	/* percent of one core between two of them */
};

/* now: boot ns, never less than before; started: when the first process was;
 * cpu: of all processes so far; memory: sum of their sizes */
void gauge_look(struct gauge *g, int64_t started, int64_t now, int64_t cpu,
	int64_t memory);
/* The same, of these processes and all below them; gone: what those have used
 * that were waited for.  Nothing where the system does not tell. */
void gauge_read(struct gauge *g, struct tree *t, const struct pids *roots,
	const struct usage *gone, int64_t started, int64_t now);
/* All have ended after took ns; cpu: what they have used, -1 not known.  What
 * is known is none of a handler that nobody has looked at. */
struct footprint gauge_end(const struct gauge *g, int64_t started,
	int64_t took, int64_t cpu);

#endif
