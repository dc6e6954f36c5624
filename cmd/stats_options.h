#ifndef IQ_STATS_OPTIONS_H
#define IQ_STATS_OPTIONS_H

#include "stats.h"

enum stats_form { STATS_REPORT, STATS_HEALTH, STATS_PROMETHEUS,
	STATS_HTML };

struct stats_options {
	struct args args;
	const char *type;
	int64_t since;
	enum breakdown by;
	enum stats_form form;
	int print;		/* REPORT_TEXT, REPORT_JSON or 0 */
};

void stats_options_parse(struct stats_options *o, int argc, char **argv);

#endif
