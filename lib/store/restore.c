/*
 * A queue becomes what a backup of it is.
 *
 * The backup is copied beside the queue first, and made ready there: ids that
 * the queue has given away meanwhile are passed over, and the audit log says
 * what is done.  Then, in the turn and with no worker alive, what was there is
 * copied aside as it is, whatever it is, and the queue is filled (refill.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "rules/json.h"
#include "store/claim.h"
#include "store/copy.h"
#include "store/past.h"
#include "store/room.h"
#include "store/schema.h"

/* Of a database: its log, its undo log, and itself */
static const char *const suffixes[] = { "-wal", "-journal", "" };
#define NSUFFIXES (sizeof(suffixes) / sizeof(*suffixes))

struct restore {
	struct store *s;	/* the place */
	struct store *from;	/* the backup */
	struct copy copy;
	struct past backup, old;
	bool exists;		/* there is something in the place */
	struct restored *out;
};

/* ---- the backup ---- */

static bool
same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
}

/* Its jobs would be run here as well. */
static int
check_backup_idle(struct store *from, struct err *err)
{
	int64_t worker = 0;
	int code = from->turn.fd < 0 ? 0 :
	    worker_lives_any(from, &worker, err);

	if (code == 0 && worker)
		code = err_set(err, EX_CANTCREAT, "restore from %s: that is a "
		    "queue in use, worker %lld lives, or what its handler has "
		    "left running; make a backup of it, and restore from that",
		    from->path, (long long)worker);
	return code;
}

static int
open_backup(struct restore *r, const char *from, struct err *err)
{
	struct stat st;
	int code;

	if (lstat(from, &st) < 0 && errno == ENOENT)
		return err_set(err, EX_NOINPUT, "restore from %s: no such "
		    "file", from);
	code = store_open(&r->from, &(struct store_options){ .path = from,
	    .mode = STORE_READ, .any_older = true }, err);
	if (code == 0 && same_file(r->from->path, r->s->path))
		code = err_set(err, EX_CANTCREAT, "restore %s: that is the "
		    "queue itself", r->s->path);
	return code ? code : check_backup_idle(r->from, err);
}

/* What was there, a copy of the backup, a log as long as that, and the queue
 * itself; all but what was there may be twice as large where the history is in
 * two tables until the upgrade of the copy is through. */
static int
check_room(struct restore *r, struct err *err)
{
	int times = r->from->version / 1000 < schema_version() / 1000 ? 6 : 3;
	int64_t db, wal, old_db, old_wal;
	struct buf what = { 0 };
	int code;

	store_sizes(r->from, &db, &wal);
	store_sizes(r->s, &old_db, &old_wal);
	buf_addf(&what, "restore %s", r->s->path);
	code = room_need(r->s->path, times * (db + wal) + old_db + old_wal,
	    what.p, err);
	buf_release(&what);
	return code;
}

/* ---- what is there ---- */

static int
check_idle(struct store *s, struct err *err)
{
	int64_t worker;
	int code = worker_lives_any(s, &worker, err);

	if (code == 0 && worker)
		code = err_set(err, EX_TEMPFAIL, "restore %s: worker %lld "
		    "lives, or what its handler has left running; stop all "
		    "iq-work of this queue first", s->path,
		    (long long)worker);
	return code;
}

/* What cannot be read is replaced all the same; but not what can, and is
 * somebody else's. */
static int
look_at_old(struct restore *r, struct err *err)
{
	struct stat st;
	struct err why;
	struct db db;
	int code;

	r->exists = lstat(r->s->path, &st) == 0;
	if (!r->exists || db_lost(r->s->path, &why) ||
	    db_open(&db, r->s->path, DB_READ, &why))
		return 0;
	code = past_check(&db, err);
	if (code == 0 && past_read(&db, &r->old, &why) == 0)
		past_compare(&db, &r->backup, &r->old, r->out);
	db_close(&db);
	return code;
}

/* ---- keeping it ---- */

static int
copy_bytes(struct restore *r, int in, int out, const char *name,
	struct err *err)
{
	static char chunk[1 << 16];
	int64_t done = 0, db, wal;
	ssize_t got;

	store_sizes(r->s, &db, &wal);
	while ((got = io_read_full(in, chunk, sizeof(chunk))) > 0) {
		if (turnstile_asked(&r->s->turn))
			return err_set(err, EX_TEMPFAIL, "restore %s: "
			    "interrupted", r->s->path);
		if (io_write_all(out, chunk, (size_t)got) < 0)
			return err_errno(err, EX_IOERR, "write %s", name);
		store_tell(r->s, "kept", done += got, db + wal);
	}
	if (got < 0)
		return err_errno(err, EX_IOERR, "read %s", r->s->path);
	if (fsync(out) < 0)
		return err_errno(err, EX_IOERR, "sync %s", name);
	return 0;
}

/* No handle of SQLite's may be open in this process: closing the file would
 * drop its locks. */
