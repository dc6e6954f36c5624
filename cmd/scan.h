/* What the files of iq-scan share. */
#ifndef IQ_SCAN_CMD_H
#define IQ_SCAN_CMD_H

#include "engine/scan.h"
#include "meter.h"
#include "report.h"

enum scan_mode { SCAN_RUN, SCAN_ACK, SCAN_STATUS, SCAN_RESET };

struct scan_pattern {		/* in the order of the command line */
	enum { PATTERN_INCLUDE, PATTERN_EXCLUDE, PATTERN_FILE } kind;
	const char *text;
};

struct scan_program {
	struct args args;	/* the operands are directories */
	enum scan_mode mode;
	const char *name, *type;
	struct scan_pattern *patterns;
	size_t npatterns;
	int64_t max_time;	/* ns, 0: none */
	bool verbose;
	int form;		/* of the report */
	struct scan scan;
	struct globs globs;
	struct arena arena;	/* of roots */
	struct bytes *roots;	/* absolute; as of struct scan_state */
	size_t nroots;
	struct meter meter;
	struct report report;
};

/* Of --include, --exclude and --exclude-from */
void scan_add_pattern(struct scan_program *p, int kind, const char *text);
/* A mistake exits 64. */
void scan_options(struct scan_program *p, int argc, char **argv);
void scan_options_release(struct scan_program *p);

/* ---- scan_source.c: with the settings of the type ---- */

/* The directories of the operands, else of the type; 78 when there are none. */
int scan_find_roots(struct scan_program *p, struct err *err);
/* What is taken and what is not, from the settings, then the options; and for
 * this root: not the files of the queue. */
int scan_read_patterns(struct scan_program *p, struct bytes root,
	struct err *err);

/* ---- scan_status.c ---- */

int scan_status(struct scan_program *p, struct err *err);
/* started: boot */
void scan_print_summary(const struct scan_program *p, int64_t started);
/* Somebody at a terminal may wonder where a file is. */
void scan_tell_unsettled(const struct scan_program *p);

#endif
