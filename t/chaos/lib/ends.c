#include "ends.h"

#include <err.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"
#include "rules/state.h"
#include "store/sql_history.h"

static const char *const modes[ENDS_MODES] = { "once", "batch", "lines",
	"json" };

/* The last row of each job that is no longer in the queue */
static const char *const tables =
	"CREATE TEMP TABLE said(n INTEGER PRIMARY KEY, stop INTEGER,"
	" family TEXT, mode TEXT, path TEXT);"
	"CREATE TEMP TABLE accepted(id INTEGER, name TEXT);"
	"CREATE TEMP TABLE ended AS SELECT job, t.name type,"
	"  coalesce(CAST(path AS TEXT), CAST(key AS TEXT)) path,"
	"  CAST(key AS TEXT) key, state, reason, finish, (SELECT min(claim)"
	"   FROM history b WHERE b." OF_JOB("a.job") ") claim"
	" FROM history a JOIN type t ON t.id = a.type"
	" WHERE lane IS NOT NULL AND job NOT IN (SELECT id FROM job);"
	"CREATE INDEX temp.ended_job ON ended(job);"
	"CREATE INDEX temp.ended_key ON ended(type, key);"
	"CREATE INDEX temp.ended_path ON ended(type, path);";

/* parent: what must be followed; next: what has asked for how many */
static const char *const families =
	"CREATE INDEX temp.said_path ON said(path, stop);"
	"CREATE TEMP TABLE parent AS SELECT *, (SELECT mode FROM said s"
	"  WHERE stop AND family = 'storm' AND s.path = e.path"
	"  ORDER BY n DESC LIMIT 1) mode"
	" FROM ended e WHERE type LIKE 'storm/%' AND state = 6;"
	"CREATE INDEX temp.parent_path ON parent(path);"
	"CREATE TEMP TABLE next AS SELECT"
	"  substr(path, instr(substr(path, 4), '/') + 4) path, count(*) n"
	" FROM ended WHERE type = 'next' GROUP BY 1;"
	"CREATE INDEX temp.next_path ON next(path);";

/* Each gives a row, one sentence, per job that is lost. ?1: superseded */
static const char *const losses[] = {
	"SELECT 'job '||id||' ('||name||') has not ended' FROM accepted"
	" WHERE id NOT IN (SELECT job FROM ended)",
	"SELECT 'job '||job||' ('||path||') has not succeeded' FROM ended"
	" WHERE state <> 6 AND (state <> 7 OR reason <> ?1)",
	"SELECT 'job '||job||' ('||path||') has succeeded, but no handler"
	" says so' FROM ended e WHERE state = 6 AND NOT EXISTS(SELECT 1"
	"  FROM said s WHERE stop AND s.path = e.path"
	"  AND (family = 'storm') = (type LIKE 'storm/%'))",
	"SELECT 'job '||id||' is left' FROM job",
};

/* The same per follow-up */
static const char *const strays[] = {
	"SELECT 'job '||job||' ('||p.path||', by '||mode||') is followed by '"
	" ||coalesce(n, 0)||' of type next' FROM parent p LEFT JOIN next n"
	" ON n.path = p.path WHERE coalesce(n, 0) <> (mode <> 'lines')",
	"SELECT n||' of type next follow '||path||', which did not succeed'"
	" FROM next WHERE path NOT IN (SELECT path FROM parent)",
	"SELECT n||' of type then follow '||path FROM (SELECT path,"
	"  count(*) n FROM ended WHERE type = 'then' GROUP BY path)"
	" WHERE n > 1 OR path NOT IN (SELECT path FROM parent)",
	/* one that came before and had not started was enough */
	"SELECT 'job '||job||' ('||path||') is followed by none of type then'"
	" FROM parent p WHERE NOT EXISTS(SELECT 1 FROM ended t"
	"  WHERE t.type = 'then' AND t.key = p.key AND (t.path = p.path OR"
	"  coalesce(t.claim, t.finish) > p.finish AND EXISTS(SELECT 1"
	"   FROM parent q WHERE q.path = t.path AND q.finish <= p.finish)))",
};

static void
exec(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		errx(74, "%.60s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3_stmt *
prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		errx(74, "%.60s: %s", sql, sqlite3_errmsg(db));
	return st;
}

/* "start|stop FAMILY MODE PATH" */
static void
note(struct ends *e, sqlite3_stmt *st, char *line)
{
	char *save = NULL, *word = strtok_r(line, " ", &save);
	bool stop = word && strcmp(word, "stop") == 0;

	sqlite3_bind_int(st, 1, stop);
	for (int i = 2; i <= 4; i++) {
		word = strtok_r(NULL, i < 4 ? " " : "", &save);
		sqlite3_bind_text(st, i, word, -1, SQLITE_TRANSIENT);
		for (int m = 0; i == 3 && !stop && word && m < ENDS_MODES; m++)
			e->starts[m] += strcmp(word, modes[m]) == 0;
	}
	sqlite3_step(st);
	sqlite3_reset(st);
}

static int
read_log(struct ends *e, sqlite3 *db, const char *log)
{
	sqlite3_stmt *st = prepare(db, "INSERT INTO said(stop, family, mode,"
	    " path) VALUES(?1, ?2, ?3, ?4)");
	struct buf text = { 0 };
	char *line, *save = NULL;
	int rc = io_read_file(log, 1 << 30, &text);

	for (line = text.len ? strtok_r(text.p, "\n", &save) : NULL; line;
	    line = strtok_r(NULL, "\n", &save))
		note(e, st, line);
	sqlite3_finalize(st);
	buf_release(&text);
	return rc;
}

static void
read_promises(sqlite3 *db, const struct promises *p)
{
	sqlite3_stmt *st = prepare(db, "INSERT INTO accepted VALUES(?1, ?2)");

	for (size_t i = 0; i < p->n; i++) {
		sqlite3_bind_int64(st, 1, p->v[i].id);
		sqlite3_bind_text(st, 2, p->v[i].name.p, (int)p->v[i].name.n,
		    SQLITE_STATIC);
		sqlite3_step(st);
		sqlite3_reset(st);
	}
	sqlite3_finalize(st);
}

static size_t
rows(sqlite3 *db, const char *const *v, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		sqlite3_stmt *st = prepare(db, v[i]);

		sqlite3_bind_int(st, 1, REASON_SUPERSEDED);
		for (; sqlite3_step(st) == SQLITE_ROW; found++)
			printf("# %s\n", sqlite3_column_text(st, 0));
		sqlite3_finalize(st);
	}
	return found;
}

static long
count(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st = prepare(db, sql);
	long n = sqlite3_step(st) == SQLITE_ROW ?
	    (long)sqlite3_column_int64(st, 0) : -1;

	sqlite3_finalize(st);
	return n;
}

int
ends_judge(struct ends *e, const char *log, const char *queue,
	const struct promises *accepted)
{
	sqlite3 *db;
	int rc;

	if (sqlite3_open_v2(queue, &db, SQLITE_OPEN_READWRITE, NULL))
		errx(74, "read %s: %s", queue, sqlite3_errmsg(db));
	exec(db, tables);
	exec(db, "BEGIN");
	rc = read_log(e, db, log);
	read_promises(db, accepted);
	exec(db, families);
	e->lost = rows(db, losses, sizeof(losses) / sizeof(*losses));
	e->astray = rows(db, strays, sizeof(strays) / sizeof(*strays));
	e->follow_ups = count(db, "SELECT count(*) FROM ended"
	    " WHERE type IN ('next', 'then')");
	exec(db, "ROLLBACK");
	sqlite3_close(db);
	return rc;
}
