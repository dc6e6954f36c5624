/* Private to the files that inspect a queue. */
#ifndef IQ_INSPECTING_H
#define IQ_INSPECTING_H

#include <sqlite3.h>

#include "inspect.h"
#include "rules/event.h"

/* Adds a sentence, and counts it in *kind, a count of f */
void finding(struct findings *f, size_t *kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* NULL: that is a finding */
sqlite3_stmt *query(sqlite3 *db, const char *sql, struct findings *f);
/* p is NULL where the column is */
struct bytes query_bytes(sqlite3_stmt *st, int column);
/* Of the first row; 0: there is none */
int64_t query_int(sqlite3 *db, const char *sql, struct findings *f);

/* ---- replay.c ---- */

/* The chain of the audit log, and that what it says is what is there, and was
 * counted */
void replay_check(sqlite3 *db, struct findings *f);

/* ---- counted.c: telemetry against the audit log and the history ---- */

struct counted {
	struct total *v;	/* METRIC_END of each type, by its id */
	int64_t ntypes;
};

/* The log has that move. */
void counted_move(struct counted *c, const struct move *m);
/* After all of them */
void counted_check(sqlite3 *db, struct counted *c, struct findings *f);
void counted_release(struct counted *c);

#endif
