/*
 * commits [-w WRITERS] [-n RECORDS] FILE
 * commits -i FILE
 *
 * What a careful program does without iq: so many processes, each with its own
 * connection to one SQLite database in WAL mode, synchronous=FULL and a busy
 * timeout, that insert RECORDS paths each, one per transaction.  The table is
 * the least that a queue needs.  Exits 1 when an insert failed.
 *
 * Prints as feed does: commits per second; median, 99th percentile and worst
 * of the times in us.  With -i it is one of them, and for feed: it inserts each
 * line of stdin, and answers with one.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "perf.h"

#define BUSY_MS 60000
#define WRITERS 256

static void
exec_sql(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		errx(74, "%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3 *
open_database(const char *path)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		errx(74, "open %s: %s", path, sqlite3_errmsg(db));
	sqlite3_busy_timeout(db, BUSY_MS);
	exec_sql(db, "PRAGMA journal_mode=WAL");
	exec_sql(db, "PRAGMA synchronous=FULL");
	return db;
}

static sqlite3_stmt *
prepare(sqlite3 *db)
{
	sqlite3_stmt *insert;

	if (sqlite3_prepare_v2(db, "INSERT INTO queue(path) VALUES(?)", -1,
	    &insert, NULL) != SQLITE_OK)
		errx(74, "prepare: %s", sqlite3_errmsg(db));
	return insert;
}

static void
insert_one(sqlite3 *db, sqlite3_stmt *insert, const char *path, int n)
{
	sqlite3_bind_text(insert, 1, path, n, SQLITE_STATIC);
	if (sqlite3_step(insert) != SQLITE_DONE)
		errx(75, "insert: %s", sqlite3_errmsg(db));
	sqlite3_reset(insert);
}

static void
answer_all(const char *path)
{
	sqlite3 *db = open_database(path);
	sqlite3_stmt *insert = prepare(db);
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, stdin)) > 0) {
		insert_one(db, insert, line, (int)n - 1);
		if (puts("1") < 0 || fflush(stdout) != 0)
			err(74, "answer");
	}
	free(line);
	sqlite3_finalize(insert);
	sqlite3_close(db);
}

/* One byte from the gate starts the writer; its times go to the pipe. */
static void
write_all(const char *path, long writer, long records, int gate, FILE *out)
{
	sqlite3 *db = open_database(path);
	sqlite3_stmt *insert = prepare(db);
	struct samples times = { 0 };
	char go, name[64];

	if (read(gate, &go, 1) != 1)
		err(74, "wait for the start");
	for (long i = 0; i < records; i++) {
		int64_t since = now_ns();

		insert_one(db, insert, name, snprintf(name, sizeof(name),
		    "/srv/in/%ld/note-%06ld.md", writer, i));
		samples_add(&times, now_ns() - since);
	}
	sqlite3_finalize(insert);
	sqlite3_close(db);
	if (fwrite(times.v, sizeof(*times.v), times.n, out) != times.n ||
	    fclose(out))
		err(74, "hand over the times");
}

int
main(int argc, char **argv)
{
	char go[WRITERS] = { 0 };
	struct samples times = { 0 };
	long writers = 32, records = 100;
	int opt, status, bad = 0, gate[2], results[WRITERS];
	int64_t started, t;
	bool fed = false;
	sqlite3 *db;

	while ((opt = getopt(argc, argv, "w:n:i")) != -1) {
		if (opt == 'w')
			writers = count_of(optarg);
		else if (opt == 'n')
			records = count_of(optarg);
		else if (opt == 'i')
			fed = true;
		else
			return 64;
	}
	if (optind + 1 != argc || writers > WRITERS)
		return 64;
	db = open_database(argv[optind]);
	exec_sql(db, "CREATE TABLE IF NOT EXISTS queue(id INTEGER PRIMARY KEY,"
	    " path TEXT NOT NULL UNIQUE, state INTEGER NOT NULL DEFAULT 0)");
	sqlite3_close(db);
	if (fed) {
		answer_all(argv[optind]);
		return 0;
	}
	if (pipe(gate) < 0)
		err(71, "pipe");
	for (long i = 0; i < writers; i++) {
		int ends[2];

		if (pipe(ends) < 0)
			err(71, "pipe");
		switch (fork()) {
		case -1:
			err(71, "fork");
		case 0:
			write_all(argv[optind], i, records, gate[0],
			    fdopen(ends[1], "w"));
			_exit(0);
		}
		close(ends[1]);
		results[i] = ends[0];
	}
	usleep(500000);		/* all of them have opened the database */
	started = now_ns();
	if (write(gate[1], go, (size_t)writers) != writers)
		err(71, "start");
	for (long i = 0; i < writers; i++) {
		FILE *in = fdopen(results[i], "r");

		while (fread(&t, sizeof(t), 1, in) == 1)
			samples_add(&times, t);
		fclose(in);
	}
	started = now_ns() - started;
	while (wait(&status) > 0)
		bad |= status;
	samples_print_rate(&times, started);
	return bad ? 1 : 0;
}
