/* Why a job does not run now: everything that a claim would look at. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "store/frozen.h"
#include "store/claim.h"
#include "store/reading.h"

struct said {
	const char *code;
	char *sentence;
};

struct why {
	struct store *store;
	int64_t id, now;
	struct type *type;
	struct lane *lane;
	enum state state;
	int64_t run_at, older, attempts, max_attempts, claim, slot;
	enum reason reason;
	struct worker_stats *crew;
	size_t ncrew;
	struct said *said;
	size_t nsaid;
};

static void say(struct why *w, const char *code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void
say(struct why *w, const char *code, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	w->said = mem_grow(w->said, w->nsaid + 1, sizeof(*w->said));
	w->said[w->nsaid++] = (struct said){ code, b.p };
}

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

static const char *
reason_or(enum reason r, const char *otherwise)
{
	const char *name = reason_name(r);

	return name ? name : otherwise;
}

/* ---- what it is ---- */

static int
read_why(struct why *w, bool *found, struct err *err)
{
	struct query q;
	int code = db_start(&q, &w->store->db, SQL_WHY_JOB, err, "i", w->id);
	int got;

	*found = false;
	if (code)
		return code;
	got = db_row(&q, err);
	if (got <= 0)
		return got < 0 ? err->code : 0;
	*found = true;
	w->type = catalog_type(w->store, db_column_int(&q, 0));
	w->lane = catalog_lane(w->store, db_column_int(&q, 1));
	w->state = (enum state)db_column_int(&q, 2);
	w->run_at = db_column_or(&q, 3, 0);
	w->older = db_column_or(&q, 4, 0);
	w->attempts = db_column_int(&q, 5);
	w->reason = (enum reason)db_column_or(&q, 6, REASON_NONE);
	w->claim = db_column_or(&q, 7, 0);
	w->slot = db_column_or(&q, 8, 0);
	w->max_attempts = db_column_or(&q, 9, 0);
	db_end(&q);
	if (w->type == NULL || w->lane == NULL)
		return err_set(err, EX_SOFTWARE, "look at job %" PRId64
		    ": its type or lane does not exist", w->id);
	if (w->max_attempts == 0)
		w->max_attempts = setting_int(w->store, w->type,
		    SET_MAX_ATTEMPTS, 3);
	return 0;
}

static int
say_ended(struct why *w, struct err *err)
{
	struct query q;
	struct buf at = { 0 };
	enum state state;
	enum reason reason;
	int code = db_start(&q, &w->store->db, SQL_WHY_ENDED, err, "i", w->id);
	int got;

	if (code)
		return code;
	got = db_row(&q, err);
	if (got < 0)
		return err->code;
	if (got == 0)
		return err_set(err, EX_NOINPUT, "look at job %" PRId64
		    ": no such job", w->id);
	state = (enum state)db_column_int(&q, 0);
	reason = (enum reason)db_column_or(&q, 1, REASON_NONE);
	time_format(&at, db_column_int(&q, 2));
	db_end(&q);
	if (state == STATE_SUCCEEDED)
		say(w, "ended", "it has succeeded at %s", at.p);
	else
		say(w, "ended", "it ended as %s at %s (%s); iq-ctl retry %"
		    PRId64, state_name(state), at.p,
		    reason_or(reason, "no reason"), w->id);
	buf_release(&at);
	return 0;
}

static int
say_running(struct why *w, struct err *err)
{
	struct query q;
	struct buf took = { 0 };
	int code, got;

	code = db_start(&q, &w->store->db, SQL_WHY_LEASE, err, "ii", w->claim,
	    w->slot);
	if (code)
		return code;
	got = db_row(&q, err);
	if (got < 0)
		return err->code;
	if (got == 0) {
		say(w, "running", "it runs without a lease; see iq-db check");
		return 0;
	}
	duration_human(&took, w->now - db_column_or(&q, 3, w->now));
	say(w, "running", "it has been running for %s, by worker %" PRId64
	    " (host %s, process %d)", took.p, db_column_int(&q, 0),
	    db_column_null(&q, 1) ? "?" : db_column_text(&q, 1),
	    (int)db_column_or(&q, 2, 0));
	db_end(&q);
	buf_release(&took);
	return 0;
}

/* ---- what holds back a pending job ---- */

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
	say(w, "paused", "%s", b.p);
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
		say(w, "due", "its time has come; the next claim of any "
		    "worker lets it start");
		return;
	}
	if (w->run_at <= w->now)
		return;
	add_until(&until, w->run_at, w->now);
	if (w->attempts > 0 || w->reason != REASON_NONE)
		say(w, "retry", "it failed (%s; %" PRId64 " of %" PRId64
		    " attempts used) and is not tried again%s",
		    reason_or(w->reason, "unknown"), w->attempts,
		    w->max_attempts, until.p);
	else
		say(w, "delayed", "it is delayed%s", until.p);
	buf_release(&until);
}

