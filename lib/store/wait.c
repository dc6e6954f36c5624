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

struct waiting {
	struct store *store;
	int64_t *ids;		/* not known to have ended */
	size_t n;
	size_t failed;
};

/* A job in quarantine has ended as far as waiting goes: nothing happens to it
 * until an operator comes. */
static int
look_at(struct waiting *w, int64_t id, bool *ended, struct err *err)
{
	struct db *db = &w->store->db;
	int64_t state;
	int code = db_int(db, SQL_JOB_STATE, &state, 0, err, "i", id);

	if (code == 0 && state == 0)
		code = db_int(db, SQL_ENDED_STATE, &state, 0, err, "i", id);
	if (code)
		return code;
	if (state == 0)
		return err_set(err, EX_NOINPUT, "wait for job %lld: no such "
		    "job", (long long)id);
	*ended = state >= STATE_QUARANTINED;
	w->failed += *ended && state != STATE_SUCCEEDED;
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
			bool ended = false;

			code = look_at(w, w->ids[i], &ended, err);
			if (!ended)
				w->ids[kept++] = w->ids[i];
		}
		read_end(w->store);
	}
	if (kept < i)
		memmove(w->ids + kept, w->ids + i,
		    (w->n - i) * sizeof(*w->ids));
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

int
store_wait(struct store *s, const int64_t *ids, size_t n,
	struct bytes group, int64_t deadline, size_t *failed,
	struct err *err)
{
	struct waiting w = { .store = s, .n = n };
	int code = 0;

	if (ids)
		w.ids = (void *)mem_dup(ids, n * sizeof(*ids));
	for (bool first = true; ; first = false) {
		bool late = deadline && clock_boot(s->clock) >= deadline;

		code = ids ? look_at_ids(&w, first || late, err) :
		    look_at_group(&w, group, late, err);
		if (code == 0 && w.n)
			code = expired(s, late, w.n, err);
		if (code || w.n == 0)
			break;
		sleep_until_change(s, deadline ? deadline -
		    clock_boot(s->clock) : FOR_EVER);
	}
	if (code == 0 && ids == NULL)
		code = check_group(s, group, err);
	if (code == 0 && ids == NULL)
		code = count_failed(&w, group, err);
	/* the worker that ended them may not have synced that yet */
	s->unsynced = true;
	if (code == 0)
		code = store_sync(s, err);
	*failed = w.failed;
	free(w.ids);
	return code;
}
