#include "inspect.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/event.h"

/* Each gives a row, one sentence, per thing that is wrong. */
static const char *const invariants[] = {
	"SELECT 'lane '||id||' counts '||counted||' but has '||found FROM ("
	" SELECT l.id, concat.c AS counted, concat.f AS found FROM lane l"
	" JOIN (SELECT l.id, l.ready||' '||l.delayed||' '||l.waiting||' '||"
	"  l.running||' '||l.quarantined||' '||l.succeeded||' '||l.cancelled c,"
	"  coalesce(j.r,0)||' '||coalesce(j.d,0)||' '||coalesce(j.w,0)||' '||"
	"  coalesce(j.x,0)||' '||coalesce(j.q,0)||' '||coalesce(a.s,0)||' '||"
	"  coalesce(a.c,0) f"
	"  FROM lane l"
	"  LEFT JOIN (SELECT lane, sum(state=1) r, sum(state=2) d,"
	"   sum(state=3) w, sum(state=4) x, sum(state=5) q FROM job"
	"   GROUP BY lane) j ON j.lane = l.id"
	"  LEFT JOIN (SELECT lane, sum(state=6) s, sum(state=7) c FROM attempt z"
	"   WHERE lane IS NOT NULL"
	"   AND NOT EXISTS(SELECT 1 FROM job WHERE id = z.job)"
	"   AND attempt = (SELECT max(attempt) FROM attempt WHERE job = z.job)"
	"   GROUP BY lane) a ON a.lane = l.id) concat ON concat.id = l.id)"
	" WHERE counted <> found",
	"SELECT 'running job '||id||' has no lease' FROM job j WHERE state = 4"
	" AND NOT EXISTS(SELECT 1 FROM lease l WHERE l.claim = j.claim"
	"  AND l.slot = j.slot)",
	"SELECT 'lease '||claim||'/'||slot||' says '||jobs||' jobs' FROM lease l"
	" WHERE jobs <> (SELECT count(*) FROM job j WHERE state = 4"
	"  AND j.claim = l.claim AND j.slot = l.slot)",
	"SELECT 'lease '||claim||' is of no worker' FROM lease"
	" WHERE worker NOT IN (SELECT id FROM worker)",
	"SELECT 'job '||id||' has a claim but does not run' FROM job"
	" WHERE state <> 4 AND claim IS NOT NULL",
	"SELECT 'job '||id||' is delayed without a time' FROM job"
	" WHERE state = 2 AND run_at IS NULL",
	"SELECT 'job '||id||' waits for nothing' FROM job j WHERE state = 3"
	" AND NOT EXISTS(SELECT 1 FROM dependency WHERE job = j.id)"
	" AND NOT EXISTS(SELECT 1 FROM job o WHERE o.id = j.older"
	"  AND o.state = 4)",
	"SELECT 'jobs '||j.id||' and '||j.newer||' disagree who is older'"
	" FROM job j LEFT JOIN job n ON n.id = j.newer"
	" WHERE j.newer IS NOT NULL AND n.older IS NOT j.id",
	"SELECT 'jobs '||j.id||' and '||j.older||' disagree who is newer'"
	" FROM job j LEFT JOIN job o ON o.id = j.older"
	" WHERE j.older IS NOT NULL AND o.newer IS NOT j.id",
	"SELECT 'job '||id||' is of lane '||lane FROM job j WHERE NOT EXISTS("
	" SELECT 1 FROM lane l WHERE l.id = j.lane AND l.type = j.type)",
	"SELECT 'job '||id||' has '||n||' ended attempts of '||attempt FROM"
	" (SELECT id, attempt - (state = 4) attempt, (SELECT count(*)"
	"  FROM attempt a WHERE a.job = j.id AND outcome IS NOT NULL) n"
	"  FROM job j) WHERE n <> attempt",
	"SELECT 'id '||job.id||' is not below the next, '||next_job"
	" FROM job, queue WHERE job.id >= next_job"
	" UNION ALL SELECT 'ended id '||job||' is not below the next, '||"
	" next_job FROM attempt, queue WHERE job >= next_job",
	"SELECT 'worker '||w.id||' is not below the next' FROM worker w, queue"
	" WHERE w.id >= next_worker",
	/* counted in the transaction that did it, whoever was killed when */
	"SELECT 'type '||type||' has succeeded '||found||' times, and '||"
	" counted||' are counted' FROM (SELECT l.type, (SELECT count(*)"
	"  FROM attempt a WHERE a.type = l.type AND a.state = 6) found,"
	"  (SELECT coalesce(sum(n), 0) FROM metric m WHERE m.type = l.type"
	"   AND m.metric = 37 AND (minute = 0 OR minute >= 10000000)) counted"
	"  FROM (SELECT DISTINCT type FROM lane) l) WHERE found <> counted",
	"SELECT 'type '||type||': '||found||' attempts are in the history, '||"
	" counted||' in the distribution of run times' FROM (SELECT l.type,"
	"  (SELECT count(*) FROM attempt a WHERE a.type = l.type"
	"   AND a.started_at IS NOT NULL) found,"
	"  (SELECT coalesce(sum(n), 0) FROM metric m WHERE m.type = l.type"
	"   AND m.metric = 2 AND (minute = 0 OR minute >= 10000000)) counted"
	"  FROM (SELECT DISTINCT type FROM lane) l) WHERE found <> counted",
	"SELECT 'job '||id||' ended before' FROM job j WHERE EXISTS("
	" SELECT 1 FROM attempt WHERE job = j.id AND state = 6)",
};

