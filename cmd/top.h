/* What the files of iq-top share: what is read of the queue for a screen, and
 * the screen. */
#ifndef IQ_TOP_H
#define IQ_TOP_H

#include "stats.h"
#include "top_model.h"

/* ---- top_types.c: pure ---- */

/* Those types of the summary that the filter lets through and are more than
 * parents, in the order wanted; out has room for all. */
size_t top_types(const struct top *t, const struct stats *s,
	const struct type_stats **out);

/* ---- top_spark.c: pure ---- */

/* A bar for each of the last values, at most so many, the highest of all being
 * the top; negative is not known and stays blank.  ascii: no blocks */
void top_spark(struct buf *b, const double *v, size_t n, size_t columns,
	bool ascii);

/* ---- top_page.c ---- */

/* What is on the screen */
struct top_page {
	struct buf head, body;	/* lines; the first one of the body is the head
				 * of its table */
	size_t nhead;
	struct top_item *items;	/* of the other lines of the body */
	size_t n;
	bool ascii;		/* as the terminal wants it */
	size_t width;		/* columns */
	int64_t since;		/* wall: start of the window */
	/* over time, read now and then */
	struct series series;
	char series_type[TYPE_MAX + 1];
	int64_t series_at;	/* wall: when it was read; 0: never */
};

/* Reads what this view of the model shows. */
int top_page_read(struct top_page *p, struct store *s, const struct top *t,
	struct err *err);
void top_page_release(struct top_page *p);
/* The rows of the table of jobs: top_jobs.c */
int top_jobs_read(struct top_page *p, struct store *s, const struct top *t,
	const struct report *r, struct err *err);
/* What holds a job back, and what it said: as lines */
int top_job_explain(struct store *s, int64_t job, struct buf *b,
	struct err *err);

/* ---- top_act.c ---- */

/* Does it, and says in b how that went. */
void top_act(const char *queue, const struct top_action *a, struct buf *b);

/* ---- top_screen.c ---- */

struct top_screen;

/* Takes the terminal; 69 when it cannot do what is needed. */
int top_screen_open(struct top_screen **out, struct err *err);
/* Gives it back as it was. */
void top_screen_close(struct top_screen *s);
void top_screen_size(const struct top_screen *s, size_t *width,
	size_t *height);
bool top_screen_ascii(const struct top_screen *s);
/* It has got another size. */
void top_screen_resize(struct top_screen *s);
/* The terminal is somebody else's between the two. */
void top_screen_leave(struct top_screen *s);
void top_screen_return(struct top_screen *s);
/* The next key that was pressed, or TOP_KEY_NONE */
int top_screen_key(struct top_screen *s);
/* Whether what is drawn would be taken at once */
bool top_screen_ready(const struct top_screen *s);
void top_screen_draw(struct top_screen *s, struct top *t,
	const struct top_page *p);

/* ---- top_layout.c: pure ---- */

struct top_layout {
	size_t head;		/* lines of it that are shown */
	size_t rows;		/* for the list, without the head of its table */
};
/* One line for the names of the views, one for the head of the table, and the
 * last one for keys */
struct top_layout top_layout(size_t height, size_t nhead);
/* When what is shown is to be read again, after it was begun at a time and took
 * so long: as often as is wanted, or less often when it would take too much
 * of a core. changed: since then, in the queue */
int64_t top_next(int64_t began, int64_t cost, int64_t interval, bool changed);
/* No longer than so many columns; with ascii, ? for other characters */
void top_line(struct buf *out, struct bytes line, size_t columns, bool ascii);

#endif
