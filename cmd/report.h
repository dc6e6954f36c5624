/*
 * What the reports share: text for people when stdout is a terminal, JSON when
 * it is not; tables that fit; JSON of a job.
 */
#ifndef IQ_REPORT_H
#define IQ_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "opt.h"
#include "rules/json.h"
#include "store/read.h"

/* Rows for a program's table of options */
#define REPORT_TEXT (OPT_LONG + 1000)
#define REPORT_JSON (OPT_LONG + 1001)
#define REPORT_OPTIONS \
	{ REPORT_TEXT, "text", NULL, "print text, whatever stdout is", NULL, \
	    false }, \
	{ REPORT_JSON, "json", NULL, "print JSON, whatever stdout is", NULL, \
	    false }

struct report {
	bool json;
	size_t width, height;	/* of the terminal; 0: there is no bound */
	struct buf *into;	/* text is added here; NULL: it is printed */
};

/* form: REPORT_TEXT, REPORT_JSON or 0 */
void report_init(struct report *r, int form);
/* Prints what is in b, and a newline, and empties it. */
void report_line(struct buf *b);
/* The same, or where the report goes. */
void report_put(const struct report *r, struct buf *b);
/* Cuts off what is wider than the terminal, and marks that; b is escaped
 * already. */
void report_clip(const struct report *r, struct buf *b);

/* ---- tables ---- */

struct column {
	const char *name;
	bool right;		/* aligned */
	size_t max;		/* columns at most, 0: no bound */
};

/* The last column takes what is left of the width; what does not fit loses
 * its beginning there (the end of a path says more) and its end elsewhere.
 * With table_prose it is the last column that loses its end; what is longer
 * than its bound elsewhere is shown whole, and moves what follows. */
struct table {
	const struct column *columns;
	size_t ncolumns;
	const struct report *report;	/* where it goes, and how wide that is */
	size_t *widths;
	const int *spare;	/* as table_spare has it */
	bool prose;
	bool *hidden;		/* columns that are left out */
	struct buf text;	/* cells, escaped, each ended by NUL */
	size_t ncells;
	bool headed;		/* the header was printed */
};

/* The report lives as long as the table. */
void table_init(struct table *t, const struct column *columns, size_t n,
	const struct report *r);
/* Columns to leave out where there is not the width for all, in this order,
 * ended by -1. They live as long as the table. */
void table_spare(struct table *t, const int *columns);
void table_prose(struct table *t);
void table_bytes(struct table *t, struct bytes text);
void table_cell(struct table *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Prints the rows so far; later ones are aligned with them if they can be. */
void table_flush(struct table *t);
void table_release(struct table *t);

/* ---- jobs ---- */

void report_job_json(struct json *j, const struct job *job);
/* "ready" "delayed" "retrying" ... for people */
const char *report_job_state(const struct job *job);

/* What it is about, for people: its path, or else its key or payload */
struct bytes report_job_subject(const struct job *job);
/* A table of jobs; times are told as of now (wall). */
void report_jobs_init(struct table *t, const struct report *r);
void report_jobs_add(struct table *t, const struct job *job, int64_t now);

/* ---- numbers ---- */

/* Negative is not known: null. A percentage has one decimal. */
void report_known(struct json *j, const char *name, int64_t v);
void report_percent(struct json *j, const char *name, double v);

/* ---- settings (report_setting.c) ---- */

/* value, unit and origin, as members */
void report_setting_members(struct json *j, enum setting_key k,
	const char *text, enum origin origin);

#endif