static void
say(struct findings *f, size_t *kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void
say(struct findings *f, size_t *kind, const char *fmt, ...)
{
	va_list ap;

	(*kind)++;
	if (f->text.len > 8192)
		return;
	va_start(ap, fmt);
	buf_addv(&f->text, fmt, ap);
	va_end(ap);
	buf_addc(&f->text, '\n');
}

static sqlite3_stmt *
prepare(sqlite3 *db, const char *sql, struct findings *f)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		say(f, &f->damaged, "%.60s: %s", sql, sqlite3_errmsg(db));
	return st;
}

static struct bytes
column(sqlite3_stmt *st, int i)
{
	struct bytes b = { sqlite3_column_blob(st, i),
	    (size_t)sqlite3_column_bytes(st, i) };

	if (b.p == NULL && sqlite3_column_type(st, i) != SQLITE_NULL)
		b.p = "";
	return b;
}

/* Rows are things that are wrong. */
static void
run(sqlite3 *db, const char *sql, struct findings *f, size_t *kind,
	const char *fine)
{
	sqlite3_stmt *st = prepare(db, sql, f);
	int rc;

	while (st && (rc = sqlite3_step(st)) != SQLITE_DONE) {
		const char *text = (const char *)sqlite3_column_text(st, 0);

		if (rc != SQLITE_ROW) {
			say(f, &f->damaged, "%.60s: %s", sql,
			    sqlite3_errmsg(db));
			break;
		}
		if (fine == NULL || text == NULL || strcmp(text, fine) != 0)
			say(f, kind, "%s", text ? text : "NULL");
	}
	sqlite3_finalize(st);
}

static int64_t
number(sqlite3 *db, const char *sql, struct findings *f)
{
	sqlite3_stmt *st = prepare(db, sql, f);
	int64_t v = 0;

	if (st && sqlite3_step(st) == SQLITE_ROW)
		v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return v;
}

/* ---- the audit log ---- */

#define FORGOTTEN 255		/* it left the history, and is nowhere */

struct replay {			/* states of jobs, as the log tells them */
	unsigned char *states;
	size_t n;
};

static enum state
pending(enum state s)
{
	return s == STATE_DELAYED || s == STATE_WAITING ? STATE_READY : s;
}

