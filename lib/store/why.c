/* Why a job does not run now. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "store/claim.h"
#include "store/why.h"

void
why_say(struct why *w, const char *code, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	w->said = mem_grow(w->said, w->nsaid + 1, sizeof(*w->said));
	w->said[w->nsaid++] = (struct said){ code, b.p };
}

const char *
why_reason(enum reason r, const char *otherwise)
{
	const char *name = reason_name(r);

	return name ? name : otherwise;
}

/* ---- what it is ---- */

static int
read_why(struct why *w, bool *found, struct err *err)
{
	struct query q;
	int got = db_first(&q, &w->store->db, SQL_WHY_JOB, err, "i", w->id);

	*found = false;
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
	w->ordered = db_column_or(&q, 10, ORDERED_NOTHING);
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
	int got = db_first(&q, &w->store->db, SQL_WHY_ENDED, err, "i", w->id);

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
		why_say(w, "ended", "it has succeeded at %s", at.p);
	else
		why_say(w, "ended", "it ended as %s at %s (%s); iq-ctl retry %"
		    PRId64, state_name(state), at.p,
		    why_reason(reason, "no reason"), w->id);
	buf_release(&at);
	return 0;
}

/* Nobody who could end it would hear of it. */
static void
say_dead(struct why *w, int64_t worker)
{
	if (w->store->wrong_sidecar ||
	    slot_held(w->store, worker, (int)w->slot))
		why_say(w, "orphan", "worker %" PRId64 " is dead, and what it left "
		    "of this job still runs; the job is taken back when that "
		    "has ended", worker);
	else
		why_say(w, "orphan", "worker %" PRId64 " is dead; the next look of "
		    "any worker takes the job back", worker);
}

static void
say_overdue(struct why *w, int64_t worker, int64_t silent, int64_t lease)
{
	struct buf b = { 0 };

	if (silent <= lease)
		return;
	duration_human(&b, silent);
	buf_adds(&b, ", longer than its lease of ");
	duration_human(&b, lease);
	why_say(w, "overdue", "worker %" PRId64 " has been silent for %s: it is "
	    "stopped, or hangs, and keeps the job until it and its handler "
	    "have ended", worker, b.p);
	buf_release(&b);
}

static int
say_running(struct why *w, struct err *err)
{
	int64_t worker, silent, lease;
	struct proc_id who;
	struct query q;
	struct buf took = { 0 };
	int got = db_first(&q, &w->store->db, SQL_LEASE_FIND, err, "ii",
	    w->claim, w->slot);
	int code;

	if (got < 0)
		return err->code;
	if (got == 0) {
		why_say(w, "running", "it runs without a lease; see iq-db check");
		return 0;
	}
	worker = db_column_int(&q, 0);
	worker_process(&q, 2, &who);
	duration_human(&took, w->now - db_column_or(&q, 8, w->now));
	why_say(w, "running", "it has been running for %s, by worker %" PRId64
	    " (host %s, process %d)", took.p, worker,
	    db_column_null(&q, 5) ? "?" : db_column_text(&q, 5),
	    (int)who.pid);
	if (w->ordered != ORDERED_NOTHING)
		why_say(w, "ordered", "its worker was told to %s",
		    w->ordered == ORDERED_KILL ? "end it: it is cancelled then"
		    : "end it, and to give it back");
	lease = db_column_int(&q, 6);
	silent = clock_boot(w->store->clock) - db_column_int(&q, 7);
	db_end(&q);
	buf_release(&took);
	code = sidecar_look(w->store, err);
	if (code)
		return code;
	if (worker_lives(w->store, worker, &who))
		say_overdue(w, worker, silent, lease);
	else
		say_dead(w, worker);
	return 0;
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
		return why_pending(w, err);
	why_say(w, "quarantined", "it is in quarantine (%s; charged failures: %"
	    PRId64 "); iq-ctl retry %" PRId64, why_reason(w->reason,
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
