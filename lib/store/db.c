#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "store/db.h"

static const char *const sql_text[SQL_COUNT] = {
#define SQL(name, text) text,
	SQL_STATEMENTS
#undef SQL
};

/* Every handle is this strict, whoever wrote the file. */
static void
harden(sqlite3 *h)
{
	sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(h, SQLITE_LIMIT_TRIGGER_DEPTH, 10);
	sqlite3_limit(h, SQLITE_LIMIT_LENGTH, 4 << 20);
	sqlite3_extended_result_codes(h, 1);
	/* A net for foreign writers only: ours take turns (turnstile.h). */
	sqlite3_busy_timeout(h, 5000);
}

/* Where it cannot be written SQLite opens it for reading by itself. */
static int
open_handle(struct db *db, enum db_access how, struct err *err)
{
	int flags = SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX |
	    SQLITE_OPEN_EXRESCODE;
	struct buf name = { 0 };
	int rc, code = 0;

	db->still = how == DB_STILL;
	if (how == DB_READ)
		code = db_still(db->path, &db->still, err);
	db->logless = how == DB_READ && db_size(db->path, "-wal") < 0;
	if (code)
		return code;
	if (db->still)
		db_still_name(db->path, &name);
	flags |= db->still ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI :
	    SQLITE_OPEN_READWRITE;
	if (how == DB_CREATE || how == DB_ANEW)
		flags |= SQLITE_OPEN_CREATE;
	rc = sqlite3_open_v2(db->still ? name.p : db->path, &db->handle, flags,
	    db_layer());
	if (rc != SQLITE_OK)
		code = db_error(db, rc, "open", err);
	buf_release(&name);
	return code;
}

int
db_open(struct db *db, const char *path, enum db_access how, struct err *err)
{
	int code;

	/* One thread (that of syncer.h needs none of this), and nobody asks
	 * SQLite how much memory it uses: both cost a lock per allocation.
	 * Refused, and harmless, after the first time. */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	memset(db, 0, sizeof(*db));
	db->path = mem_strdup(path);
	code = open_handle(db, how, err);
	if (code) {
		db_close(db);
		return code;
	}
	harden(db->handle);
	if (how == DB_ANEW)
		sqlite3_db_config(db->handle, SQLITE_DBCONFIG_RESET_DATABASE,
		    1, NULL);
	code = db_exec(db, how == DB_READ || how == DB_STILL ?
	    "PRAGMA query_only=1;PRAGMA cell_size_check=1" :
	    "PRAGMA recursive_triggers=1;PRAGMA cell_size_check=1;"
	    "PRAGMA journal_size_limit=4194304;PRAGMA cache_size=-8000", err);
	if (code == 0)
		sqlite3_wal_autocheckpoint(db->handle, 0);
	else
		db_close(db);
	return code;
}

/* To read SQLite makes a log, which is empty, and its index.  Where nobody
 * else has the file open it takes away what it made: a backup stays one file. */
static void
take_log_away(struct db *db)
{
	if (db->logless && db_size(db->path, "-wal") == 0)
		sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
		    0, NULL);
}

void
db_close(struct db *db)
{
	if (db->handle)
		take_log_away(db);
	for (int i = 0; i < SQL_COUNT; i++) {
		sqlite3_finalize(db->statements[i]);
		free(db->bound[i]);
	}
	sqlite3_close(db->handle);
	free(db->path);
	memset(db, 0, sizeof(*db));
}

/* SQLite keeps the number of what it has opened to itself, but tells whether
 * the path has another one. */
bool
db_moved(struct db *db)
{
	int moved = 1;

	return sqlite3_file_control(db->handle, "main",
	    SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK || moved;
}

bool
db_file(struct db *db, struct file_id *id)
{
	return place_file(db->path, id) && !db_moved(db);
}

/* What the system said when SQLite could not open or read, else 0 */
static int
system_error(const struct db *db, int rc)
{
	if (db->handle == NULL || ((rc & 0xff) != SQLITE_CANTOPEN &&
	    (rc & 0xff) != SQLITE_IOERR))
		return 0;
	return sqlite3_system_errno(db->handle);
}

/* (A disk quota is an error as any to SQLite.) */
static bool
is_full(int rc, int system)
{
	return (rc & 0xff) == SQLITE_FULL || system == ENOSPC ||
	    system == EDQUOT;
}

static int
exit_code_of(int rc, int system)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return EX_TEMPFAIL;
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_READONLY:
		return EX_NOPERM;
	case SQLITE_CANTOPEN:
		return system == EMFILE || system == ENFILE ? EX_TEMPFAIL :
		    EX_CANTCREAT;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
	case SQLITE_ERROR:
		return EX_SOFTWARE;
	default:
		return EX_IOERR;
	}
}

#define NO_ROOM ": free some space, nothing was half done"

