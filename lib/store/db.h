/*
 * SQLite, opened one way, with its statements prepared once.  Private to
 * lib/store: nothing above it knows that there is a database.
 */
#ifndef IQ_DB_H
#define IQ_DB_H

#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/place.h"
#include "store/sql.h"

enum statement {
#define SQL(name, text) SQL_##name,
	SQL_STATEMENTS
#undef SQL
	SQL_COUNT
};

/* What the parameters of a statement are; bit i: of parameter i + 1 */
struct bound {
	uint64_t any;		/* it is not NULL */
	uint64_t numbers;	/* it is this one */
	int64_t number[];
};

struct db {
	sqlite3 *handle;
	sqlite3_stmt *statements[SQL_COUNT];
	struct bound *bound[SQL_COUNT];	/* theirs */
	char *path;
	bool full;		/* the last failure was for want of room */
	bool still;		/* nobody changes the file while it is open */
	bool logless;		/* to be read, and no log was beside it */
};

enum db_access {
	DB_READ,		/* no statement may change it */
	DB_STILL,		/* the same, and nobody else changes it: no
				 * file is made beside it */
	DB_WRITE,
	DB_CREATE,		/* made when it is missing */
	DB_ANEW,		/* the same, and what is in it counts for
				 * nothing: to fill one that is damaged */
};

int db_open(struct db *db, const char *path, enum db_access how,
	struct err *err);
void db_close(struct db *db);
/* What is open is not the file at its path any more. */
bool db_moved(struct db *db);
/* Which file is open; false when it has moved. */
bool db_file(struct db *db, struct file_id *id);

/* Name of the file layer to open with, or NULL for SQLite's own: layer.c */
const char *db_layer(void);

/* Whether to read the file as one that does not change, because it lies where
 * nothing can be written and has no log. 77 when it can be read neither so nor
 * otherwise. still.c, for db_open. */
int db_still(const char *path, bool *still, struct err *err);
/* What SQLite is to open then */
void db_still_name(const char *path, struct buf *name);
/* A queue's log has something in it, but the queue does not: 74 when that was
 * emptied, 66 when it has gone.  SQLite would throw the log away.  lost.c */
int db_lost(const char *path, struct err *err);
/* Bytes of the file, or with "-wal" of its log; -1 when it is not there */
int64_t db_size(const char *path, const char *suffix);

/* *err from the last SQLite error, as an exit code of the contract: full,
 * damage and I/O 74, busy 75, not permitted 77, a broken constraint 70. */
int db_error(struct db *db, int rc, const char *what, struct err *err);
/* What there is to do about damage */
#define RESTORE_ADVICE "restore a backup with iq-db restore FILE, and see " \
	"Damage in iq-db(1)"

/*
 * Running one: db_start binds the arguments after a format of one letter
 * each, then db_row steps.
 *	i int64_t	d double	t const char * (NULL allowed)
 *	b struct bytes (absent: NULL)	x the same as text
 *	n (no argument) NULL
 *	o int64_t, NULL when it is negative	f double, likewise
 *	u int64_t, NULL when it is INT64_MIN
 *	z int64_t, NULL when it is 0
 * Text and bytes are not copied: they must stay until the statement is done.
 */
struct query {
	struct db *db;
	sqlite3_stmt *st;
};

/* Binds only: bind.c, for db.c.  SQLITE_OK or SQLite's error. */
int db_bind(struct db *db, enum statement which, const char *format,
	va_list *ap);
int db_start(struct query *q, struct db *db, enum statement which,
	struct err *err, const char *format, ...);
/* 1 a row, 0 the end (the statement is reset), -1 an error (*err filled) */
int db_row(struct query *q, struct err *err);
/* Both, where only the first row matters: after it, db_end. */
int db_first(struct query *q, struct db *db, enum statement which,
	struct err *err, const char *format, ...);
/* Ends a query before its last row. */
void db_end(struct query *q);
/* For a statement without rows: start, step, reset. 0 or the exit code;
 * db_changes tells how many rows. */
int db_run(struct db *db, enum statement which, struct err *err,
	const char *format, ...);
int64_t db_changes(struct db *db);
/* Of the row that was inserted last, where that has a number of its own */
int64_t db_last_id(struct db *db);
/* One int64 of one row; dflt when there is no row or it is NULL. */
int db_int(struct db *db, enum statement which, int64_t *out, int64_t dflt,
	struct err *err, const char *format, ...);
/* SQL text that is run once: schema, pragmas */
int db_exec(struct db *db, const char *sql, struct err *err);

/* Columns (column.c); absent bytes for NULL, and valid until the next step. */
int64_t db_column_int(struct query *q, int col);
int64_t db_column_or(struct query *q, int col, int64_t dflt);
double db_column_double(struct query *q, int col, double dflt);
struct bytes db_column_bytes(struct query *q, int col);
const char *db_column_text(struct query *q, int col);	/* NULL allowed */
bool db_column_null(struct query *q, int col);

#endif
