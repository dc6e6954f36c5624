/* What the command line of iq-enqueue says. */
#ifndef IQ_ENQUEUE_OPTIONS_H
#define IQ_ENQUEUE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/intake.h"
#include "opt.h"

struct enqueue_args {
	struct args args;		/* the operands are paths */
	struct arena arena;		/* of what the options say */
	bool ids, ack, wait, dry_run, verbose;
	int64_t wait_timeout;
};

/* Fills both; a mistake exits 64. */
void enqueue_options(struct enqueue_args *a, struct intake *in, int argc,
	char **argv);
void enqueue_options_release(struct enqueue_args *a, struct intake *in);

#endif
