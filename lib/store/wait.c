/* Waiting for jobs to end. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/internal.h"

/* The end of a job sends no wake-up: workers would hear it, too. A look at
 * whether anybody has committed costs a few microseconds. */
#define LOOK_FIRST_MS 5
#define LOOK_LAST_MS 80
#define FOR_EVER (INT64_C(1000000000) * NS_PER_S)
#define AT_ONCE 1000		/* ids looked at in one snapshot */

struct awaited {
	int64_t id;
	enum state *end;	/* where to say how it ended, or NULL */
};

struct waiting {
	struct store *store;
	struct awaited *v;	/* not known to have ended, by id */
	size_t n;
	struct awaited gone[AT_ONCE];	/* the queue knows nothing of them */
	size_t ngone;
	size_t failed;
};

static int
by_id(const void *x, const void *y)
{
	const struct awaited *a = x, *b = y;

	return (a->id > b->id) - (a->id < b->id);
}

static void
has_ended(struct waiting *w, const struct awaited *a, enum state how)
{
	w->failed += how != STATE_SUCCEEDED;
	if (a->end)
		*a->end = how;
}

/* A job in quarantine has ended as far as waiting goes: nothing happens to it
 * until an operator comes. */
static int
look_at(struct waiting *w, const struct awaited *a, bool *lives,
	struct err *err)
{
	struct db *db = &w->store->db;
	int64_t state;
	int code = db_int(db, SQL_JOB_STATE, &state, 0, err, "i", a->id);

	if (code == 0 && state == 0)
		code = db_int(db, SQL_ENDED_STATE, &state, 0, err, "i", a->id);
	if (code)
		return code;
	*lives = state != 0 && state < STATE_QUARANTINED;
	if (state == 0)
		w->gone[w->ngone++] = *a;
	else if (!*lives)
		has_ended(w, a, (enum state)state);
	return 0;
}

/* Those of the gone that this move has made so */
static void
went(struct waiting *w, const struct move *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->ngone; i++) {
		const struct awaited a = w->gone[i];

		if (a.id >= m->first && a.id - m->first < m->count)
			has_ended(w, &a, m->from);
		else
			w->gone[kept++] = a;
	}
	w->ngone = kept;
}

/* What retention has forgotten since we began is still in the log. */
static int
look_at_gone(struct waiting *w, struct err *err)
{
	struct query q;
	struct move m;
	int code, got;

	if (w->ngone == 0)
		return 0;
	code = db_start(&q, &w->store->db, SQL_FORGOTTEN, err, "ii",
	    w->store->opened, (int64_t)KIND_FORGET);
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		size_t pos = 0;
		int64_t end = 0;

		while (event_next_move(db_column_bytes(&q, 0), &pos, &end,
		    &m) == 1)
			went(w, &m);
	}
	if (got < 0)
		return err->code;
	if (w->ngone)
		return err_set(err, EX_NOINPUT, "wait for job %lld: no such "
		    "job", (long long)w->gone[0].id);
	return 0;
}

/* All of them, or only up to the first that has not ended: there may be very
 * many, and each look would go through those that come after it. */
static int
look_at_ids(struct waiting *w, bool all, struct err *err)
{
	size_t kept = 0, i = 0;
	int code = 0;

	while (i < w->n && code == 0 && (all || kept == 0)) {
		size_t end = i + AT_ONCE < w->n ? i + AT_ONCE : w->n;

		code = read_begin(w->store, err);
		if (code)
			return code;
		for (; i < end && code == 0 && (all || kept == 0); i++) {
			bool lives = false;

			code = look_at(w, &w->v[i], &lives, err);
			if (lives)
				w->v[kept++] = w->v[i];
		}
		if (code == 0)
			code = look_at_gone(w, err);
		read_end(w->store);
	}
	if (kept < i)
		memmove(w->v + kept, w->v + i, (w->n - i) * sizeof(*w->v));
	w->n -= i - kept;
	return code;
}

/* Whether any of it lives, or (all) how many */
static int
look_at_group(struct waiting *w, struct bytes group, bool all,
	struct err *err)
{
	int64_t left;
	int code = read_begin(w->store, err);

	if (code)
		return code;
	code = db_int(&w->store->db, all ? SQL_WAIT_GROUP : SQL_GROUP_LIVES,
	    &left, 0, err, "b", group);
	read_end(w->store);
	w->n = (size_t)left;
	return code;
}

/* Nothing of a group lives. It may have ended, or its name is wrong. */
static int
check_group(struct store *s, struct bytes group, struct err *err)
{
	struct buf name = { 0 };
	int64_t any;
	int code = db_int(&s->db, SQL_GROUP_KNOWN, &any, 0, err, "b", group);

	if (code || any)
		return code;
	text_escape(&name, group);
	code = err_set(err, EX_NOINPUT, "wait for group %s: no job is in it",
	    name.p ? name.p : "");
	buf_release(&name);
	return code;
}

static int
count_one(void *ctx, const struct job *j)
{
	struct waiting *w = ctx;

	(void)j;
	w->failed++;
	return 0;
}

static int
count_failed(struct waiting *w, struct bytes group, struct err *err)
{
	struct job_filter f = { .group = group,
	    .states = 1u << STATE_QUARANTINED | 1u << STATE_CANCELLED };

	return store_list(w->store, &f, count_one, NULL, w, err);
}

void
sleep_until_change(struct store *s, int64_t timeout)
{
	int64_t end = clock_boot(s->clock) + timeout;
	int ms = LOOK_FIRST_MS;

	while (poll(NULL, 0, ms) == 0 && !s->turn.interrupted &&
	    !store_changed(s) && clock_boot(s->clock) < end)
		ms = ms < LOOK_LAST_MS ? 2 * ms : ms;
}

static int
expired(struct store *s, bool late, size_t left, struct err *err)
{
	if (s->turn.interrupted)
		return err_set(err, EX_TEMPFAIL, "wait for jobs: interrupted");
	if (!late)
		return 0;
	return err_set(err, EX_TEMPFAIL, "wait for jobs: the time is up, "
	    "%zu %s not ended", left, left == 1 ? "has" : "have");
}

static void
begin(struct waiting *w, const int64_t *ids, size_t n, enum state *ends)
{
	w->v = mem_alloc((n + 1) * sizeof(*w->v));
	w->n = n;
	for (size_t i = 0; i < n; i++)
		w->v[i] = (struct awaited){ ids[i], ends ? &ends[i] : NULL };
	qsort(w->v, n, sizeof(*w->v), by_id);
}

int
store_wait(struct store *s, const int64_t *ids, size_t n,
	struct bytes group, int64_t deadline, enum state *ends,
	size_t *failed, struct err *err)
{
	struct waiting w = { .store = s };
	bool lived = false;
	int code = 0;

	if (ids)
		begin(&w, ids, n, ends);
	for (bool first = true; ; first = false) {
		bool late = deadline && clock_boot(s->clock) >= deadline;

		code = ids ? look_at_ids(&w, first || late, err) :
		    look_at_group(&w, group, late, err);
		if (code == 0 && w.n)
			code = expired(s, late, w.n, err);
		if (code || w.n == 0)
			break;
		lived = true;
		sleep_until_change(s, deadline ? deadline -
		    clock_boot(s->clock) : FOR_EVER);
	}
	if (code == 0 && ids == NULL && !lived)
		code = check_group(s, group, err);
	if (code == 0 && ids == NULL)
		code = count_failed(&w, group, err);
	/* the worker that ended them may not have synced that yet */
	s->unsynced = true;
	if (code == 0)
		code = store_sync(s, err);
	*failed = w.failed;
	free(w.v);
	return code;
}
