/*
 * Selecting jobs: live ones from job, ended ones from the last row of their
 * history, merged by id.
 *
 * Rows are read a window of ids at a time, each in one snapshot, so that no
 * reader stands in the way of a checkpoint for long; a job is seen once,
 * however it moves meanwhile.
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "store/measures.h"
#include "store/sort.h"
#include "store/window.h"

/* A window ends earlier when this much is kept of its rows. */
#define WINDOW_BYTES ((size_t)8 << 20)

struct rows {
	struct job *v;
	size_t n, cap;
	struct arena arena;	/* of what they point to */
};

struct listing {
	struct store *store;
	const struct job_filter *filter;
	unsigned states;
	struct rows rows;	/* of this window */
	struct rows kept;	/* to be sorted */
	struct buf text;	/* a path, ended by NUL */
	bool sorted;
	struct job_order order;
	job_fn *fn;
	void *ctx;
	int64_t now;		/* wall */
	int64_t shown;
	bool stopped;
};

static void
rows_release(struct rows *r)
{
	free(r->v);
	arena_release(&r->arena);
}

static struct job *
rows_add(struct rows *r)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 64;
		r->v = mem_grow(r->v, r->cap, sizeof(*r->v));
	}
	return memset(&r->v[r->n++], 0, sizeof(*r->v));
}

static const char *
keep_text(struct arena *a, const char *text)
{
	return text ? arena_copy(a, bytes_of(text)).p : NULL;
}

/* What comes after the columns that say which job it is */
static void
read_end_of(struct query *q, struct arena *a, struct job *j)
{
	j->reason = (enum reason)db_column_or(q, 18, REASON_NONE);
	j->has_exit = !db_column_null(q, 19);
	j->exit = (int)db_column_or(q, 19, 0);
	j->started = db_column_or(q, 20, 0);
	j->finished = db_column_or(q, 21, 0);
	j->error = arena_copy(a, db_column_bytes(q, 22));
	j->worker = db_column_or(q, 23, 0);
	j->ended = db_column_or(q, 31, 0);
	measures_take(q, 24, j);
}

static void
read_job(struct listing *l, struct query *q, struct bytes path)
{
	struct arena *a = &l->rows.arena;
	struct job *j = rows_add(&l->rows);
	struct lane *lane = catalog_lane(l->store, db_column_int(q, 2));
	struct type *type = catalog_type(l->store, db_column_int(q, 1));

	j->id = db_column_int(q, 0);
	j->type = type ? keep_text(a, type->name) : NULL;
	j->priority = lane ? lane->priority : 0;
	j->state = (enum state)db_column_int(q, 3);
	j->created = db_column_int(q, 4);
	j->key = arena_copy(a, db_column_bytes(q, 5));
	j->path = arena_copy(a, path);
	j->event = (enum file_event)db_column_or(q, 8, EVENT_NONE);
	j->attempt = (int)db_column_or(q, 9, 0);
	j->attempts = (int)db_column_or(q, 10, 0);
	j->crashes = (int)db_column_or(q, 11, 0);
	j->run_at = db_column_or(q, 12, 0);
	j->eligible = db_column_or(q, 13, 0);
	j->size = db_column_or(q, 14, -1);
	j->max_attempts = (int)db_column_or(q, 15, setting_int(l->store, type,
	    SET_MAX_ATTEMPTS, 0));
	j->group = arena_copy(a, db_column_bytes(q, 16));
	j->payload = arena_copy(a, db_column_bytes(q, 17));
	read_end_of(q, a, j);
}

/* A path is stored only where it is not the key. */
static struct bytes
path_of(struct query *q)
{
	struct bytes path = db_column_bytes(q, 6);

	if (db_column_or(q, 7, 0))
		return BYTES_NONE;
	return path.p ? path : db_column_bytes(q, 5);
}

static bool
path_matches(struct listing *l, struct bytes path)
{
	if (l->filter->path_glob == NULL)
		return true;
	if (path.p == NULL)
		return false;
	buf_reset(&l->text);
	buf_add(&l->text, path.p, path.n);
	return fnmatch(l->filter->path_glob, l->text.p, 0) == 0;
}

/* All matches with lo < id <= *hi; when they become too much, *hi is lowered
 * to the last that was read. */
static int
read_rows(struct listing *l, enum statement which, int64_t lo, int64_t *hi,
	struct err *err)
{
	const struct job_filter *f = l->filter;
	struct query q;
	int code, got;

	code = db_start(&q, &l->store->db, which, err, which == SQL_LIST_ENDED ?
	    "iiitiiibb" : "iiitiiibbii", lo, *hi,
	    (int64_t)l->states, f->type, f->since, f->until,
	    (int64_t)f->reason, f->key, f->group, (int64_t)f->retrying,
	    l->now);
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		struct bytes path = path_of(&q);

		if (!path_matches(l, path))
			continue;
		read_job(l, &q, path);
		if (arena_used(&l->rows.arena) >= WINDOW_BYTES) {
			*hi = l->rows.v[l->rows.n - 1].id;
			db_end(&q);
			return 0;
		}
	}
	return got < 0 ? err->code : 0;
}

static int
by_id(const void *va, const void *vb)
{
	const struct job *a = va, *b = vb;

	return a->id < b->id ? -1 : a->id > b->id;
}

