/* What holds back a pending job: everything that a claim would look at. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/num.h"
#include "store/claim.h"
#include "store/reserve.h"
#include "store/schema.h"
#include "store/why.h"

/* " until 2026-11-21T08:15:30.123Z (in 5m00s)" */
static void
add_until(struct buf *b, int64_t at, int64_t now)
{
	buf_adds(b, " until ");
	time_format(b, at);
	if (at > now) {
		buf_adds(b, " (in ");
		duration_human(b, at - now);
		buf_addc(b, ')');
	}
}

static int
say_pause(struct why *w, struct type *t, struct err *err)
{
	struct buf b = { 0 };
	struct pause p;
	int code = pause_read(w->store, t, w->now, &p, err);

	if (code || !p.on)
		return code;
	if (t)
		buf_addf(&b, "%s %s is paused", t == w->type ? "type" :
		    "parent type", t->name);
	else
		buf_adds(&b, "the whole queue is paused");
	if (p.until)
		add_until(&b, p.until, w->now);
	if (p.reason[0])
		buf_addf(&b, ": %s", p.reason);
	why_say(w, "paused", "%s", b.p);
	buf_release(&b);
	return 0;
}

static int
say_pauses(struct why *w, struct err *err)
{
	int code = say_pause(w, NULL, err);

	for (struct type *t = w->type; t && code == 0; t = t->parent)
		code = say_pause(w, t, err);
	return code;
}

static void
say_delay(struct why *w)
{
	struct buf until = { 0 };

	if (w->run_at <= w->now && w->state == STATE_DELAYED) {
		why_say(w, "due", "its time has come; the next claim of any "
		    "worker lets it start");
		return;
	}
	if (w->run_at <= w->now)
		return;
	add_until(&until, w->run_at, w->now);
	if (w->attempts > 0 || w->reason != REASON_NONE)
		why_say(w, "retry", "it failed (%s; %" PRId64 " of %" PRId64
		    " attempts used) and is not tried again%s",
		    why_reason(w->reason, "unknown"), w->attempts,
		    w->max_attempts, until.p);
	else
		why_say(w, "delayed", "it is delayed%s", until.p);
	buf_release(&until);
}

static int
is_unheard(struct why *w, int64_t parent, int64_t *unheard, struct err *err)
{
	*unheard = 0;
	return w->store->version < SCHEMA_UNHEARD ? 0 :
	    db_int(&w->store->db, SQL_WHY_UNHEARD, unheard, 0, err, "ii",
	    parent, w->id);
}

static int
say_parent(struct why *w, int64_t parent, enum state state, struct err *err)
{
	const char *name = state == STATE_NONE ? "not known" :
	    state_name(state);
	int64_t unheard;
	int code = is_unheard(w, parent, &unheard, err);

	if (code)
		return code;
	if (unheard && state >= STATE_QUARANTINED)
		why_say(w, "parent", "job %" PRId64 ", which it waits for, is "
		    "%s, and its children, which are many, hear of that one "
		    "after the other: iq-ctl and any worker go on with it",
		    parent, name);
	else if (state == STATE_QUARANTINED || state == STATE_CANCELLED)
		why_say(w, "parent", "it waits for job %" PRId64 ", which is %s "
		    "and will not succeed by itself: iq-ctl retry %" PRId64
		    " runs that one again, iq-ctl cancel %" PRId64 " gives "
		    "this one up", parent, name, parent, w->id);
	else
		why_say(w, "parent", "it waits for job %" PRId64 ", which is %s",
		    parent, name);
	return 0;
}

static int
say_parents(struct why *w, struct err *err)
{
	struct query q;
	int code, got = 0;

	code = db_start(&q, &w->store->db, SQL_WHY_PARENTS, err, "i", w->id);
	if (code)
		return code;
	while (code == 0 && (got = db_row(&q, err)) == 1)
		code = say_parent(w, db_column_int(&q, 0),
		    (enum state)db_column_or(&q, 1, STATE_NONE), err);
	if (code)
		db_end(&q);
	return code ? code : got < 0 ? err->code : 0;
}

static int
say_key(struct why *w, struct err *err)
{
	int64_t running;
	int code = job_older_runs(w->store, w->older, &running, err);

	if (code == 0 && running)
		why_say(w, "key", "job %" PRId64 " of the same key is running",
		    running);
	return code;
}

/* A type that inherits its cap is named only where that is nobody's but the
 * queue's: else whose it is has reached it as well. */
static int
say_cap(struct why *w, struct err *err)
{
	struct type *capped, *whose;
	int64_t cap = 0;
	int code = count_running(w->store, err);

	if (code)
		return code;
	capped = whose = type_capped(w->store, w->type, &cap);
	while (whose && !type_sets_cap(whose))
		whose = whose->parent;
	if (whose)
		why_say(w, "cap", "type %s is at its cap: %" PRId64 " of %" PRId64
		    " running", whose->name, whose->running, cap);
	else if (capped)
		why_say(w, "cap", "type %s is at the cap that each type has: %"
		    PRId64 " of %" PRId64 " running", capped->name,
		    capped->running, cap);
	return 0;
}

static void
say_breaker(struct why *w)
{
	struct type *t = w->type;
	const struct breaker *b = &t->throttle.breaker;
	int64_t until = throttle_breaker(w->store, t, w->now, t->slots);
	struct buf next = { 0 };

	if (!throttle_open(w->store, t))
		return;
	if (until == INT64_MAX)
		buf_adds(&next, "one job is being tried");
	else if (until == 0)
		buf_adds(&next, "the next claim tries one job");
	else
		buf_adds(&next, "no job is tried");
	if (until && until != INT64_MAX)
		add_until(&next, until, w->now);
	why_say(w, "breaker", "type %s has failed %" PRId64 " times in a row, "
	    "and its breaker is open: %s; iq-ctl resume -t %s closes it",
	    t->name, b->failures, next.p, t->name);
	buf_release(&next);
}

