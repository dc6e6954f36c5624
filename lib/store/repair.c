/*
 * Mending what iq-db check finds, where there is only one way to mend it, and
 * nothing that the queue knows is lost by it: counts are counted again, rows
 * that belong to nobody go, jobs that nothing will ever move are moved.
 *
 * Not mended is what would have to be guessed: jobs of one key that got into
 * each other's way, rows without a lane, a changed log, a setting that nobody
 * can have set; and nothing at all in a file that is damaged.
 */
#include <stdlib.h>
#include <string.h>

#include "rules/json.h"
#include "store/claim.h"
#include "store/former.h"
#include "store/frozen.h"
#include "store/reading.h"
#include "store/verify.h"

#define NOTHING SQL_COUNT
#define FOUND_MAX 100		/* as many rows as the statements give */
#define SAID_MAX 1000		/* in the audit log */

struct said {			/* sentences */
	char **v;
	size_t n;
};

struct repair {
	struct store *store;
	finding_fn *fn;
	void *ctx;
	size_t mended;
	struct said log;
};

typedef int mend_fn(struct repair *r, struct err *err);

/* ---- what takes more than a statement ---- */

/* It goes back, or gives way to a newer one of its key.  One whose lane is gone
 * has nowhere to go to. */
static int
mend_lost(struct store *s, int64_t id, struct err *err)
{
	struct settlement t = { .from = STATE_RUNNING, .verb = VERB_SUPERSEDE,
	    .verdict = { .to = STATE_CANCELLED, .reason = REASON_SUPERSEDED },
	    .event = tx_event(s, KIND_REPAIR) };
	struct err no_lane;
	struct frozen f;
	struct query q;
	enum state to;
	int got = db_first(&q, &s->db, SQL_JOB_FIND, err, "i", id);
	int code;

	if (got <= 0)
		return got < 0 ? err->code : 0;
	if (frozen_read(s, &q, &f, &no_lane))
		return 0;
	t.job = &f;
	t.query = &q;
	code = job_newer_pending(s, f.newer, &t.newer, err);
	if (code == 0 && t.newer)
		return settle(s, &t, err);
	if (code == 0)
		code = job_place(s, id, f.older, 0, true, &to, err);
	if (code == 0)
		code = tx_move(s, t.event, id, f.lane, STATE_RUNNING,
		    VERB_RELEASE, to, REASON_RELEASED, 0, 0, err);
	if (code == 0)
		code = db_run(&s->db, SQL_JOB_BACK, err, "iiz", id,
		    (int64_t)to, to == STATE_READY ? s->tx.now : INT64_C(0));
	if (code == 0)
		code = job_stay_last(s, &f, err);
	db_end(&q);
	return code;
}

/* Nobody has the right to run it any more; as long as any worker lives one of
 * them may do so all the same. */
static int
mend_running(struct repair *r, struct err *err)
{
	struct store *s = r->store;
	int64_t worker, id = 0;
	int code = worker_lives_any(s, &worker, err);

	if (worker || s->wrong_sidecar)
		return code;
	while (code == 0) {
		code = db_int(&s->db, SQL_LOST_RUNNING, &id, 0, err, "i", id);
		if (code || id == 0)
			break;
		code = mend_lost(s, id, err);
	}
	return code;
}

static int
mend_waiting(struct repair *r, struct err *err)
{
	struct store *s = r->store;
	int64_t id = 0;
	int code = 0;

	while (code == 0) {
		code = db_int(&s->db, SQL_LOST_WAITING, &id, 0, err, "i", id);
		if (code || id == 0)
			break;
		code = job_let_go(s, id, err);
	}
	return code;
}

static int
mend_children(struct repair *r, struct err *err)
{
	struct store *s = r->store;
	int64_t id = 0, lane;
	struct query q;
	struct lane *l;
	int code = 0, got;

	while (code == 0) {
		got = db_first(&q, &s->db, SQL_LOST_CHILD, err, "i", id);
		if (got <= 0)
			return got < 0 ? err->code : 0;
		id = db_column_int(&q, 0);
		lane = db_column_int(&q, 1);
		db_end(&q);
		l = catalog_lane(s, lane);
		if (l)
			code = tx_move(s, NULL, id, l, STATE_READY, VERB_DEFER,
			    STATE_WAITING, REASON_NONE, 0, 0, err);
		if (l && code == 0)
			code = db_run(&s->db, SQL_JOB_PLACE, err, "iiz", id,
			    (int64_t)STATE_WAITING, INT64_C(0));
	}
	return code;
}

static int
mend_due(struct repair *r, struct err *err)
{
	int code = db_run(&r->store->db, SQL_MEND_CLAIM, err, "");

	return code ? code : db_run(&r->store->db, SQL_MEND_DUE, err, "i",
	    r->store->tx.now);
}

/* In this order: the lanes first, whose counts then follow the moves, and what
 * makes a job wait before what it waits for. */
