/*
 * tamper QUEUE TIMES [SEED] - does that many random things to the audit log of
 * copies of the queue, behind its triggers, and looks whether the verification
 * finds each: flipped bits, events taken out, put in or moved, and the end cut
 * off below an anchor.  The queue must be at rest.  Prints a tally; 1 when
 * something was missed, or when the queue as it is has findings.
 */
#include <err.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/num.h"
#include "lib/dice.h"
#include "store/log.h"

#define COPY "tampered.db"

static struct dice dice;

/* ---- the copy ---- */

static void
write_copy(const struct buf *image)
{
	FILE *f;

	unlink(COPY "-wal");
	unlink(COPY "-shm");
	f = fopen(COPY, "w");
	if (f == NULL || fwrite(image->p, 1, image->len, f) != image->len ||
	    fclose(f) != 0)
		err(74, COPY);
	chmod(COPY, 0600);
}

static sqlite3 *
open_copy(void)
{
	sqlite3 *db;

	if (sqlite3_open_v2(COPY, &db, SQLITE_OPEN_READWRITE, NULL) ||
	    sqlite3_exec(db, "DROP TRIGGER event_keep_update;"
	    "DROP TRIGGER event_keep_insert; DROP TRIGGER event_keep_delete;"
	    "PRAGMA synchronous = OFF", NULL, NULL, NULL))
		errx(70, "%s", sqlite3_errmsg(db));
	return db;
}

static void
run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL))
		errx(70, "%s: %s", sql, sqlite3_errmsg(db));
}

static void runf(sqlite3 *db, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void
runf(sqlite3 *db, const char *fmt, ...)
{
	struct buf sql = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&sql, fmt, ap);
	va_end(ap);
	run(db, sql.p);
	buf_release(&sql);
}

/* An event there is, from that one on */
static long long
some_event(sqlite3 *db, long long from)
{
	sqlite3_stmt *st;
	long long n, first;

	sqlite3_prepare_v2(db, "SELECT count(*), min(seq) FROM event"
	    " WHERE seq >= ?", -1, &st, NULL);
	sqlite3_bind_int64(st, 1, from);
	sqlite3_step(st);
	n = sqlite3_column_int64(st, 0);
	first = sqlite3_column_int64(st, 1);
	sqlite3_finalize(st);
	return first + (long long)dice_below(&dice, (size_t)n);
}

/* ---- what is done to it ---- */

/* Another bit of one column of one event */
static void
flip(sqlite3 *db)
{
	static const char *const numbers[] = { "seq", "at", "kind" };
	static const char *const bytes[] = { "actor", "moves", "detail",
		"hash" };
	long long seq = some_event(db, 0);
	size_t which = dice_below(&dice, 7);
	const char *column = which < 3 ? numbers[which] : bytes[which - 3];
	sqlite3_stmt *st;
	unsigned char text[70000];
	int n;

	if (which < 3) {
		runf(db, "UPDATE OR REPLACE event SET %s = (%s | %lld)"
		    " - (%s & %lld) WHERE seq = %lld", column, column, 1LL << which * 9,
		    column, 1LL << which * 9, seq);
		return;
	}
	runf(db, "UPDATE event SET %s = coalesce(%s, 'x') WHERE seq = %lld"
	    " AND '%s' IN ('actor', 'detail')", column, column, seq, column);
	sqlite3_prepare_v2(db, which == 4 ? "SELECT moves FROM event WHERE"
	    " seq = ?" : which == 3 ? "SELECT CAST(actor AS BLOB) FROM event"
	    " WHERE seq = ?" : which == 5 ? "SELECT CAST(detail AS BLOB) FROM"
	    " event WHERE seq = ?" : "SELECT hash FROM event WHERE seq = ?",
	    -1, &st, NULL);
	sqlite3_bind_int64(st, 1, seq);
	sqlite3_step(st);
	n = sqlite3_column_bytes(st, 0);
	if (n > (int)sizeof(text))
		n = sizeof(text);
	if (n)
		memcpy(text, sqlite3_column_blob(st, 0), (size_t)n);
	else
		text[n++] = 0;
	sqlite3_finalize(st);
	text[dice_below(&dice, (size_t)n)] ^=
	    (unsigned char)(1 << dice_below(&dice, 8));
	sqlite3_prepare_v2(db, which == 4 ? "UPDATE event SET moves = ?2 WHERE"
	    " seq = ?1" : which == 3 ? "UPDATE event SET actor = CAST(?2 AS"
	    " TEXT) WHERE seq = ?1" : which == 5 ? "UPDATE event SET detail ="
	    " CAST(?2 AS TEXT) WHERE seq = ?1" : "UPDATE event SET hash = ?2"
	    " WHERE seq = ?1", -1, &st, NULL);
	sqlite3_bind_int64(st, 1, seq);
	sqlite3_bind_blob(st, 2, text, n, SQLITE_STATIC);
	sqlite3_step(st);
	sqlite3_finalize(st);
}

