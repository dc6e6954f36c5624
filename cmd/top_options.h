#ifndef IQ_TOP_OPTIONS_H
#define IQ_TOP_OPTIONS_H

#include "base/clock.h"
#include "opt.h"

struct top_options {
	struct args args;
	const char *type;
	int64_t interval;	/* ns */
};

/* Exits with 64 when something is wrong; also without a terminal. */
void top_options_parse(struct top_options *o, int argc, char **argv);

#endif