static const struct rule {
	enum statement finds, mends;
	mend_fn *fn;
} rules[] = {
	{ SQL_CHECK_LANES, SQL_MEND_LANES, NULL },
	{ SQL_CHECK_HISTORY, SQL_MEND_HISTORY, NULL },
	{ SQL_CHECK_LANE_TIME, SQL_MEND_LANE_TIME, NULL },
	{ SQL_CHECK_IDS, SQL_MEND_IDS, NULL },
	{ SQL_CHECK_WORKER_IDS, SQL_MEND_WORKER_IDS, NULL },
	{ SQL_CHECK_LEASE_JOBS, SQL_MEND_LEASE_JOBS, NULL },
	{ SQL_CHECK_LEASE_IDS, SQL_MEND_LEASE_IDS, NULL },
	{ SQL_CHECK_RUNNING, NOTHING, mend_running },
	{ SQL_CHECK_STATE, NOTHING, mend_due },
	{ SQL_CHECK_OUTPUT, SQL_MEND_OUTPUT, NULL },
	{ SQL_CHECK_CHILD, SQL_MEND_CHILD, NULL },
	{ SQL_CHECK_PARENT, SQL_MEND_PARENT, NULL },
	{ SQL_CHECK_CHILD_STATE, NOTHING, mend_children },
	{ SQL_CHECK_WAITING, NOTHING, mend_waiting },
};

/* ---- saying it ---- */

static void
said_release(struct said *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->v[i]);
	free(t->v);
	*t = (struct said){ NULL, 0 };
}

static void
keep(struct said *t, const char *sentence)
{
	t->v = mem_grow(t->v, t->n + 1, sizeof(*t->v));
	t->v[t->n++] = mem_strdup(sentence);
}

static bool
has(const struct said *t, const char *sentence)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->v[i], sentence) == 0)
			return true;
	return false;
}

static void
tell(struct repair *r, const char *sentence)
{
	r->mended++;
	r->fn(r->ctx, sentence);
	if (r->log.n < SAID_MAX)
		keep(&r->log, sentence);
}

static void
write_log(struct repair *r)
{
	struct json j;

	json_init(&j, &tx_event(r->store, KIND_REPAIR)->detail);
	json_begin_array(&j, NULL);
	for (size_t i = 0; i < r->log.n; i++)
		json_put_string(&j, NULL, r->log.v[i]);
	json_end_array(&j);
}

/* ---- one after the other ---- */

static int
find(struct repair *r, enum statement which, struct said *out, struct err *err)
{
	struct query q;
	int code = db_start(&q, &r->store->db, which, err, "");
	int got;

	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		const char *text = db_column_text(&q, 0);

		if (text)
			keep(out, text);
	}
	return got < 0 ? err->code : 0;
}

/* What is not found a second time was mended. */
static int
apply(struct repair *r, const struct rule *rule, struct err *err)
{
	struct said before = { NULL, 0 }, after = { NULL, 0 };
	int code = find(r, rule->finds, &before, err);

	if (code == 0 && before.n)
		code = rule->fn ? rule->fn(r, err) :
		    db_run(&r->store->db, rule->mends, err, "");
	if (code == 0 && before.n)
		code = find(r, rule->finds, &after, err);
	for (size_t i = 0; i < before.n && code == 0; i++)
		if (!has(&after, before.v[i]))
			tell(r, before.v[i]);
	if (code == 0 && before.n >= FOUND_MAX && after.n < FOUND_MAX)
		tell(r, "and perhaps more of this kind");
	said_release(&before);
	said_release(&after);
	return code;
}

/* The queue knows other files beside it than are there, and nobody uses those
 * any more. */
static int
adopt(struct repair *r, struct err *err)
{
	struct store *s = r->store;
	enum former how;
	int64_t worker;
	int code;

	if (!s->wrong_sidecar)
		return 0;
	code = former_look(s, &how, &worker, err);
	if (code || how != FORMER_FREE)
		return code;
	code = db_run(&s->db, SQL_QUEUE_LOCK, err, "it", s->inode, s->boot);
	if (code)
		return code;
	s->wrong_sidecar = false;
	tell(r, "the lock files beside the queue are others than before, whose "
	    "locks nobody holds any more");
	return 0;
}

static int
take_back(struct repair *r, struct err *err)
{
	struct buf line = { 0 };
	struct reaped reaped = { 0 };
	int code = 0;

	if (!r->store->wrong_sidecar)
		code = reap_lost(r->store, &reaped, err);
	if (code == 0 && reaped.jobs) {
		buf_addf(&line, "%zu job%s of dead workers", reaped.jobs,
		    reaped.jobs == 1 ? "" : "s");
		tell(r, line.p);
	}
	buf_release(&line);
	return code;
}

static int
repair_all(struct repair *r, struct err *err)
{
	size_t n = sizeof(rules) / sizeof(*rules);
	int code = adopt(r, err);

	r->store->catalog.standing = false;	/* they write to lanes */
	for (size_t i = 0; i < n && code == 0; i++) {
		store_tell(r->store, "rules", (int64_t)i, (int64_t)n);
		code = apply(r, &rules[i], err);
	}
	if (code == 0)
		code = take_back(r, err);
	if (code == 0 && r->mended)
		write_log(r);
	return code;
}

int
store_repair(struct store *s, finding_fn *fn, void *ctx, size_t *mended,
	struct err *err)
{
	struct repair r = { .store = s, .fn = fn, .ctx = ctx };
	bool whole;
	int code = check_whole(s, &whole, err);

	*mended = 0;
	if (code || !whole)
		return code;
	code = tx_begin(s, err);
	if (code == 0)
		code = tx_end(s, repair_all(&r, err), err);
	if (code == 0)
		code = store_sync(s, err);
	said_release(&r.log);
	*mended = code ? 0 : r.mended;
	return code;
}