static void
take_out(sqlite3 *db)
{
	long long seq = some_event(db, 0);

	runf(db, "DELETE FROM event WHERE seq BETWEEN %lld AND %lld", seq,
	    seq + (long long)dice_below(&dice, 3));
	if (dice_one_in(&dice, 2))	/* and close the gap */
		runf(db, "UPDATE event SET seq = -seq WHERE seq > %lld;"
		    "UPDATE event SET seq = 1 - seq - 2 WHERE seq < 0", seq);
}

static void
put_in(sqlite3 *db)
{
	long long seq = some_event(db, 0);

	runf(db, "UPDATE event SET seq = -seq WHERE seq >= %lld;"
	    "UPDATE event SET seq = 1 - seq WHERE seq < 0;"
	    "INSERT INTO event SELECT %lld, at, kind, actor, moves, detail,"
	    " hash FROM event WHERE seq = %lld", seq, seq,
	    some_event(db, seq + 1));
}

static void
move(sqlite3 *db)
{
	long long a = some_event(db, 0), b = some_event(db, 0);

	if (a == b)
		b = a > 1 ? a - 1 : a + 1;
	runf(db, "UPDATE event SET seq = -1 WHERE seq = %lld;"
	    "UPDATE event SET seq = %lld WHERE seq = %lld;"
	    "UPDATE event SET seq = %lld WHERE seq = -1", a, a, b, b);
}

static void
cut_off(sqlite3 *db)
{
	runf(db, "DELETE FROM event WHERE seq >= %lld", some_event(db, 0));
}

/* ---- whether it is found ---- */

static void
count_finding(void *ctx, const char *sentence)
{
	(void)sentence;
	++*(size_t *)ctx;
}

static size_t
findings(const struct log_anchor *anchor, struct log_anchor *last)
{
	struct log_anchor a = *anchor;
	struct log_proof proof;
	struct store *s;
	struct err e;
	size_t n = 0;

	if (store_open(&s, &(struct store_options){ .path = COPY,
	    .mode = STORE_READ, .program = "tamper" }, &e))
		errx(e.code, "%s", e.text);
	if (store_log_verify(s, &(struct log_evidence){ &a, a.seq > 0, NULL, 0 },
	    count_finding, &n, &proof, &e))
		errx(e.code, "%s", e.text);
	store_close(s);
	last->seq = proof.seq;
	memcpy(last->hash, proof.hash, sizeof(last->hash));
	return n;
}

static const struct {
	const char *what;
	void (*tamper)(sqlite3 *db);
} ways[] = {
	{ "flipped bits", flip }, { "deletions", take_out },
	{ "insertions", put_in }, { "reorderings", move },
	{ "truncations below an anchor", cut_off },
};
#define NWAYS (sizeof(ways) / sizeof(*ways))

static size_t
try_all(const struct buf *image, int64_t times)
{
	size_t tried[NWAYS] = { 0 }, missed[NWAYS] = { 0 }, bad = 0;
	struct log_anchor none = { 0 }, anchor, after;

	write_copy(image);
	if (findings(&none, &anchor))
		errx(1, "the queue has findings as it is");
	for (int64_t i = 0; i < times; i++) {
		size_t way = (size_t)i % NWAYS;
		sqlite3 *db;

		write_copy(image);
		db = open_copy();
		ways[way].tamper(db);
		sqlite3_close(db);
		tried[way]++;
		missed[way] += findings(&anchor, &after) == 0;
	}
	for (size_t i = 0; i < NWAYS; i++) {
		printf("%zu %s: %zu missed\n", tried[i], ways[i].what,
		    missed[i]);
		bad += missed[i];
	}
	return bad;
}

int
main(int argc, char **argv)
{
	struct buf image = { 0 };
	int64_t times, seed = 1;
	size_t bad;
	struct err e;

	if (argc < 3 || argc > 4)
		errx(64, "usage: tamper QUEUE TIMES [SEED]");
	if (int_parse(argv[2], "TIMES", 1, 100000000, &times, &e) ||
	    (argc == 4 && int_parse(argv[3], "SEED", 0, INT64_MAX, &seed,
	    &e)))
		errx(64, "%s", e.text);
	if (io_read_file(argv[1], (size_t)64 << 20, &image) < 0)
		err(66, "%s", argv[1]);
	dice.state = (uint64_t)seed;
	umask(077);
	bad = try_all(&image, times);
	unlink(COPY);
	unlink(COPY "-wal");
	unlink(COPY "-shm");
	unlink(COPY "-lock");
	unlink(COPY "-run");
	buf_release(&image);
	return bad != 0;
}
