/*
 * What failed, by how it did: a row for each period, type, reason and exit
 * status.  It is added to by the transaction in which the attempt ends, and
 * becomes part of longer periods as counts do (rollup.c).
 */
#include <stdlib.h>

#include "rules/period.h"
#include "store/frozen.h"
#include "store/span.h"

#define ERRORS_AT_ONCE 64	/* in a snapshot */

int
failure_add(struct store *s, const struct settlement *t, struct err *err)
{
	/* the status of a worker that died is not its job's; nor is that a
	 * newer job does the work the reason why it died */
	bool crash = t->outcome == OUTCOME_CRASH;
	enum reason reason = crash ? REASON_CRASH : t->verdict.reason;
	int status = crash ? 0 : t->end->ending.status;
	enum state to = t->verdict.to;

	return db_run(&s->db, SQL_FAILURE_ADD, err, "iiiiiiiii",
	    period_of(PERIOD_IS_MINUTE, s->tx.now), t->job->type,
	    (int64_t)reason, (int64_t)status,
	    (int64_t)(to == STATE_QUARANTINED),
	    (int64_t)(to == STATE_CANCELLED), s->tx.now, t->job->id,
	    t->job->attempt);
}

static struct failure *
group_of(struct failures *f, const struct failure *like)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].type == like->type &&
		    f->v[i].reason == like->reason &&
		    f->v[i].exit == like->exit)
			return &f->v[i];
	return NULL;
}

static void
add_row(void *ctx, const struct failure *row)
{
	struct failures *f = ctx;
	struct failure *to = group_of(f, row);

	if (to == NULL) {
		f->v = mem_grow(f->v, f->n + 1, sizeof(*f->v));
		f->v[f->n++] = *row;
		return;
	}
	to->count += row->count;
	to->quarantined += row->quarantined;
	to->cancelled += row->cancelled;
	if (row->first < to->first)
		to->first = row->first;
	if (row->last >= to->last) {
		to->last = row->last;
		to->job = row->job;
		to->attempt = row->attempt;
	}
}

/* Those of types that are not wanted go. Inside a reading. */
static void
name_types(struct store *s, struct failures *f, const char *wanted)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		struct type *t = catalog_type(s, f->v[i].type);
		const char *name = t ? t->name : "?";

		if (wanted && !(t && type_within(name, wanted)))
			continue;
		f->v[n] = f->v[i];
		snprintf(f->v[n].name, sizeof(f->v[n].name), "%s", name);
		n++;
	}
	f->n = n;
}

static int
most_first(const void *va, const void *vb)
{
	const struct failure *a = va, *b = vb;

	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	return a->last < b->last ? 1 : a->last > b->last ? -1 : 0;
}

static int
read_error(struct store *s, struct failure *f, struct err *err)
{
	struct bytes error;
	struct query q;
	int got = db_first(&q, &s->db, SQL_ATTEMPT_ERROR, err, "ii", f->job,
	    f->attempt);

	if (got <= 0)
		return got < 0 ? err->code : 0;
	error = db_column_bytes(&q, 0);
	if (error.n)
		buf_add(&f->error, error.p, error.n);
	db_end(&q);
	return 0;
}

static int
read_errors(struct store *s, struct failures *f, struct err *err)
{
	int code = 0;

	for (size_t from = 0; from < f->n && code == 0;
	    from += ERRORS_AT_ONCE) {
		code = read_begin(s, err);
		if (code)
			return code;
		for (size_t i = from; i < f->n && i < from + ERRORS_AT_ONCE &&
		    code == 0; i++)
			code = read_error(s, &f->v[i], err);
		read_end(s);
	}
	return code;
}

int
store_failures(struct store *s, const struct stats_request *r,
	struct failures *out, struct err *err)
{
	struct span_reader reader = { .failure = add_row, .ctx = out };
	struct span span;
	int code;

	*out = (struct failures){ 0 };
	code = read_begin(s, err);
	if (code)
		return code;
	code = span_since(s, r->since, &span, err);
	read_end(s);
	if (code == 0)
		code = span_read(s, &span, &reader, err);
	if (code == 0)
		code = read_begin(s, err);
	if (code)
		goto failed;
	name_types(s, out, r->type);
	read_end(s);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), most_first);
	code = read_errors(s, out, err);
	if (code == 0)
		return 0;
failed:
	failures_release(out);
	return code;
}

void
failures_release(struct failures *f)
{
	for (size_t i = 0; i < f->n; i++)
		buf_release(&f->v[i].error);
	free(f->v);
	*f = (struct failures){ 0 };
}
