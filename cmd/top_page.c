/* What the screen shows is read, with the words of iq-stats and iq-list. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats_text.h"
#include "top.h"

#define WINDOW (3600 * NS_PER_S)	/* as iq-stats has it */
#define SERIES_EVERY (5 * NS_PER_S)
#define HEAD 11			/* columns of a line's name, as in the report */
#define AFTER 24		/* and of the numbers behind the bars */

void
top_page_release(struct top_page *p)
{
	buf_release(&p->head);
	buf_release(&p->body);
	free(p->items);
	series_release(&p->series);
	*p = (struct top_page){ 0 };
}

/* ---- over time ---- */

static int
read_series(struct top_page *p, struct store *s, const struct top *t,
	int64_t now, struct err *err)
{
	int code;

	if (p->series_at && now - p->series_at < SERIES_EVERY &&
	    now >= p->series_at && strcmp(p->series_type, t->type) == 0)
		return 0;
	series_release(&p->series);
	code = store_series(s, &(struct stats_request){
	    .type = t->type[0] ? t->type : NULL, .since = p->since },
	    &p->series, err);
	p->series_at = code ? 0 : now;
	memcpy(p->series_type, t->type, sizeof(p->series_type));
	return code;
}

static double
jobs_per_second(const struct series_bin *bin)
{
	return bin->covered > 0 ? (double)bin->counter[METRIC_SUCCEEDED] *
	    NS_PER_S / (double)bin->covered : -1;
}

/* What is not in quarantine */
static double
backlog(const struct series_bin *bin)
{
	double n = 0;

	for (int i = 0; i < METRIC_IN_QUARANTINE - METRIC_READY; i++) {
		if (bin->depth[i] < 0)
			return -1;
		n += bin->depth[i];
	}
	return n;
}

static void
add_spark(struct top_page *p, const struct report *r, const char *name,
	double (*value)(const struct series_bin *), int digits)
{
	size_t n = p->series.n, wide = p->width > HEAD + AFTER + 10 ?
	    p->width - HEAD - AFTER : 10;
	double *v = mem_zero(n + 1, sizeof(*v)), most = -1;
	struct buf line = { 0 };

	buf_addf(&line, "%-*s", HEAD, name);
	for (size_t i = 0; i < n; i++) {
		v[i] = value(&p->series.bins[i]);
		if (i + wide >= n && v[i] > most)
			most = v[i];
	}
	top_spark(&line, v, n, wide, p->ascii);
	if (most >= 0)
		buf_addf(&line, "  at most %.*f", digits, most);
	report_put(r, &line);
	p->nhead++;
	buf_release(&line);
	free(v);
}

/* ---- the list ---- */

static struct top_item *
add_item(struct top_page *p)
{
	p->items = mem_grow(p->items, p->n + 1, sizeof(*p->items));
	return memset(&p->items[p->n++], 0, sizeof(*p->items));
}

static void
list_types(struct top_page *p, const struct summary *s, const struct top *t,
	const struct report *r)
{
	const struct type_stats **v = mem_alloc((s->stats.ntypes + 1) *
	    sizeof(*v));
	size_t n = top_types(t, &s->stats, v);

	stats_text_table(s, r, v, n);
	for (size_t i = 0; i < n; i++) {
		struct top_item *item = add_item(p);

		snprintf(item->type, sizeof(item->type), "%s", v[i]->type);
		item->tone = v[i]->breaker ? TOP_BAD : v[i]->paused ||
		    v[i]->starved ? TOP_WARNING : TOP_PLAIN;
	}
	free(v);
}

static void
list_workers(struct top_page *p, const struct summary *s,
	const struct report *r)
{
	stats_text_workers(s, r, SIZE_MAX);
	for (size_t i = 0; i < s->stats.nworkers; i++) {
		const struct worker_stats *w = &s->stats.workers[i];
		struct top_item *item = add_item(p);

		item->job = -w->id;	/* as good a name as any */
		item->tone = !w->alive ? TOP_BAD : w->overdue ? TOP_WARNING :
		    TOP_PLAIN;
	}
}

static void
list_times(struct top_page *p, const struct summary *s, const struct report *r)
{
	stats_text_distributions(s, r, SIZE_MAX);
	for (const char *at = p->body.p; (at = strchr(at, '\n')) && at[1]; at++)
		add_item(p)->job = -(int64_t)p->n;
}

static int
read_list(struct top_page *p, const struct summary *s, const struct top *t,
	struct err *err)
{
	/* two columns are for the mark of what is chosen */
	struct report r = { .width = p->width > 2 ? p->width - 2 : 1,
	    .into = &p->body };
	int code = 0;

	buf_reset(&p->body);
	p->n = 0;
	if (t->view == TOP_TYPES)
		list_types(p, s, t, &r);
	else if (t->view == TOP_WORKERS)
		list_workers(p, s, &r);
	else if (t->view == TOP_TIMES)
		list_times(p, s, &r);
	else
		code = top_jobs_read(p, s->store, t, &r, err);
	return code;
}

int
top_page_read(struct top_page *p, struct store *store, const struct top *t,
	struct err *err)
{
	int64_t now = clock_wall(&clock_system);
	struct report r = { .width = p->width, .into = &p->head };
	struct summary s = { .store = store };
	int code;

	p->since = now - WINDOW;
	code = summary_read(&s, &(struct stats_request){
	    .type = t->type[0] ? t->type : NULL, .since = p->since }, err);
	if (code == 0)
		code = read_series(p, store, t, now, err);
	if (code == 0) {
		buf_reset(&p->head);
		p->nhead = stats_text_head(&s, &r);
		add_spark(p, &r, "jobs/s", jobs_per_second, 1);
		add_spark(p, &r, "backlog", backlog, 0);
		code = read_list(p, &s, t, err);
	}
	summary_release(&s);
	return code;
}
