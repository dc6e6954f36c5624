/* What the files of iq-scan share, and iq-watch, which looks as it does. */
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

/* A mistake exits 64. */
void scan_options(struct scan_program *p, int argc, char **argv);

/* ---- scan_source.c: with the settings of the type ---- */

/* Rows for the table of options of both programs */
enum {
	SOURCE_NAME = OPT_LONG + 1100, SOURCE_INCLUDE, SOURCE_EXCLUDE,
	SOURCE_EXCLUDE_FROM, SOURCE_ONE_FILE_SYSTEM
};
#define SOURCE_TYPE_OPTION \
	{ 't', "type", "TYPE", "with the directories and settings of this " \
	    "type", "type", false }
#define SOURCE_NAME_OPTION \
	{ SOURCE_NAME, "name", "S", "what is known of the files is kept by " \
	    "this name (the type)", NULL, false }
#define SOURCE_SELECT_OPTIONS \
	{ SOURCE_INCLUDE, "include", "G", "files that match are wanted; if " \
	    "this comes first, only these", NULL, false }, \
	{ SOURCE_EXCLUDE, "exclude", "G", "files and directories that match " \
	    "are not; the last match wins", NULL, false }, \
	{ SOURCE_EXCLUDE_FROM, "exclude-from", "FILE", "patterns from a " \
	    "file, as of gitignore", "file", false }, \
	{ SOURCE_ONE_FILE_SYSTEM, "one-file-system", NULL, "do not descend " \
	    "into others", NULL, false }
/* False: it is none of these. */
bool scan_source_option(struct scan_program *p, int id, const char *value);
/* What is known of the files is kept by it. */
struct bytes scan_name(const struct scan_program *p);
/* Threads that a walk takes on this machine */
int scan_threads(void);
/* The directories of the operands, else of the type; 78 when there are none. */
int scan_find_roots(struct scan_program *p, struct err *err);
/* What is taken and what is not, from the settings, then the options; and for
 * this root: not the files of the queue. */
int scan_read_patterns(struct scan_program *p, struct bytes root,
	struct err *err);
/* They may be found anew. */
void scan_close_roots(struct scan_program *p);
void scan_source_release(struct scan_program *p);

/* ---- scan_status.c ---- */

int scan_status(struct scan_program *p, struct err *err);
/* started: boot */
void scan_print_summary(const struct scan_program *p, int64_t started);
/* See struct scan for why. */
void scan_warn_unread(struct bytes path, int why);
void scan_warn_unsayable(struct bytes path);
/* Somebody at a terminal may wonder where a file is. */
void scan_tell_unsettled(const struct scan_program *p);

#endif
