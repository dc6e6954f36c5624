/* HTML out: text that is safe in it, numbers that stay numbers, and plots. */
#ifndef IQ_HTML_H
#define IQ_HTML_H

#include "base/buf.h"
#include "store/read.h"

/* As text or in a quoted attribute: what is hidden or not UTF-8 is escaped as
 * on a terminal. */
void html_text(struct buf *b, struct bytes s);
void html_string(struct buf *b, const char *s);

/* What a number is, and so how it reads */
enum html_kind { HTML_COUNT, HTML_SECONDS, HTML_BYTES, HTML_PERCENT,
	HTML_RATE, HTML_BYTE_RATE };

/* As people read it; seconds in ns */
void html_number(struct buf *b, enum html_kind kind, double v);
/* That, in an element that says where the same number stands in the JSON of
 * iq-stats; NAN: not known there */
void html_value(struct buf *b, enum html_kind kind, double v,
	const char *where, ...) __attribute__((format(printf, 4, 5)));

/* Words that stand in the JSON of iq-stats, too, in an element that says where */
void html_words(struct buf *b, struct bytes s, const char *where, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- html_plot.c ---- */

struct html_line {
	const char *name;
	const double *v;	/* one for each bin, NAN: none */
};

struct html_plot {
	const char *title;
	enum html_kind kind;
	bool log;		/* scale; values over 0 only */
	const struct series *series;
	const struct html_line *lines;
	size_t n;
	const char *mark;	/* name of a line across; NULL: none */
	double mark_at;
};
void html_draw(struct buf *b, const struct html_plot *p);

/* "08:15", or "11-21" for long steps, or both; in UTC */
void html_time(struct buf *b, int64_t at, int64_t step, bool whole);

/* ---- html_style.c ---- */

extern const char html_style[];

#endif
