#include "inspecting.h"
#include "store/sql_history.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	"  LEFT JOIN (SELECT lane, sum(state=6) s, sum(state=7) c FROM history z"
	"   WHERE lane IS NOT NULL"
	"   AND NOT EXISTS(SELECT 1 FROM job WHERE id = z.job)"
	"   AND id = (SELECT max(id) FROM history WHERE " OF_JOB("z.job") ")"
	"   GROUP BY lane) a ON a.lane = l.id) concat ON concat.id = l.id)"
	" WHERE counted <> found",
	"SELECT 'running job '||id||' has no lease' FROM job j WHERE state = 4"
	" AND NOT EXISTS(SELECT 1 FROM lease l WHERE l.claim = j.claim"
	"  AND l.slot = j.slot)",
	"SELECT 'lease '||claim||'/'||slot||' says '||jobs||' jobs' FROM lease l"
	" WHERE jobs <> (SELECT count(*) FROM job j WHERE state = 4"
	"  AND j.claim = l.claim AND j.slot = l.slot)",
	"SELECT 'job '||j.id||' is none of its lease' FROM job j, lease l"
	" WHERE state = 4 AND j.claim = l.claim AND j.slot = l.slot"
	" AND NOT EXISTS(SELECT 1 FROM json_each(l.ids)"
	"  WHERE j.id BETWEEN value ->> 0 AND value ->> 1)",
	"SELECT 'lease '||claim||' is of no worker' FROM lease"
	" WHERE worker NOT IN (SELECT id FROM worker)",
	"SELECT 'job '||id||' has a claim but does not run' FROM job"
	" WHERE state <> 4 AND claim IS NOT NULL",
	"SELECT 'job '||id||' is delayed without a time' FROM job"
	" WHERE state = 2 AND run_at IS NULL",
	"SELECT 'job '||id||' waits for nothing' FROM job j WHERE state = 3"
	" AND NOT EXISTS(SELECT 1 FROM dependency WHERE job = j.id)"
	" AND NOT EXISTS(WITH RECURSIVE line(id) AS (SELECT j.older UNION"
	"  SELECT o.older FROM line JOIN job o ON o.id = line.id)"
	"  SELECT 1 FROM line JOIN job o ON o.id = line.id AND o.state = 4)",
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
	"  FROM history a WHERE a." OF_JOB("j.id") " AND outcome IS NOT NULL) n"
	"  FROM job j) WHERE n <> attempt",
	"SELECT 'id '||job.id||' is not below the next, '||next_job"
	" FROM job, queue WHERE job.id >= next_job"
	" UNION ALL SELECT 'ended id '||job||' is not below the next, '||"
	" next_job FROM history, queue WHERE job >= next_job",
	"SELECT 'worker '||w.id||' is not below the next' FROM worker w, queue"
	" WHERE w.id >= next_worker",
	"SELECT 'job '||id||' ended before' FROM job j WHERE EXISTS("
	" SELECT 1 FROM history h WHERE h." OF_JOB("j.id") " AND h.state = 6)",
};

void
finding(struct findings *f, size_t *kind, const char *fmt, ...)
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

sqlite3_stmt *
query(sqlite3 *db, const char *sql, struct findings *f)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		finding(f, &f->damaged, "%.60s: %s", sql, sqlite3_errmsg(db));
	return st;
}

struct bytes
query_bytes(sqlite3_stmt *st, int i)
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
	sqlite3_stmt *st = query(db, sql, f);
	int rc;

	while (st && (rc = sqlite3_step(st)) != SQLITE_DONE) {
		const char *text = (const char *)sqlite3_column_text(st, 0);

		if (rc != SQLITE_ROW) {
			finding(f, &f->damaged, "%.60s: %s", sql,
			    sqlite3_errmsg(db));
			break;
		}
		if (fine == NULL || text == NULL || strcmp(text, fine) != 0)
			finding(f, kind, "%s", text ? text : "NULL");
	}
	sqlite3_finalize(st);
}

int64_t
query_int(sqlite3 *db, const char *sql, struct findings *f)
{
	sqlite3_stmt *st = query(db, sql, f);
	int64_t v = 0;

	if (st && sqlite3_step(st) == SQLITE_ROW)
		v = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return v;
}

/* ---- promises ---- */

static void
check_job(sqlite3_stmt *st, const struct promise *p, struct findings *f)
{
	const char *how = p->kind == PROMISE_STARTED ? "started" : "accepted";

	sqlite3_reset(st);
	sqlite3_bind_int64(st, 1, p->id);
	if (sqlite3_step(st) != SQLITE_ROW)
		finding(f, &f->lost, "%s job %" PRId64 " (%.*s) is gone", how,
		    p->id, (int)p->name.n, p->name.p ? p->name.p : "");
	else if (p->name.p && !bytes_equal(query_bytes(st, 0), p->name))
		finding(f, &f->lost, "%s job %" PRId64 " was %.*s, now %.*s",
		    how, p->id, (int)p->name.n, p->name.p,
		    (int)query_bytes(st, 0).n,
		    query_bytes(st, 0).p ? query_bytes(st, 0).p : "");
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
		finding(f, &f->lost, "job %" PRId64 ": that attempt %d led to "
		    "%s is forgotten", p->id, p->attempt,
		    state_detail(p->state));
	sqlite3_reset(st);
}

static void
check_promises(sqlite3 *db, const struct promise *v, size_t n,
	struct findings *f)
{
	sqlite3_stmt *job = query(db, "SELECT coalesce(key, path) FROM job"
	    " WHERE id = ?1 UNION ALL SELECT coalesce(key, path) FROM history"
	    " WHERE " OF_JOB("?1") " AND lane IS NOT NULL LIMIT 1", f);
	sqlite3_stmt *end = query(db, "SELECT 1 FROM history WHERE " OF_JOB("?1")
	    " AND state = ?2 AND (?3 = 0 OR attempt = ?3)", f);

	int64_t last = query_int(db, "SELECT max(seq) FROM event", f);

	for (size_t i = 0; i < n && job && end; i++) {
		if (v[i].kind == PROMISE_END)
			check_end(end, &v[i], f);
		else if (v[i].kind != PROMISE_LOGGED)
			check_job(job, &v[i], f);
		else if (v[i].id > last)
			finding(f, &f->lost, "event %" PRId64 " is gone, the "
			    "log ends with %" PRId64, v[i].id, last);
	}
	sqlite3_finalize(job);
	sqlite3_finalize(end);
}

/* ---- all of it ---- */

static void
inspect_tables(sqlite3 *db, const struct promise *v, size_t n,
	struct findings *f)
{
	if (query_int(db, "SELECT count(*) FROM sqlite_schema", f) == 0) {
		/* not yet a queue: nobody can have been told anything */
		if (n && f->damaged == 0)
			finding(f, &f->lost, "the whole queue is gone");
		return;
	}
	run(db, "PRAGMA integrity_check", f, &f->damaged, "ok");
	for (size_t i = 0; i < sizeof(invariants) / sizeof(*invariants) &&
	    f->damaged == 0; i++)
		run(db, invariants[i], f, &f->wrong, NULL);
	if (f->damaged == 0)
		replay_check(db, f);
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
			finding(f, &f->lost, "the queue file is gone");
		return;
	}
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX, vfs) != SQLITE_OK)
		finding(f, &f->damaged, "open: %s", sqlite3_errmsg(db));
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
