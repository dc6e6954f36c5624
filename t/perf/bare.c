/*
 * bare QUEUE
 *
 * The least that could be done: reads NUL-separated paths and inserts the rows
 * that iq-enqueue -0 would, into the same tables of a queue that exists, 10,000
 * a transaction, each of them durable.  It checks nothing, counts nothing, logs
 * nothing and lets nobody else have a turn.
 *
 * The page cache has the size that iq gives it; the rest is SQLite's default.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "perf.h"

#define BATCH 10000

static void
exec_sql(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		errx(74, "%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3_stmt *
prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st,
	    NULL) != SQLITE_OK)
		errx(74, "%s: %s", sql, sqlite3_errmsg(db));
	return st;
}

static void
step(sqlite3 *db, sqlite3_stmt *st)
{
	if (sqlite3_step(st) != SQLITE_DONE)
		errx(74, "%s", sqlite3_errmsg(db));
	sqlite3_reset(st);
}

static int64_t
wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A type and a lane for the rows to belong to */
static void
make_type(sqlite3 *db)
{
	exec_sql(db, "INSERT OR IGNORE INTO type(id, name) VALUES(1,"
	    " 'default'); INSERT OR IGNORE INTO lane(id, type, class,"
	    " priority) VALUES(1, 1, 0, 3)");
}

int
main(int argc, char **argv)
{
	sqlite3 *db;
	sqlite3_stmt *insert;
	char *path = NULL;
	size_t room = 0;
	ssize_t n;
	int64_t id = 0, now = 0;

	if (argc != 2)
		return 64;
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK)
		errx(74, "open %s: %s", argv[1], sqlite3_errmsg(db));
	exec_sql(db, "PRAGMA synchronous=FULL; PRAGMA cache_size=-8000");
	make_type(db);
	insert = prepare(db, "INSERT INTO job(id, type, lane, state,"
	    " created_at, key, event, eligible_at)"
	    " VALUES(?1, 1, 1, 1, ?2, ?3, NULL, ?2)");
	while ((n = getdelim(&path, &room, '\0', stdin)) > 0) {
		if (path[n - 1] == '\0')
			n--;
		if (id % BATCH == 0) {
			if (id)
				exec_sql(db, "COMMIT");
			exec_sql(db, "BEGIN IMMEDIATE");
			now = wall();
		}
		sqlite3_bind_int64(insert, 1, ++id);
		sqlite3_bind_int64(insert, 2, now);
		sqlite3_bind_blob(insert, 3, path, (int)n, SQLITE_STATIC);
		step(db, insert);
	}
	if (id)
		exec_sql(db, "COMMIT");
	sqlite3_finalize(insert);
	sqlite3_close(db);
	free(path);
	return 0;
}