static void
say_rate(struct why *w)
{
	struct type *whose = NULL;
	int64_t until = throttle_rate(w->store, w->type, w->now, &whose);
	struct buf b = { 0 };

	if (until == 0)
		return;
	add_until(&b, until, w->now);
	why_say(w, "rate", "type %s may start %s, and starts none%s",
	    whose->name, setting_effective(w->store, whose,
	    SET_RATE_LIMIT)->text, b.p);
	buf_release(&b);
}

static int
say_throttles(struct why *w, struct err *err)
{
	int code = throttles_read(w->store, err);

	if (code)
		return code;
	say_breaker(w);
	say_rate(w);
	return 0;
}

/* By this user, who may not be the one that runs the workers */
static bool
trusted(struct store *s)
{
	struct err ignored;
	bool yes;

	return store_trusted(s, &yes, &ignored) == 0 && yes;
}

static void
say_workers(struct why *w)
{
	const char *handler = type_handler(w->store, w->type);
	const char *type = w->type->name;
	int serve = 0, slots = 0, running = 0;

	for (size_t i = 0; i < w->ncrew; i++) {
		const struct worker_stats *v = &w->crew[i];

		serve += v->alive && selection_has(&v->serves, type);
		if (!worker_able(w->store, v, w->type))
			continue;
		w->able++;
		slots += v->limit;
		running += v->running;
	}
	if (serve == 0)
		why_say(w, "no_worker", "no live worker serves type %s", type);
	if (w->able == 0 && handler == NULL)
		why_say(w, "no_handler", "type %s has no handler; a worker has "
		    "to bring one: iq-work -t %s -- COMMAND", type, type);
	if (w->able == 0 && handler != NULL && !trusted(w->store))
		why_say(w, "untrusted", "the handler of type %s is stored in "
		    "the queue, and runs when this user has said: iq-db trust",
		    type);
	if (w->able && running >= slots)
		why_say(w, "busy", "all slots of the workers that serve it are "
		    "busy (%d of %d)", running, slots);
}

static void
say_full(struct why *w)
{
	int64_t room, needed;
	struct buf b = { 0 };

	if (!reserve_short(w->store, &room, &needed))
		return;
	size_human(&b, room);
	buf_adds(&b, " are free, and ");
	size_human(&b, needed);
	why_say(w, "full", "the disk is nearly full, so no worker starts "
	    "anything: %s are needed", b.p);
	buf_release(&b);
}

/* By some worker that could run this job; when there is none, by who knows
 * whom */
static bool
may_go_first(struct why *w, struct type *t)
{
	bool may = w->able == 0;

	for (size_t i = 0; i < w->ncrew && !may; i++)
		may = worker_able(w->store, &w->crew[i], w->type) &&
		    worker_able(w->store, &w->crew[i], t);
	return may && !catalog_paused(w->store, t, w->now);
}

/* Jobs that a claim would take first. */
static int
say_ahead(struct why *w, struct err *err)
{
	struct query q;
	int64_t here = 0, above = 0;
	int code = db_int(&w->store->db, SQL_WHY_AHEAD, &here, 0, err, "ii",
	    w->lane->id, w->id);
	int got = 0;

	if (code == 0)
		code = db_start(&q, &w->store->db, SQL_BACKLOG_LANES, err, "");
	while (code == 0 && (got = db_row(&q, err)) == 1) {
		struct lane *l = catalog_lane(w->store, db_column_int(&q, 0));

		if (l && l->priority < w->lane->priority &&
		    may_go_first(w, l->type))
			above += db_column_int(&q, 1);
	}
	if (code || got < 0)
		return code ? code : err->code;
	if (here || above)
		why_say(w, "ahead", "ready jobs ahead of it: %" PRId64 " (%"
		    PRId64 " of its type and priority, %" PRId64
		    " of a higher priority)", here + above, here, above);
	return 0;
}

static int
say_starved(struct why *w, struct err *err)
{
	struct buf b = { 0 };
	struct starving *v;
	size_t n;
	int code = starved_read(w->store, w->crew, w->ncrew, w->now, &v, &n,
	    err);

	for (size_t i = 0; i < n && code == 0; i++) {
		if (v[i].type != w->type ||
		    v[i].priority != w->lane->priority)
			continue;
		duration_human(&b, v[i].waited);
		why_say(w, "starved", "type %s has got %.0f %% of its fair "
		    "share, at most, for %s; see aging and weight in "
		    "iq-tune(1)", w->type->name, v[i].percent, b.p);
	}
	buf_release(&b);
	free(v);
	return code;
}

int
why_pending(struct why *w, struct err *err)
{
	int code = say_pauses(w, err);

	say_delay(w);
	if (code == 0)
		code = say_parents(w, err);
	if (code == 0)
		code = say_key(w, err);
	if (code == 0)
		code = say_cap(w, err);
	if (code == 0)
		code = say_throttles(w, err);
	if (code == 0)
		code = crew_read(w->store, &w->crew, &w->ncrew, err);
	if (code)
		return code;
	say_workers(w);
	say_full(w);
	if (w->state == STATE_READY)
		code = say_ahead(w, err);
	if (code == 0 && w->state == STATE_READY)
		code = say_starved(w, err);
	if (code == 0 && w->nsaid == 0)
		why_say(w, "none", "nothing holds it back");
	return code;
}
