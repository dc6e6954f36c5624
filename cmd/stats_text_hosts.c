/* The report for people, by host. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "stats_text.h"

static void
say_more(const struct report *r, size_t n, const char *what)
{
	struct buf b = { 0 };

	buf_addf(&b, "... and %zu more %s", n, what);
	report_put(r, &b);
	buf_release(&b);
}

static void
add_worker(struct table *t, const struct worker_stats *w)
{
	struct buf beat = { 0 }, types = { 0 };

	if (w->alive)
		duration_human(&beat, w->silent > 0 ? w->silent : 0);
	else
		buf_adds(&beat, "dead");
	if (w->overdue)
		buf_adds(&beat, " OVERDUE");
	for (size_t i = 0; i < w->serves.n; i++)
		buf_addf(&types, "%s%s", i ? " " : "", w->serves.types[i]);
	table_cell(t, "%lld", (long long)w->id);
	table_cell(t, "%s", w->host);
	table_cell(t, "%d", w->pid);
	table_cell(t, "%d", w->running);
	table_cell(t, "%d", w->limit);
	table_bytes(t, (struct bytes){ beat.p, beat.len });
	table_cell(t, "%s", types.len ? types.p : "all");
	buf_release(&beat);
	buf_release(&types);
}

void
stats_text_workers(const struct summary *s, const struct report *r,
	size_t lines)
{
	static const struct column columns[] = {
		{ "WORKER", true, 0 }, { "HOST", false, 30 },
		{ "PID", true, 0 }, { "RUN", true, 0 }, { "LIMIT", true, 0 },
		{ "BEAT", true, 0 }, { "TYPES", false, 0 },
	};
	static const int spare[] = { 0, 2, 5, -1 };
	size_t n = s->stats.nworkers, shown = n > lines ? lines - 1 : n;
	struct table t;

	table_init(&t, columns, sizeof(columns) / sizeof(*columns), r);
	table_spare(&t, spare);
	for (size_t i = 0; i < shown; i++)
		add_worker(&t, &s->stats.workers[i]);
	table_flush(&t);
	table_release(&t);
	if (shown < n)
		say_more(r, n - shown, "workers");
}

/* ---- what attempts of a type take there ---- */

struct learned {
	const char *type;
	const struct host_average *of;
};

static int
newest_first(const void *va, const void *vb)
{
	const struct learned *a = va, *b = vb;
	int64_t d = b->of->average.updated - a->of->average.updated;

	return d ? (d > 0 ? 1 : -1) : strcmp(a->type, b->type);
}

static void
add_learned(struct table *t, const struct learned *l, int64_t now)
{
	const struct average *a = &l->of->average;
	struct buf ago = { 0 };

	duration_human(&ago, now > a->updated ? now - a->updated : 0);
	table_cell(t, "%s", l->of->host);
	table_cell(t, "%s", l->type);
	if (a->cpu_percent < 0)
		table_cell(t, "-");
	else
		table_cell(t, "%.0f %%", a->cpu_percent);
	stats_text_measure(t, METRIC_MAX_RSS, (int64_t)a->memory,
	    a->memory >= 0);
	stats_text_measure(t, METRIC_DURATION, (int64_t)a->duration,
	    a->duration >= 0);
	table_bytes(t, (struct bytes){ ago.p, ago.len });
	buf_release(&ago);
}

static size_t
gather(const struct summary *s, struct learned **out)
{
	size_t n = 0;

	for (size_t i = 0; i < s->stats.ntypes; i++)
		n += s->stats.types[i].naverages;
	*out = n ? mem_alloc(n * sizeof(**out)) : NULL;
	n = 0;
	for (size_t i = 0; i < s->stats.ntypes; i++) {
		const struct type_stats *t = &s->stats.types[i];

		for (size_t k = 0; k < t->naverages; k++)
			(*out)[n++] = (struct learned){ t->type,
			    &t->averages[k] };
	}
	if (n)
		qsort(*out, n, sizeof(**out), newest_first);
	return n;
}

static void
learned(const struct summary *s, const struct report *r,
	const struct learned *v, size_t n, size_t lines)
{
	static const struct column columns[] = {
		{ "HOST", false, 20 }, { "TYPE", false, 26 },
		{ "CPU", true, 0 }, { "MEMORY", true, 0 },
		{ "RUN TIME", true, 0 }, { "AGO", true, 0 },
	};
	static const int spare[] = { 5, 2, 3, 0, -1 };
	size_t shown = n > lines ? lines - 1 : n;
	struct table t;

	table_init(&t, columns, sizeof(columns) / sizeof(*columns), r);
	table_spare(&t, spare);
	for (size_t i = 0; i < shown; i++)
		add_learned(&t, &v[i], s->stats.sampled);
	table_flush(&t);
	table_release(&t);
	if (shown < n)
		say_more(r, n - shown, "types");
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Or it would only say that there are more */
static bool
has_room(size_t rows, size_t lines)
{
	return rows && lines >= least(rows, 2);
}

/* Lines of the first table: what it needs and the second one, with its head,
 * does not; all where there are not enough for both */
static size_t
share(size_t workers, size_t types, size_t lines)
{
	size_t second = least(types, lines > 6 ? lines / 3 : 2);
	size_t first = types == 0 ? lines :
	    lines > second + 1 ? lines - second - 1 : 0;

	return least(workers, has_room(workers, first) ? first : lines);
}

void
stats_text_hosts(const struct summary *s, const struct report *r, size_t lines)
{
	struct learned *v;
	size_t n = gather(s, &v);
	size_t first = share(s->stats.nworkers, n, lines);

	if (has_room(s->stats.nworkers, first)) {
		stats_text_workers(s, r, first);
		lines = lines > first + 1 ? lines - first - 1 : 0;
	}
	if (has_room(n, lines))
		learned(s, r, v, n, lines);
	free(v);
}
