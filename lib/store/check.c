/*
 * What must hold.  All of it is looked at in one snapshot: programs go on
 * working meanwhile, only the WAL is not started over until the end.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "store/former.h"
#include "store/reading.h"
#include "store/schema.h"
#include "store/verify.h"

/* Each row of these is a finding.  The last ones need what older files, which
 * may be read as they are, do not have. */
static const enum statement sentences[] = {
	SQL_CHECK_LANES, SQL_CHECK_HISTORY, SQL_CHECK_LANE_TIME,
	SQL_CHECK_LANE_TYPE,
	SQL_CHECK_JOB_LANE, SQL_CHECK_STATE, SQL_CHECK_RUNNING,
	SQL_CHECK_LEASE_JOBS, SQL_CHECK_LEASE_IDS,
	SQL_CHECK_LEASE_WORKER, SQL_CHECK_LEASE_EVENT,
	SQL_CHECK_KEY_TWICE, SQL_CHECK_KEY_NEWER, SQL_CHECK_KEY_OLDER,
	SQL_CHECK_KEY_PLACE, SQL_CHECK_WAITING, SQL_CHECK_CHILD,
	SQL_CHECK_CHILD_STATE, SQL_CHECK_OUTPUT,
	SQL_CHECK_TWO_LIVES, SQL_CHECK_ATTEMPT, SQL_CHECK_ATTEMPT_ID,
	SQL_CHECK_IDS,
	SQL_CHECK_WORKER_IDS, SQL_CHECK_PARENT,
};

#define NEED_UNHEARD 1

struct check {
	struct store *store;
	finding_fn *fn;
	void *ctx;
	size_t findings;
	struct verification log;
};

static void find(struct check *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void
find(struct check *c, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	c->findings++;
	c->fn(c->ctx, b.p);
	buf_release(&b);
}

static void
pass_on(void *ctx, const char *sentence)
{
	find(ctx, "%s", sentence);
}

/* ---- the file ---- */

/* SQLite tells of a tree in several lines, under a heading. */
static void
find_damage(struct check *c, const char *text)
{
	size_t n;

	if (c->findings == 0)
		find(c, "the file is damaged: " RESTORE_ADVICE);
	for (; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		if (n > 0 && text[0] != '*')
			find(c, "damaged: %.*s", (int)n, text);
	}
}

static int
check_file(struct check *c, struct err *err)
{
	int64_t bytes, wal;
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(c->store->db.handle,
	    "PRAGMA integrity_check", -1, &st, NULL);

	store_sizes(c->store, &bytes, &wal);
	store_tell(c->store, "reading", 0, bytes);
	if (rc != SQLITE_OK)
		return db_error(&c->store->db, rc, "check", err);
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(st, 0);

		if (text && strcmp(text, "ok") != 0)
			find_damage(c, text);
	}
	sqlite3_finalize(st);
	if ((rc & 0xff) == SQLITE_CORRUPT || (rc & 0xff) == SQLITE_NOTADB)
		find_damage(c, sqlite3_errstr(rc));
	else if (rc != SQLITE_DONE)
		return db_error(&c->store->db, rc, "check", err);
	return 0;
}

/* Jobs run behind locks on other files than are there. */
static int
find_former(struct check *c, struct err *err)
{
	struct store *s = c->store;
	struct buf cure = { 0 };
	enum former how;
	int64_t worker;
	int code = former_look(s, &how, &worker, err);

	if (how == FORMER_HELD)
		buf_addf(&cure, "worker %" PRId64 " lives, or what its handler "
		    "has left running; when that has ended, iq-db check "
		    "--repair makes these the files", worker);
	else if (how == FORMER_FREE)
		buf_adds(&cure, "nothing of that lives any more, and iq-db "
		    "check --repair makes these the files");
	else
		buf_adds(&cure, "whether that lives cannot be seen here; after "
		    "a restart of the machine it does not");
	if (code == 0)
		find(c, "%s and %s are not the files that the running jobs hold "
		    "their locks on: somebody deleted or replaced one, or this "
		    "is a copy of a queue in use; %s", s->sidecar, s->locks,
		    cure.p);
	buf_release(&cure);
	return code;
}

static int
check_sidecar(struct check *c, struct err *err)
{
	struct store *s = c->store;
	int64_t busy = 0;
	struct query q;
	bool other = false;
	int code = 0, got = db_first(&q, &s->db, SQL_CHECK_SIDECAR, err, "");

	if (got == 1) {
		other = db_column_int(&q, 0) != s->inode &&
		    strcmp(db_column_text(&q, 1), s->boot) == 0;
		db_end(&q);
	} else if (got == 0) {
		find(c, "the row of the queue itself is gone");
	}
	if (got < 0)
		return err->code;
	if (other)
		code = db_int(&s->db, SQL_QUEUE_BUSY, &busy, 0, err, "");
	return code || !busy ? code : find_former(c, err);
}