static void
replay_move(struct replay *r, const struct move *m, int64_t seq,
	struct findings *f)
{
	for (int64_t i = 0; i < m->count; i++) {
		int64_t id = m->first + i;
		enum state from = pending(m->from), to = pending(m->to);

		if (id < 0 || (size_t)id >= r->n) {
			say(f, &f->wrong, "event %" PRId64 " moves job %"
			    PRId64 ", which never was", seq, id);
			return;
		}
		/* where in pending a job stands is not the log's matter */
		if (from == STATE_READY && to == STATE_READY)
			continue;
		if (r->states[id] != from && from != to)
			say(f, &f->wrong, "event %" PRId64 " moves job %"
			    PRId64 " from %s, but it was %s", seq, id,
			    state_detail(from),
			    state_detail((enum state)r->states[id]));
		r->states[id] = to == STATE_NONE ? FORGOTTEN :
		    (unsigned char)to;
	}
}

static void
replay_event(struct replay *r, struct bytes moves, int64_t seq,
	struct findings *f)
{
	struct move m;
	int64_t end = 0;
	size_t pos = 0;
	int got;

	while ((got = event_next_move(moves, &pos, &end, &m)) == 1)
		replay_move(r, &m, seq, f);
	if (got < 0)
		say(f, &f->wrong, "event %" PRId64 " is malformed", seq);
}

static void
read_log(sqlite3 *db, struct replay *r, struct findings *f)
{
	sqlite3_stmt *st = prepare(db, "SELECT seq, at, kind, actor, moves,"
	    " detail, hash FROM event ORDER BY seq", f);
	unsigned char hash[EVENT_HASH_SIZE] = { 0 };
	int64_t last = 0;

	while (st && sqlite3_step(st) == SQLITE_ROW) {
		int64_t seq = sqlite3_column_int64(st, 0);
		struct bytes moves = column(st, 4), stored = column(st, 6);

		if (seq != last + 1)
			say(f, &f->wrong, "event %" PRId64 " follows %"
			    PRId64, seq, last);
		last = seq;
		event_hash(hash, seq, sqlite3_column_int64(st, 1),
		    sqlite3_column_int(st, 2), column(st, 3), moves,
		    column(st, 5), hash);
		if (stored.n != sizeof(hash) ||
		    memcmp(stored.p, hash, sizeof(hash)) != 0) {
			say(f, &f->wrong, "the chain breaks at event %"
			    PRId64, seq);
			break;
		}
		replay_event(r, moves, seq, f);
	}
	sqlite3_finalize(st);
}

static void
compare_states(sqlite3 *db, const struct replay *r, struct findings *f)
{
	sqlite3_stmt *st = prepare(db, "SELECT id, state FROM job UNION ALL"
	    " SELECT job, state FROM attempt a WHERE attempt ="
	    " (SELECT max(attempt) FROM attempt WHERE job = a.job)"
	    " AND NOT EXISTS(SELECT 1 FROM job WHERE id = a.job)", f);
	unsigned char *seen = mem_zero(r->n + 1, 1);

	while (st && sqlite3_step(st) == SQLITE_ROW) {
		int64_t id = sqlite3_column_int64(st, 0);
		enum state is = pending((enum state)sqlite3_column_int(st,
		    1));

		if (id < 0 || (size_t)id >= r->n)
			continue;
		seen[id] = 1;
		if (r->states[id] != is)
			say(f, &f->wrong, "job %" PRId64 " is %s, the log "
			    "says %s", id, state_detail(is),
			    state_detail((enum state)r->states[id]));
	}
	sqlite3_finalize(st);
	for (size_t id = 1; id < r->n; id++)
		if (!seen[id] && r->states[id] != FORGOTTEN)
			say(f, &f->wrong, "job %zu is nowhere, the log says "
			    "%s", id, state_detail((enum state)r->states[id]));
	free(seen);
}

static void
check_log(sqlite3 *db, struct findings *f)
{
	struct replay r = { .n = (size_t)number(db,
	    "SELECT next_job FROM queue", f) };

	r.states = mem_zero(r.n + 1, 1);
	read_log(db, &r, f);
	compare_states(db, &r, f);
	free(r.states);
}

/* ---- promises ---- */