static int
say_parents(struct why *w, struct err *err)
{
	struct query q;
	int code, got;

	code = db_start(&q, &w->store->db, SQL_WHY_PARENTS, err, "i", w->id);
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1)
		say(w, "parent", "it waits for job %" PRId64 ", which is %s",
		    db_column_int(&q, 0), db_column_null(&q, 1) ?
		    "not known" : state_name(db_column_int(&q, 1)));
	return got < 0 ? err->code : 0;
}

static int
say_key(struct why *w, struct err *err)
{
	bool runs;
	int code = job_older_runs(w->store, w->older, &runs, err);

	if (code == 0 && runs)
		say(w, "key", "job %" PRId64 " of the same key is running",
		    w->older);
	return code;
}

static int
say_cap(struct why *w, struct err *err)
{
	struct type *capped;
	int64_t cap = 0;
	int code = count_running(w->store, err);

	if (code)
		return code;
	capped = type_capped(w->store, w->type, &cap);
	if (capped)
		say(w, "cap", "type %s is at its cap: %" PRId64 " of %" PRId64
		    " running", capped->name, capped->running, cap);
	return 0;
}

static void
say_workers(struct why *w)
{
	bool handler = type_handler(w->store, w->type) != NULL;
	int serve = 0, able = 0, slots = 0, running = 0;

	for (size_t i = 0; i < w->ncrew; i++) {
		const struct worker_stats *v = &w->crew[i];

		if (!v->alive || !worker_serves(v, w->type->name))
			continue;
		serve++;
		if (!v->own_command && !handler)
			continue;
		able++;
		slots += v->limit;
		running += v->running;
	}
	if (serve == 0)
		say(w, "no_worker", "no live worker serves type %s",
		    w->type->name);
	if (able == 0 && !handler)
		say(w, "no_handler", "type %s has no handler: iq-tune set "
		    "-t %s handler=..., or iq-work -t %s -- COMMAND",
		    w->type->name, w->type->name, w->type->name);
	if (able && running >= slots)
		say(w, "busy", "all %d slots of the %d workers that serve it "
		    "are busy", slots, able);
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
		code = db_start(&q, &w->store->db, SQL_LANES_READY, err, "");
	while (code == 0 && (got = db_row(&q, err)) == 1) {
		struct lane *l = catalog_lane(w->store, db_column_int(&q, 0));

		if (l && l->priority < w->lane->priority &&
		    !catalog_paused(w->store, l->type, w->now))
			above += db_column_int(&q, 1);
	}
	if (code || got < 0)
		return code ? code : err->code;
	if (here || above)
		say(w, "ahead", "%" PRId64 " ready jobs are ahead of it: %"
		    PRId64 " of its type and priority, %" PRId64
		    " of a higher priority", here + above, here, above);
	return 0;
}

static int
say_pending(struct why *w, struct err *err)
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
		code = crew_read(w->store, &w->crew, &w->ncrew, err);
	if (code)
		return code;
	say_workers(w);
	if (w->state == STATE_READY)
		code = say_ahead(w, err);
	if (code == 0 && w->nsaid == 0)
		say(w, "none", "nothing holds it back");
	return code;
}

static int
look(struct why *w, struct err *err)
{
	bool found;
	int code = read_why(w, &found, err);

	if (code)
		return code;
	if (!found)
		return say_ended(w, err);
	if (w->state == STATE_RUNNING)
		return say_running(w, err);
	if (w->state != STATE_QUARANTINED)
		return say_pending(w, err);
	say(w, "quarantined", "it is in quarantine (%s; charged failures: %"
	    PRId64 "); iq-ctl retry %" PRId64, reason_or(w->reason,
	    "no reason"), w->attempts, w->id);
	return 0;
}

int
store_why(struct store *s, int64_t id, why_fn *fn, void *ctx,
	struct err *err)
{
	struct why w = { .store = s, .id = id, .now = clock_wall(s->clock) };
	int code = read_begin(s, err);

	if (code)
		return code;
	code = look(&w, err);
	read_end(s);
	for (size_t i = 0; i < w.nsaid; i++) {
		if (code == 0)
			fn(ctx, w.said[i].code, w.said[i].sentence);
		free(w.said[i].sentence);
	}
	free(w.said);
	crew_release(w.crew, w.ncrew);
	return code;
}
