#include "store/scan.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/directory.h"
#include "base/lockbyte.h"
#include "store/internal.h"
#include "store/schema.h"
#include "store/watcher.h"

/* Bytes of the sidecar that stand for scans: between those of the mailbox and
 * those of the watches (watcher.c) */
#define SCAN_LOCKS (INT64_C(3) << 30)
/* Deleted at a time, so that others get their turn */
#define FORGET_ROWS 2000
/* Moments that a lock is waited for */
#define PATIENCE 10

void
scan_state_release(struct scan_state *scan)
{
	buf_release(&scan->text);
	*scan = (struct scan_state){ 0 };
}

/* Absent stays so. */
static struct bytes
keep(struct buf *text, size_t *at, struct bytes b)
{
	struct bytes kept = { text->p + *at, b.n };

	if (b.p == NULL)
		return BYTES_NONE;
	if (b.n > 0)
		memcpy(text->p + *at, b.p, b.n);
	*at += b.n + 1;
	text->p[*at - 1] = '\0';
	return kept;
}

static void
read_state(struct store *s, struct query *q, struct scan_state *out)
{
	struct bytes name = db_column_bytes(q, 1);
	struct bytes root = db_column_bytes(q, 3);
	struct bytes from_key = db_column_bytes(q, 14);
	struct bytes from_name = db_column_bytes(q, 15);
	const char *type = db_column_text(q, 2);
	struct buf text = { 0 };
	size_t at = 0;

	buf_room(&text, name.n + root.n + from_key.n + from_name.n + 4);
	*out = (struct scan_state){
		.id = db_column_int(q, 0),
		.name = keep(&text, &at, name),
		.root = keep(&text, &at, root),
		.device = (uint64_t)db_column_int(q, 4),
		.inode = (uint64_t)db_column_int(q, 5),
		.run = (uint64_t)db_column_int(q, 6),
		.acknowledged = (uint64_t)db_column_int(q, 7),
		.said = (uint64_t)db_column_int(q, 16),
		.files = db_column_int(q, 8),
		.offered = db_column_int(q, 9),
		.same_boot = strcmp(db_column_text(q, 10), s->boot) == 0,
		.started = db_column_or(q, 11, 0),
		.finished = db_column_or(q, 12, 0),
		.completed = db_column_or(q, 13, 0),
		.from_key = keep(&text, &at, from_key),
		.from_name = keep(&text, &at, from_name),
	};
	snprintf(out->type, sizeof(out->type), "%s", type ? type : "");
	if (out->said < out->acknowledged)
		out->said = out->acknowledged;
	out->text = text;
}

/* Inside a reading or a transaction.  *out is taken over when it is found. */
static int
find(struct store *s, struct bytes name, struct bytes root,
	struct scan_state *out, bool *found, struct err *err)
{
	struct scan_state before = *out;
	struct query q;
	int got = db_first(&q, &s->db, s->version >= SCHEMA_SAID ?
	    SQL_SCAN_FIND : SQL_SCAN_FIND_PLAIN, err, "xb", name, root);

	*found = got == 1;
	if (got < 0)
		return err->code;
	if (*found) {
		read_state(s, &q, out);
		scan_state_release(&before);
		db_end(&q);
	}
	return 0;
}

static bool
has_scans(const struct store *s)
{
	return s->version >= SCHEMA_SCANS;
}

int
store_scan_find(struct store *s, struct bytes name, struct bytes root,
	struct scan_state *out, struct err *err)
{
	struct buf text = { 0 };
	bool found = false;
	size_t at = 0;
	int code = read_begin(s, err);

	if (code)
		return code;
	*out = (struct scan_state){ 0 };
	if (has_scans(s))
		code = find(s, name, root, out, &found, err);
	read_end(s);
	if (code || found)
		return code;
	if (s->mode == STORE_READ)
		return err_set(err, EX_NOINPUT, "no scan of %.*s%s has been "
		    "made", (int)root.n, root.p, root.n ? "" : "/");
	buf_room(&text, name.n + root.n + 2);
	out->name = keep(&text, &at, name);
	out->root = keep(&text, &at, root);
	out->text = text;
	return 0;
}

static int
make(struct store *s, const struct scan_state *scan, const char *type,
	struct scan_state *out, struct err *err)
{
	struct type *t = NULL;
	bool found;
	int code = 0;

