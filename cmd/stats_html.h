/* Private to the page of iq-stats --html. */
#ifndef IQ_STATS_HTML_H
#define IQ_STATS_HTML_H

#include "html.h"
#include "stats.h"

/* ---- stats_html_tables.c ---- */

void stats_html_distributions(struct buf *b, const struct summary *s);
void stats_html_types(struct buf *b, const struct summary *s);
void stats_html_workers(struct buf *b, const struct summary *s);
void stats_html_failures(struct buf *b, const struct failures *f);
/* What is set for each type, and what there is of it */
int stats_html_limits(struct buf *b, const struct summary *s,
	struct err *err);

/* ---- stats_html_state.c ---- */

/* What is wrong with the queue and its settings, and who watches what */
int stats_html_state(struct buf *b, const struct summary *s, struct err *err);

/* ---- stats_html_series.c ---- */

void stats_html_plots(struct buf *b, const struct series *v, double target);
/* The same as numbers */
void stats_html_series(struct buf *b, const struct series *v);

#endif
