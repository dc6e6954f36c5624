/* What iq-list is asked for. */
#ifndef IQ_LIST_OPTIONS_H
#define IQ_LIST_OPTIONS_H

#include <stdbool.h>

#include "opt.h"
#include "store/read.h"

struct list_options {
	struct args args;
	struct job_filter filter;
	int64_t *ids;		/* those of the filter */
	int64_t now;
	int64_t why, output;	/* a job, or 0 */
	int form;		/* as report_init takes it */
	bool filtered;
	bool all_delayed;	/* -s delayed or pending: not only retrying */
};

/* Exits with 64 when something is wrong. */
void list_options_parse(struct list_options *o, int argc, char **argv);

#endif
