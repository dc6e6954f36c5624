/* What iq-ctl is asked to do. */
#ifndef IQ_CTL_OPTIONS_H
#define IQ_CTL_OPTIONS_H

#include <stdbool.h>

#include "opt.h"
#include "store/store.h"

struct ctl_options {
	struct args args;
	const char *verb;
	bool types;			/* it is about types, not jobs */
	enum job_verb job_verb;
	int first;			/* its first operand */
	int priority;
	bool kill;
	const char *type, *reason, *group;
	int64_t timeout, pause_for;	/* ns, 0: not said */
	int form;			/* as report_init takes it */
};

/* Exits with 64 when something is wrong. */
void ctl_options_parse(struct ctl_options *c, int argc, char **argv);
bool ctl_is(const struct ctl_options *c, const char *verb);

#endif