static int
keep_file(struct restore *r, const char *suffix, struct err *err)
{
	struct buf from = { 0 }, to = { 0 };
	int in, out = -1, code = 0;

	buf_addf(&from, "%s%s", r->s->path, suffix);
	buf_addf(&to, "%s%s", r->out->kept.p, suffix);
	in = open(from.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (in >= 0)
		out = open(to.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		    0600);
	if (in < 0 && errno != ENOENT)
		code = err_errno(err, EX_IOERR, "open %s", from.p);
	else if (in >= 0 && out < 0)
		code = err_errno(err, EX_CANTCREAT, "make %s", to.p);
	else if (in >= 0)
		code = copy_bytes(r, in, out, to.p, err);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	if (code && out >= 0)
		unlink(to.p);
	buf_release(&from);
	buf_release(&to);
	return code;
}

/* A name that tells when, and that nobody has */
static void
name_kept(struct restore *r)
{
	time_t now = (time_t)(clock_wall(r->s->clock) / NS_PER_S);
	struct stat st;
	char stamp[32];
	struct tm tm;

	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	buf_addf(&r->out->kept, "%s.%s", r->s->path, stamp);
	for (int i = 2; lstat(r->out->kept.p, &st) == 0; i++) {
		buf_reset(&r->out->kept);
		buf_addf(&r->out->kept, "%s.%s-%d", r->s->path, stamp, i);
	}
}

/* What was a queue is one in a single file, if that can be. */
static void
settle_kept(struct restore *r)
{
	struct buf index = { 0 };
	struct err ignored;

	if (db_lost(r->out->kept.p, &ignored) == 0 &&
	    copy_settle(r->out->kept.p, &ignored) == 0)
		return;
	buf_addf(&index, "%s-shm", r->out->kept.p);
	unlink(index.p);
	buf_release(&index);
}

static int
keep_old(struct restore *r, struct err *err)
{
	char *dir = NULL, *slash;
	int code = 0;

	if (!r->exists)
		return 0;
	name_kept(r);
	for (size_t i = 0; i < NSUFFIXES && code == 0; i++)
		code = keep_file(r, suffixes[i], err);
	if (code == 0) {
		settle_kept(r);
		dir = mem_strdup(r->s->path);
		slash = strrchr(dir, '/');
		slash[slash == dir] = '\0';
		code = sync_path(dir, O_DIRECTORY, err);
	}
	free(dir);
	return code;
}

/* Nothing has changed, or (74) that cannot be told. */
static void
drop_kept(struct restore *r, int code)
{
	struct buf *kept = &r->out->kept;
	size_t n = kept->len;

	for (size_t i = 0; i < NSUFFIXES && n && code != EX_IOERR; i++) {
		buf_adds(kept, suffixes[i]);
		unlink(kept->p);
		kept->p[kept->len = n] = '\0';
	}
}

/* ---- making ready ---- */

static void
say(struct restore *r, struct event *e)
{
	const struct restored *out = r->out;
	struct json j;

	json_init(&j, &e->detail);
	json_begin_array(&j, NULL);
	json_begin_object(&j, NULL);
	json_put_path(&j, "from", bytes_of(r->from->path));
	json_put_path(&j, "kept", (struct bytes){ out->kept.p,
	    out->kept.len });
	json_put_int(&j, "event", r->backup.seq);
	if (out->known)
		json_put_int(&j, "lost_events", out->events);
	json_end_object(&j);
	json_end_array(&j);
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* A transaction of the copy */
static int
pass_over(struct restore *r, struct store *t, struct err *err)
{
	int code;

	t->tx.next_job = later(t->tx.next_job, r->old.next_job);
	t->tx.next_worker = later(t->tx.next_worker, r->old.next_worker);
	t->tx.queue_dirty = true;
	say(r, tx_event(t, KIND_RESTORE));
	/* whoever has the queue open reads settings and types again */
	code = db_run(&t->db, SQL_GENERATION_PASS, err, "i",
	    r->old.generation);
	/* the sidecar of the place, not the copy's own */
	return code ? code : db_run(&t->db, SQL_QUEUE_LOCK, err, "it",
	    r->s->inode, t->boot);
}

static int
make_ready(struct restore *r, struct err *err)
{
	struct store *t;
	int code = store_open(&t, &(struct store_options){
	    .path = r->copy.path.p, .mode = STORE_WRITE }, err);

	if (code)
		return code;
	buf_reset(&t->actor);
	buf_add(&t->actor, r->s->actor.p, r->s->actor.len);
	code = tx_begin(t, err);
	if (code == 0)
		code = tx_end(t, pass_over(r, t, err), err);
	store_close(t);
	return code;
}

/* ---- all of it ---- */

static int
restore_in_turn(struct restore *r, struct err *err)
{
	struct store *s = r->s;
	struct err ignored;
	int code = check_idle(s, err);

	if (code == 0)
		code = look_at_old(r, err);
	if (code == 0)
		code = keep_old(r, err);
	if (code == 0)
		code = make_ready(r, err);
	if (code == 0)
		code = refill(s, r->copy.path.p, err);
	if (code)
		drop_kept(r, code);
	/* It is in the log, and so on disk. */
	if (code == 0 && db_open(&s->db, s->path, DB_WRITE, &ignored) == 0)
		checkpoint_now(s);
	return code;
}

static int
read_copy(struct restore *r, struct err *err)
{
	struct db db;
	int code = db_open(&db, r->copy.path.p, DB_READ, err);

	if (code)
		return code;
	code = past_read(&db, &r->backup, err);
	db_close(&db);
	r->out->as_of = r->backup.at;
	return code;
}

int
store_restore(struct store *s, const char *from, struct restored *out,
	struct err *err)
{
	struct restore r = { .s = s, .out = out, .copy = { .store = s,
	    .what = "restore", .fd = -1 } };
	mode_t mask = umask(077);
	int code = open_backup(&r, from, err);

	memset(out, 0, sizeof(*out));
	if (code == 0)
		code = copy_begin(&r.copy, &r.from->db, s->path, err);
	if (code == 0)
		code = check_room(&r, err);
	if (code == 0)
		code = copy_make(&r.copy, err);
	if (code == 0)
		code = copy_settle(r.copy.path.p, err);
	if (code == 0)
		code = read_copy(&r, err);
	if (code == 0)
		code = turnstile_enter(&s->turn, err);
	if (code == 0)
		code = restore_in_turn(&r, err);
	turnstile_leave(&s->turn);
	if (code == 0)
		wake_send(s);
	copy_end(&r.copy);
	store_close(r.from);
	umask(mask);
	return code;
}
