/* What failed in the window, grouped by type, reason and exit status.  The
 * audit log knows: history has no index by time. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "stats.h"
#include "store/log.h"

struct counting {
	struct summary *summary;
	struct failure *last;	/* of the move before this one, or NULL */
	int64_t job;		/* of that */
};

static bool
wanted(const struct summary *s, int64_t type)
{
	const char *name = s->type ? store_type_name(s->store, type) : NULL;

	return s->type == NULL || (name && type_within(name, s->type));
}

static struct failure *
group_of(struct failures *f, const struct failure *like)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].type == like->type &&
		    f->v[i].reason == like->reason &&
		    f->v[i].has_exit == like->has_exit &&
		    f->v[i].exit == like->exit)
			return &f->v[i];
	f->v = mem_grow(f->v, f->n + 1, sizeof(*f->v));
	f->v[f->n] = *like;
	return &f->v[f->n++];
}

static void
add_outcome(struct failure *f, enum state to)
{
	if (to == STATE_QUARANTINED)
		f->quarantined++;
	else if (to == STATE_CANCELLED)
		f->cancelled++;
	else
		f->retried++;
}

static void
add_failure(struct counting *c, const struct entry *e, const struct move *m,
	bool crash)
{
	struct failure like = { .type = m->type, .reason = m->reason,
	    .has_exit = !crash, .exit = crash ? 0 : m->exit, .first = e->at };
	const char *name = store_type_name(c->summary->store, m->type);

	snprintf(like.name, sizeof(like.name), "%s", name ? name : "?");
	c->last = group_of(&c->summary->failures, &like);
	c->last->count++;
	c->last->last = e->at;
	c->last->job = c->job = m->first;
}

/* One that fails moves to failed, and from there to where it belongs; one whose
 * worker died does so at once. */
static void
count_move(struct counting *c, const struct entry *e, const struct move *m)
{
	if (m->from == STATE_RUNNING && m->to == STATE_FAILED) {
		add_failure(c, e, m, false);
	} else if (m->from == STATE_RUNNING && m->reason == REASON_CRASH) {
		add_failure(c, e, m, true);
		add_outcome(c->last, m->to);
	} else if (m->from == STATE_FAILED && c->last && c->job == m->first) {
		add_outcome(c->last, m->to);
	}
}

static int
count_event(void *ctx, const struct entry *e)
{
	struct counting *c = ctx;
	size_t at = 0;
	int64_t end = 0;
	struct move m;

	if (e->at < c->summary->stats.since)
		return 0;
	c->last = NULL;
	while (event_next_move(e->moves, &at, &end, &m) == 1)
		if (wanted(c->summary, m.type))
			count_move(c, e, &m);
	return 0;
}

static int
most_first(const void *va, const void *vb)
{
	const struct failure *a = va, *b = vb;

	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	return a->last < b->last ? 1 : a->last > b->last ? -1 : 0;
}

/* The last line that says something, of what the job's last attempt wrote to
 * its standard error */
static void
last_line(struct bytes text, struct buf *out)
{
	size_t start;

	while (text.n && strchr(" \t\r\n", text.p[text.n - 1]))
		text.n--;
	for (start = text.n; start > 0 && text.p[start - 1] != '\n'; start--)
		;
	if (text.n > start)
		buf_add(out, text.p + start, text.n - start);
}

static int
keep_error(void *ctx, const struct job *j)
{
	struct failures *f = ctx;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].job == j->id && f->v[i].error.p == NULL)
			last_line(j->error, &f->v[i].error);
	return 0;
}

static int
read_errors(struct summary *s, struct err *err)
{
	struct failures *f = &s->failures;
	struct job_filter filter = { 0 };
	int64_t *ids = mem_alloc((f->n + 1) * sizeof(*ids));
	int code;

	for (size_t i = 0; i < f->n; i++)
		ids[i] = f->v[i].job;
	filter.ids = ids;
	filter.nids = f->n;
	code = f->n ? store_list(s->store, &filter, keep_error, NULL, f,
	    err) : 0;
	free(ids);
	return code;
}

int
failures_read(struct summary *s, struct err *err)
{
	struct counting c = { .summary = s };
	int64_t after;
	int code = store_log_at(s->store, s->stats.since, &after, err);

	after--;
	if (code == 0)
		code = store_log(s->store, &after, INT64_MAX, count_event, &c,
		    err);
	if (s->failures.n)
		qsort(s->failures.v, s->failures.n, sizeof(*s->failures.v),
		    most_first);
	return code ? code : read_errors(s, err);
}

void
failures_release(struct failures *f)
{
	for (size_t i = 0; i < f->n; i++)
		buf_release(&f->v[i].error);
	free(f->v);
	*f = (struct failures){ 0 };
}

void
failures_json(struct json *j, const struct failures *f)
{
	json_begin_array(j, "failures");
	for (size_t i = 0; i < f->n; i++) {
		const struct failure *v = &f->v[i];

		json_begin_object(j, NULL);
		json_put_string(j, "type", v->name);
		json_put_string(j, "reason", reason_name(v->reason));
		if (v->has_exit)
			json_put_int(j, "exit", v->exit);
		else
			json_put_null(j, "exit");
		json_put_int(j, "count", v->count);
		json_put_int(j, "retried", v->retried);
		json_put_int(j, "quarantined", v->quarantined);
		json_put_int(j, "cancelled", v->cancelled);
		json_put_time(j, "first_at", v->first);
		json_put_time(j, "last_at", v->last);
		json_put_int(j, "last_id", v->job);
		json_put_path(j, "error", v->error.p ? (struct bytes){
		    v->error.p, v->error.len } : BYTES_NONE);
		json_end_object(j);
	}
	json_end_array(j);
}

static void
add_row(struct table *t, const struct failure *v)
{
	const char *reason = reason_name(v->reason);

	table_cell(t, "%lld", (long long)v->count);
	table_cell(t, "%s", v->name);
	table_cell(t, "%s", reason ? reason : "?");
	if (v->has_exit)
		table_cell(t, "%d", v->exit);
	else
		table_cell(t, "-");
	table_cell(t, "%lld", (long long)v->retried);
	table_cell(t, "%lld", (long long)v->quarantined);
	table_cell(t, "%lld", (long long)v->job);
	table_bytes(t, (struct bytes){ v->error.p ? v->error.p : "",
	    v->error.len });
}

void
failures_text(const struct failures *f, const struct report *r, size_t lines)
{
	static const struct column columns[] = {
		{ "FAILED", true, 0 }, { "TYPE", false, 16 },
		{ "REASON", false, 18 }, { "EXIT", true, 0 },
		{ "RETRIED", true, 0 }, { "QUAR", true, 0 },
		{ "LAST ID", true, 0 }, { "IT SAID", false, 0 },
	};
	static const int spare[] = { 4, 6, 5, 3, -1 };
	size_t shown = f->n > lines ? lines - 1 : f->n;
	struct table t;

	if (f->n == 0)
		puts("nothing failed");
	table_init(&t, columns, sizeof(columns) / sizeof(*columns), r);
	table_spare(&t, spare);
	for (size_t i = 0; i < shown; i++)
		add_row(&t, &f->v[i]);
	table_flush(&t);
	table_release(&t);
	if (shown < f->n)
		printf("... and %zu other ways to fail\n", f->n - shown);
}