int
db_error(struct db *db, int rc, const char *what, struct err *err)
{
	/* a sync that the store asks for itself leaves no message */
	bool told = db->handle && sqlite3_extended_errcode(db->handle) == rc;
	const char *why = told ? sqlite3_errmsg(db->handle) :
	    sqlite3_errstr(rc);
	const char *advice = "";
	int system = told ? system_error(db, rc) : 0;

	db->full = is_full(rc, system);
	switch (rc & 0xff) {
	case SQLITE_FULL:
		advice = NO_ROOM;
		break;
	case SQLITE_CORRUPT:
		advice = ": it is damaged; " RESTORE_ADVICE;
		break;
	case SQLITE_NOTADB:
		advice = ": this is no queue; if it was one, it is damaged: "
		    RESTORE_ADVICE;
		break;
	case SQLITE_IOERR:
		advice = rc == SQLITE_IOERR_SHMSIZE ? NO_ROOM :
		    ": outcome unknown, repeat with the same key";
		break;
	case SQLITE_BUSY:
		advice = ": another program holds the queue, try again";
		break;
	default:
		break;
	}
	return err_set(err, exit_code_of(rc, system), "%s %s: %s%s%s%s%s",
	    what, db->path, why, system ? " (" : "",
	    system ? strerror(system) : "", system ? ")" : "", advice);
}

/* $1 is PostgreSQL's first parameter; to SQLite it is a name, and ?1 is the
 * first. */
static int
prepare(struct db *db, const char *text, sqlite3_stmt **st)
{
	struct buf sql = { 0 };
	int rc;

	buf_adds(&sql, text);
	for (size_t i = 0; i + 1 < sql.len; i++)
		if (sql.p[i] == '$' && sql.p[i + 1] >= '1' &&
		    sql.p[i + 1] <= '9')
			sql.p[i] = '?';
	/* not PERSISTENT: that would keep the parser off its quick memory */
	rc = sqlite3_prepare_v2(db->handle, sql.p, (int)sql.len + 1, st, NULL);
	buf_release(&sql);
	return rc;
}

static sqlite3_stmt *
prepared(struct db *db, enum statement which, struct err *err)
{
	sqlite3_stmt **st = &db->statements[which];

	if (*st == NULL) {
		int rc = prepare(db, sql_text[which], st);

		if (rc != SQLITE_OK) {
			db_error(db, rc, "prepare", err);
			return NULL;
		}
		db->bound[which] = mem_zero(1, sizeof(struct bound) +
		    (size_t)sqlite3_bind_parameter_count(*st) *
		    sizeof(int64_t));
	}
	return *st;
}

static int
start(struct query *q, struct db *db, enum statement which, struct err *err,
	const char *format, va_list *ap)
{
	int rc;

	q->db = db;
	q->st = prepared(db, which, err);
	if (q->st == NULL)
		return err->code;
	rc = db_bind(db, which, format, ap);
	if (rc != SQLITE_OK)
		return db_error(db, rc, "bind", err);
	return 0;
}

int
db_start(struct query *q, struct db *db, enum statement which,
	struct err *err, const char *format, ...)
{
	va_list ap;
	int code;

	va_start(ap, format);
	code = start(q, db, which, err, format, &ap);
	va_end(ap);
	return code;
}

int
db_row(struct query *q, struct err *err)
{
	int rc = sqlite3_step(q->st);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE) {
		sqlite3_reset(q->st);
		return 0;
	}
	db_error(q->db, rc, "use", err);
	sqlite3_reset(q->st);
	return -1;
}

static int
first(struct query *q, struct db *db, enum statement which, struct err *err,
	const char *format, va_list *ap)
{
	return start(q, db, which, err, format, ap) ? -1 : db_row(q, err);
}

int
db_first(struct query *q, struct db *db, enum statement which,
	struct err *err, const char *format, ...)
{
	va_list ap;
	int got;

	va_start(ap, format);
	got = first(q, db, which, err, format, &ap);
	va_end(ap);
	return got;
}

void
db_end(struct query *q)
{
	if (q->st)
		sqlite3_reset(q->st);
}

int
db_run(struct db *db, enum statement which, struct err *err,
	const char *format, ...)
{
	struct query q;
	va_list ap;
	int got;

	va_start(ap, format);
	got = first(&q, db, which, err, format, &ap);
	va_end(ap);
	while (got == 1)
		got = db_row(&q, err);
	return got < 0 ? err->code : 0;
}

int64_t
db_changes(struct db *db)
{
	return sqlite3_changes(db->handle);
}

int64_t
db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int
db_int(struct db *db, enum statement which, int64_t *out, int64_t dflt,
	struct err *err, const char *format, ...)
{
	struct query q;
	va_list ap;
	int got;

	*out = dflt;
	va_start(ap, format);
	got = first(&q, db, which, err, format, &ap);
	va_end(ap);
	if (got == 1) {
		*out = db_column_or(&q, 0, dflt);
		db_end(&q);
	}
	return got < 0 ? err->code : 0;
}

int
db_exec(struct db *db, const char *sql, struct err *err)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : db_error(db, rc, "use", err);
}