/* Both kinds, in one snapshot, sorted by id */
static int
read_both(struct listing *l, int64_t lo, int64_t *hi, struct err *err)
{
	int code = 0;

	arena_reset(&l->rows.arena);
	l->rows.n = 0;
	if (l->states & LIVE)
		code = read_rows(l, window_rows(l->filter, l->states), lo, hi, err);
	if (code == 0 && (l->states & ENDED))
		code = read_rows(l, SQL_LIST_ENDED, lo, hi, err);
	if (code == 0)
		code = measures_read(l->store, l->rows.v, l->rows.n,
		    &l->rows.arena, err);
	if (l->rows.n)
		qsort(l->rows.v, l->rows.n, sizeof(*l->rows.v), by_id);
	while (l->rows.n && l->rows.v[l->rows.n - 1].id > *hi)
		l->rows.n--;
	return code;
}

/* ---- what was read is shown, or kept to be sorted ---- */

static void
show(struct listing *l, const struct rows *r)
{
	int64_t limit = l->filter->limit;

	for (size_t i = 0; i < r->n && !l->stopped; i++) {
		if (l->fn(l->ctx, &r->v[i]))
			l->stopped = true;
		if (++l->shown == limit)
			l->stopped = true;
	}
}

static int
in_order(const void *va, const void *vb, void *order)
{
	return job_compare(order, va, vb);
}

/* Copies a job and all it points to. */
static void
keep(struct rows *to, const struct job *j)
{
	struct arena *a = &to->arena;
	struct job *k = rows_add(to);

	*k = *j;
	k->type = keep_text(a, j->type);
	k->host = keep_text(a, j->host);
	k->path = arena_copy(a, j->path);
	k->key = arena_copy(a, j->key);
	k->group = arena_copy(a, j->group);
	k->payload = arena_copy(a, j->payload);
	k->error = arena_copy(a, j->error);
}

static void
sort_kept(struct listing *l)
{
	if (l->kept.n)
		qsort_r(l->kept.v, l->kept.n, sizeof(*l->kept.v), in_order,
		    &l->order);
}

/* Only the first of them can be shown: forget the rest. */
static void
cut_kept(struct listing *l, size_t limit)
{
	struct rows first = { 0 };

	sort_kept(l);
	for (size_t i = 0; i < limit; i++)
		keep(&first, &l->kept.v[i]);
	rows_release(&l->kept);
	l->kept = first;
}

static void
deliver(struct listing *l)
{
	size_t limit = (size_t)l->filter->limit;

	if (!l->sorted) {
		show(l, &l->rows);
		return;
	}
	for (size_t i = 0; i < l->rows.n; i++)
		keep(&l->kept, &l->rows.v[i]);
	if (limit && l->kept.n / 2 > limit + WINDOW)
		cut_kept(l, limit);
}

/* ---- all, or by id ---- */

/* Where few are wanted few are read, until that turns out to be too few. */
static int64_t
first_window(const struct listing *l)
{
	int64_t few = l->sorted ? 0 : l->filter->limit;

	if (few == 0)
		few = l->filter->look;
	return few > 0 && few < WINDOW ? few : WINDOW;
}

static int
list_all(struct listing *l, struct err *err)
{
	int64_t lo = 0, hi = 0, window = first_window(l), looked = 0;
	int code;

	do {
		code = read_begin(l->store, err);
		if (code)
			return code;
		code = window_end(l->store, l->filter, l->states, lo, window,
		    &hi, err);
		if (code == 0 && hi)
			code = read_both(l, lo, &hi, err);
		read_end(l->store);
		if (code == 0 && hi)
			deliver(l);
		lo = hi;
		looked += window;
		window = window > WINDOW / 4 ? WINDOW : 4 * window;
	} while (code == 0 && hi && !l->stopped &&
	    (l->filter->look == 0 || looked < l->filter->look));
	return code;
}

static int
exists(struct store *s, int64_t id, bool *there, struct err *err)
{
	int64_t state;
	int code = db_int(&s->db, SQL_JOB_STATE, &state, 0, err, "i", id);

	if (code == 0 && state == 0)
		code = db_int(&s->db, SQL_ENDED_STATE, &state, 0, err, "i",
		    id);
	*there = state != 0;
	return code;
}

static int
list_ids(struct listing *l, missing_fn *missing, struct err *err)
{
	const struct job_filter *f = l->filter;
	int code = 0;

	for (size_t i = 0; i < f->nids && code == 0 && !l->stopped; i++) {
		int64_t hi = f->ids[i];
		bool there = true;

		code = read_begin(l->store, err);
		if (code)
			return code;
		code = read_both(l, hi - 1, &hi, err);
		if (code == 0 && l->rows.n == 0)
			code = exists(l->store, hi, &there, err);
		read_end(l->store);
		if (code == 0)
			deliver(l);
		if (code == 0 && !there && missing)
			missing(l->ctx, f->ids[i]);
	}
	return code;
}

int
store_list(struct store *s, const struct job_filter *f, job_fn *fn,
	missing_fn *missing, void *ctx, struct err *err)
{
	struct listing l = { .store = s, .filter = f, .fn = fn, .ctx = ctx,
	    .states = f->states, .now = clock_wall(s->clock) };
	int code = 0;

	if (l.states == 0)
		l.states = f->ids ? LIVE | ENDED : LIVE;
	l.sorted = f->sort != NULL;
	if (l.sorted)
		code = job_order_parse(f->sort, &l.order, err);
	if (code == 0)
		code = f->ids ? list_ids(&l, missing, err) :
		    list_all(&l, err);
	if (code == 0 && l.sorted) {
		sort_kept(&l);
		show(&l, &l.kept);
	}
	rows_release(&l.rows);
	rows_release(&l.kept);
	buf_release(&l.text);
	return code;
}
