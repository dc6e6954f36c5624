/* What iq-work is asked to do. */
#ifndef IQ_WORK_OPTIONS_H
#define IQ_WORK_OPTIONS_H

#include "engine/worker.h"
#include "opt.h"

struct work {
	struct args args;
	const char **types;	/* of the selection, owned */
	struct selection selection;
	bool format;		/* --format was given */
	struct worker_options worker;	/* command NULL: none was given */
};

/* Exits 64 when they make no sense, or ask for what does not work yet. */
void work_options(struct work *w, int argc, char **argv);

#endif