	if (type)
		code = catalog_make_type(s, bytes_of(type), &t, err);
	if (code == 0)
		code = find(s, scan->name, scan->root, out, &found, err);
	if (code == 0 && !found)
		code = db_run(&s->db, SQL_SCAN_INSERT, err, "xbz", scan->name,
		    scan->root, t ? t->id : 0);
	else if (code == 0 && t && strcmp(out->type, type) != 0)
		code = db_run(&s->db, SQL_SCAN_TYPE, err, "ii", out->id,
		    t->id);
	return code ? code : find(s, scan->name, scan->root, out, &found,
	    err);
}

/* A child of one that was killed has the lock until it has become another
 * program. */
static int
take_lock(struct store *s, int64_t id)
{
	const struct timespec moment = { 0, 10 * NS_PER_MS };
	int got = lockbyte_take(s->turn.fd, SCAN_LOCKS + id);

	for (int i = 0; i < PATIENCE && got == 0; i++) {
		nanosleep(&moment, NULL);
		got = lockbyte_take(s->turn.fd, SCAN_LOCKS + id);
	}
	return got;
}

/* Of those that have such a lock, only watches say who they are. */
static int
refuse(struct store *s, const struct scan_state *scan, struct err *err)
{
	const char *root = directory_name(scan->root);
	int pid, code = watcher_of(s, scan->id, &pid, err);

	if (code)
		return code;
	if (pid)
		return err_set(err, EX_TEMPFAIL, "scan %s: iq-watch with pid "
		    "%d does so now: end it, or use another --name", root,
		    pid);
	return err_set(err, EX_TEMPFAIL, "scan %s: another process does so "
	    "now: try again when it has ended, or use another --name", root);
}

int
store_scan_take(struct store *s, struct scan_state *scan, const char *type,
	struct err *err)
{
	struct scan_state now = { 0 };
	int code = 0, got;

	if (scan->id == 0 || (type && strcmp(type, scan->type) != 0)) {
		code = tx_begin(s, err);
		if (code)
			return code;
		code = tx_end(s, make(s, scan, type, &now, err), err);
		if (code) {
			scan_state_release(&now);
			return code;
		}
		scan_state_release(scan);
		*scan = now;
	}
	got = take_lock(s, scan->id);
	if (got < 0)
		return err_errno(err, EX_IOERR, "lock %s", s->sidecar);
	if (got == 0)
		return refuse(s, scan, err);
	/* what was read before the lock may be old */
	now = (struct scan_state){ 0 };
	code = store_scan_find(s, scan->name, scan->root, &now, err);
	if (code == 0) {
		scan_state_release(scan);
		*scan = now;
	}
	return code;
}

void
store_scan_leave(struct store *s, const struct scan_state *scan)
{
	if (scan->id)
		lockbyte_drop_range(s->turn.fd, SCAN_LOCKS + scan->id, 1);
}

int
store_scan_each(struct store *s, scan_fn *fn, void *ctx, struct err *err)
{
	struct scan_state *v = NULL;
	struct query q;
	size_t n = 0;
	int got = 0, code = read_begin(s, err);

	if (code)
		return code;
	if (has_scans(s))
		code = db_start(&q, &s->db, s->version >= SCHEMA_SAID ?
		    SQL_SCAN_LIST : SQL_SCAN_LIST_PLAIN, err, "");
	while (code == 0 && has_scans(s) && (got = db_row(&q, err)) == 1) {
		v = mem_grow(v, n + 1, sizeof(*v));
		read_state(s, &q, &v[n++]);
	}
	read_end(s);
	if (got < 0)
		code = err->code;
	for (size_t i = 0; i < n; i++) {
		if (code == 0)
			fn(ctx, &v[i]);
		scan_state_release(&v[i]);
	}
	free(v);
	return code;
}

/* A part of the rows, and when none is left the scan itself */
static int
forget_some(struct store *s, const struct scan_state *scan, bool *more,
	struct err *err)
{
	int code = tx_begin(s, err);

	if (code)
		return code;
	code = db_run(&s->db, SQL_SCAN_DROP_SOME, err, "ii", scan->id,
	    (int64_t)FORGET_ROWS);
	*more = code == 0 && db_changes(&s->db) > 0;
	if (code == 0 && !*more)
		code = db_run(&s->db, SQL_SCAN_DELETE, err, "i", scan->id);
	return tx_end(s, code, err);
}

int
store_scan_forget(struct store *s, const struct scan_state *scan,
	struct err *err)
{
	bool more = true;
	int code = 0;

	while (code == 0 && more)
		code = forget_some(s, scan, &more, err);
	return code ? code : store_sync(s, err);
}
