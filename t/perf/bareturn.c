/*
 * bareturn QUEUE TYPE TURNS JOBS
 *
 * The least that a worker's turns could be: hands in the JOBS of TYPE that it
 * took last and takes as many, in one transaction, on the same tables of a
 * queue that exists.  It checks nothing, counts nothing, logs nothing and lets
 * nobody else have a turn; what iq counts in TYPE is wrong afterwards.
 *
 * The page cache has the size that iq gives it; the rest is SQLite's default.
 * Prints: us per job.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "perf.h"

/* No event of iq's has such a number */
#define FIRST_CLAIM (INT64_C(1) << 48)

/* ?3: the ids of the jobs, as JSON */
#define THESE "id IN (SELECT value FROM json_each(?3))"

static const char *const hand_in =
	"INSERT INTO history(id, job, attempt, type, state, reason, outcome,"
	" exit, created_at, eligible_at, started_at, finished_at, claim,"
	" finish, worker, cpu, max_rss, read, written, io_operations, input,"
	" lane, key, path, no_path, event, attempts, crashes)"
	" SELECT id << 20 | attempt, id, attempt, type, 6, 1, 0, 0, created_at,"
	" eligible_at, ?2, ?2, claim, claim, 1, 800000, 1048576, 1000, 0, 3,"
	" 10000, lane, key, path, no_path, event, attempts, crashes FROM job"
	" WHERE " THESE " AND state = 4 AND claim = ?1";
static const char *const forget =
	"DELETE FROM job WHERE " THESE " AND state = 4 AND claim = ?1";
static const char *const head =
	"SELECT json_group_array(id) FROM (SELECT id FROM job WHERE state = 1"
	" AND lane = ?1 ORDER BY id LIMIT ?2)";
static const char *const take =
	"UPDATE job SET state = 4, claim = ?1, slot = 0, attempt = attempt + 1"
	" WHERE " THESE " AND state = 1 AND lane = ?2";

static sqlite3 *db;

static void
check(int code)
{
	if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
		errx(74, "%s", sqlite3_errmsg(db));
}

static sqlite3_stmt *
prepare(const char *sql)
{
	sqlite3_stmt *st;

	check(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st,
	    NULL));
	return st;
}

/* How many rows it has changed */
static int
run(sqlite3_stmt *st, int64_t a, int64_t b, const char *ids)
{
	int n = sqlite3_bind_parameter_count(st);

	if (n > 0) {
		sqlite3_bind_int64(st, 1, a);
		sqlite3_bind_int64(st, 2, b);
		sqlite3_bind_text(st, 3, ids, -1, SQLITE_STATIC);
	}
	check(sqlite3_step(st));
	sqlite3_reset(st);
	return sqlite3_changes(db);
}

/* The next jobs; to be freed */
static char *
ids_of(sqlite3_stmt *st, int64_t lane, long jobs)
{
	char *ids;

	sqlite3_bind_int64(st, 1, lane);
	sqlite3_bind_int64(st, 2, jobs);
	check(sqlite3_step(st));
	ids = strdup((const char *)sqlite3_column_text(st, 0));
	sqlite3_reset(st);
	return ids;
}

static int64_t
lane_of(const char *type)
{
	sqlite3_stmt *st = prepare("SELECT l.id FROM lane l JOIN type t"
	    " ON t.id = l.type WHERE t.name = ?1 AND l.ready > 0");
	int64_t lane;

	sqlite3_bind_text(st, 1, type, -1, SQLITE_STATIC);
	if (sqlite3_step(st) != SQLITE_ROW)
		errx(66, "nothing is ready of %s", type);
	lane = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return lane;
}

static void
turns(int64_t lane, long n, long jobs)
{
	sqlite3_stmt *begin = prepare("BEGIN IMMEDIATE");
	sqlite3_stmt *commit = prepare("COMMIT"), *in = prepare(hand_in);
	sqlite3_stmt *out = prepare(forget), *more = prepare(take);
	sqlite3_stmt *next = prepare(head);
	int64_t claim = FIRST_CLAIM;
	char *ids = strdup("[]");

	for (long i = 0; i <= n; i++, claim++) {
		run(begin, 0, 0, NULL);
		run(in, claim - 1, claim, ids);
		run(out, claim - 1, 0, ids);
		free(ids);
		ids = ids_of(next, lane, jobs);
		/* the last turn only hands in */
		if (i < n && run(more, claim, lane, ids) != jobs)
			errx(1, "not enough to take");
		run(commit, 0, 0, NULL);
	}
	free(ids);
	sqlite3_finalize(begin);
	sqlite3_finalize(commit);
	sqlite3_finalize(in);
	sqlite3_finalize(out);
	sqlite3_finalize(more);
	sqlite3_finalize(next);
}

int
main(int argc, char **argv)
{
	int64_t since;
	long n, jobs;

	if (argc != 5)
		return 64;
	n = count_of(argv[3]);
	jobs = count_of(argv[4]);
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	check(sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL));
	check(sqlite3_exec(db, "PRAGMA synchronous=NORMAL;"
	    "PRAGMA cache_size=-8000", NULL, NULL, NULL));
	since = now_ns();
	turns(lane_of(argv[2]), n, jobs);
	printf("%.2f\n", (double)(now_ns() - since) / 1e3 / (double)n /
	    (double)jobs);
	sqlite3_close(db);
	return 0;
}