static void
check_job(sqlite3_stmt *st, const struct promise *p, struct findings *f)
{
	const char *how = p->kind == PROMISE_STARTED ? "started" : "accepted";

	sqlite3_reset(st);
	sqlite3_bind_int64(st, 1, p->id);
	if (sqlite3_step(st) != SQLITE_ROW)
		say(f, &f->lost, "%s job %" PRId64 " (%.*s) is gone", how,
		    p->id, (int)p->name.n, p->name.p ? p->name.p : "");
	else if (p->name.p && !bytes_equal(column(st, 0), p->name))
		say(f, &f->lost, "%s job %" PRId64 " was %.*s, now %.*s",
		    how, p->id, (int)p->name.n, p->name.p, (int)column(st, 0).n,
		    column(st, 0).p ? column(st, 0).p : "");
	sqlite3_reset(st);
}

static void
check_end(sqlite3_stmt *st, const struct promise *p, struct findings *f)
{
	sqlite3_reset(st);
	sqlite3_bind_int64(st, 1, p->id);
	sqlite3_bind_int(st, 2, (int)p->state);
	sqlite3_bind_int(st, 3, p->attempt);
	if (sqlite3_step(st) != SQLITE_ROW)
		say(f, &f->lost, "job %" PRId64 ": that attempt %d led to %s "
		    "is forgotten", p->id, p->attempt,
		    state_detail(p->state));
	sqlite3_reset(st);
}

static void
check_promises(sqlite3 *db, const struct promise *v, size_t n,
	struct findings *f)
{
	sqlite3_stmt *job = prepare(db, "SELECT coalesce(key, path) FROM job"
	    " WHERE id = ?1 UNION ALL SELECT coalesce(key, path) FROM attempt"
	    " WHERE job = ?1 AND lane IS NOT NULL LIMIT 1", f);
	sqlite3_stmt *end = prepare(db, "SELECT 1 FROM attempt WHERE job = ?1"
	    " AND state = ?2 AND (?3 = 0 OR attempt = ?3)", f);

	int64_t last = number(db, "SELECT max(seq) FROM event", f);

	for (size_t i = 0; i < n && job && end; i++) {
		if (v[i].kind == PROMISE_END)
			check_end(end, &v[i], f);
		else if (v[i].kind != PROMISE_LOGGED)
			check_job(job, &v[i], f);
		else if (v[i].id > last)
			say(f, &f->lost, "event %" PRId64 " is gone, the log "
			    "ends with %" PRId64, v[i].id, last);
	}
	sqlite3_finalize(job);
	sqlite3_finalize(end);
}

/* ---- all of it ---- */

static void
inspect_tables(sqlite3 *db, const struct promise *v, size_t n,
	struct findings *f)
{
	if (number(db, "SELECT count(*) FROM sqlite_schema", f) == 0) {
		/* not yet a queue: nobody can have been told anything */
		if (n && f->damaged == 0)
			say(f, &f->lost, "the whole queue is gone");
		return;
	}
	run(db, "PRAGMA integrity_check", f, &f->damaged, "ok");
	for (size_t i = 0; i < sizeof(invariants) / sizeof(*invariants) &&
	    f->damaged == 0; i++)
		run(db, invariants[i], f, &f->wrong, NULL);
	if (f->damaged == 0)
		check_log(db, f);
	if (f->damaged == 0)
		check_promises(db, v, n, f);
}

void
inspect(const char *path, const char *vfs, const struct promise *v, size_t n,
	struct findings *f)
{
	sqlite3 *db = NULL;

	if (access(path, F_OK) != 0) {
		if (n)
			say(f, &f->lost, "the queue file is gone");
		return;
	}
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, vfs) != SQLITE_OK)
		say(f, &f->damaged, "open: %s", sqlite3_errmsg(db));
	else {
		sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
		    NULL);
		inspect_tables(db, v, n, f);
	}
	sqlite3_close(db);
}

void
findings_release(struct findings *f)
{
	buf_release(&f->text);
	memset(f, 0, sizeof(*f));
}