/* ---- the rows ---- */

static int
check_sentences(struct check *c, enum statement which, struct err *err)
{
	struct query q;
	int code = db_start(&q, &c->store->db, which, err, "");
	int got;

	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		const char *text = db_column_text(&q, 0);

		find(c, "%s", text ? text : "a row that cannot be described");
	}
	return got < 0 ? err->code : 0;
}

static int
check_settings(struct check *c, struct err *err)
{
	struct query q;
	int code = db_start(&q, &c->store->db, SQL_CHECK_SETTINGS, err, "");
	int got;

	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		int64_t type = db_column_int(&q, 0);
		int k = setting_find(db_column_text(&q, 1));
		struct err why;

		/* one that is not known belongs to a newer version */
		if (type && catalog_type(c->store, type) == NULL)
			find(c, "setting %s is of type %" PRId64 ", which "
			    "does not exist", db_column_text(&q, 1), type);
		if (k >= 0 && setting_parse(k, db_column_text(&q, 2), NULL,
		    &why))
			find(c, "setting %s", why.text);
	}
	return got < 0 ? err->code : 0;
}

/* ---- the audit log ---- */

/* Rows that somebody else put in or took out have no event. */
static void
compare(struct check *c, int64_t type, enum state s, int64_t rows)
{
	int64_t said = account_of(&c->log.begin.accounts, type)->n[s];
	struct type *t = catalog_type(c->store, type);

	if (said != rows)
		find(c, "type %s: the audit log accounts for %" PRId64
		    " %s %s, the queue has %" PRId64, t ? t->name : "?", said,
		    state_name(s), said == 1 ? "job" : "jobs", rows);
}

static int
check_accounts(struct check *c, struct err *err)
{
	struct query q;
	int code = db_start(&q, &c->store->db, SQL_CHECK_TOTALS, err, "");
	int got;

	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		int64_t type = db_column_int(&q, 0);

		compare(c, type, STATE_READY, db_column_int(&q, 1));
		compare(c, type, STATE_RUNNING, db_column_int(&q, 2));
		compare(c, type, STATE_QUARANTINED, db_column_int(&q, 3));
		compare(c, type, STATE_SUCCEEDED, db_column_int(&q, 4));
		compare(c, type, STATE_CANCELLED, db_column_int(&q, 5));
		memset(account_of(&c->log.begin.accounts, type)->n, 0,
		    sizeof(c->log.begin.accounts.v->n));
	}
	if (got < 0)
		return err->code;
	for (size_t i = 0; i < c->log.begin.accounts.n; i++)
		for (int s = STATE_READY; s < STATE_FAILED; s++)
			if (c->log.begin.accounts.v[i].n[s])
				compare(c, c->log.begin.accounts.v[i].type,
				    (enum state)s, 0);
	return 0;
}

static int
check_rows(struct check *c, struct err *err)
{
	size_t n = sizeof(sentences) / sizeof(*sentences);
	int code = 0;

	if (c->store->version < SCHEMA_UNHEARD)
		n -= NEED_UNHEARD;
	for (size_t i = 0; i < n && code == 0; i++) {
		store_tell(c->store, "rules", (int64_t)i, (int64_t)n);
		code = check_sentences(c, sentences[i], err);
	}
	if (code == 0)
		code = check_settings(c, err);
	if (code == 0)
		code = check_sidecar(c, err);
	if (code == 0 && c->store->version >= SCHEMA_SCANS)
		code = check_scans(c->store, pass_on, c, err);
	if (code == 0)
		code = verify_log(&c->log, err);
	if (code == 0 && c->log.complete)
		code = check_accounts(c, err);
	return code;
}

static int
check_all(struct check *c, struct err *err)
{
	int code = check_file(c, err);

	/* what a damaged file says of itself means nothing */
	if (code || c->findings)
		return code;
	code = read_catalog(c->store, err);
	return code ? code : check_rows(c, err);
}

static void
ignore(void *ctx, const char *sentence)
{
	(void)ctx;
	(void)sentence;
}

int
check_whole(struct store *s, bool *whole, struct err *err)
{
	struct check c = { .store = s, .fn = ignore };
	int code = db_run(&s->db, SQL_BEGIN_READ, err, "");

	if (code)
		return code;
	code = check_file(&c, err);
	read_end(s);
	*whole = c.findings == 0;
	return code;
}

int
store_check(struct store *s, finding_fn *fn, void *ctx, size_t *findings,
	struct err *err)
{
	struct check c = { .store = s, .fn = fn, .ctx = ctx,
	    .log = { .store = s, .fn = pass_on, .ctx = &c } };
	int code = db_run(&s->db, SQL_BEGIN_READ, err, "");

	*findings = 0;
	if (code)
		return code;
	code = check_all(&c, err);
	read_end(s);
	verification_release(&c.log);
	*findings = c.findings;
	return code;
}
