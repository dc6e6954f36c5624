#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "store/internal.h"
#include "store/schema.h"

/* The sidecar that this handle locks is the one that the queue knows.  When
 * nothing runs (or the machine was restarted since) a new one is adopted;
 * otherwise there may be two turnstiles and two sets of locks. */
static int
check_sidecar(struct store *s, const struct queue_row *row, struct err *err)
{
	bool rebooted = strcmp(row->boot, s->boot) != 0;
	int64_t busy;
	int code;

	s->wrong_sidecar = false;
	if (row->inode == s->inode && !rebooted)
		return 0;
	if (row->inode != s->inode && !rebooted) {
		code = db_int(&s->db, SQL_QUEUE_BUSY, &busy, 0, err, "");
		if (code)
			return code;
		s->wrong_sidecar = busy;
		if (busy)
			return 0;
	}
	return db_run(&s->db, SQL_QUEUE_LOCK, err, "it", s->inode, s->boot);
}

static int
read_queue(struct store *s, struct queue_row *row, struct err *err)
{
	const char *boot;
	struct query q;
	int got;

	memset(row, 0, sizeof(*row));
	got = db_first(&q, &s->db, SQL_QUEUE, err, "");
	if (got <= 0)
		return got < 0 ? err->code : 0;
	boot = db_column_text(&q, 4);
	row->there = true;
	row->next_job = db_column_int(&q, 0);
	row->next_worker = db_column_int(&q, 1);
	row->generation = db_column_int(&q, 2);
	row->inode = db_column_int(&q, 3);
	snprintf(row->boot, sizeof(row->boot), "%s", boot ? boot : "");
	row->paused = db_column_int(&q, 5);
	row->paused_until = db_column_or(&q, 6, 0);
	db_end(&q);
	return 0;
}

static int
load_queue(struct store *s, struct err *err)
{
	struct queue_row row;
	int code = read_queue(s, &row, err);

	if (code == 0 && !row.there)
		code = err_set(err, EX_IOERR,
		    "use %s: damaged, its first row is gone", s->path);
	if (code)
		return code;
	s->tx.next_job = row.next_job;
	s->tx.next_worker = row.next_worker;
	code = check_sidecar(s, &row, err);
	if (code == 0)
		code = catalog_refresh(s, &row, err);
	standing_begin(s);
	return code;
}

static int
load_last_event(struct store *s, struct err *err)
{
	struct query q;
	struct bytes hash;
	int got;

	s->tx.seq = 0;
	memset(s->tx.hash, 0, sizeof(s->tx.hash));
	got = db_first(&q, &s->db, SQL_EVENT_LAST, err, "");
	if (got <= 0)
		return got < 0 ? err->code : 0;
	s->tx.seq = db_column_int(&q, 0);
	hash = db_column_bytes(&q, 1);
	if (hash.n == sizeof(s->tx.hash))
		memcpy(s->tx.hash, hash.p, hash.n);
	db_end(&q);
	return 0;
}

int
tx_open(struct store *s, struct err *err)
{
	int code = queue_open(s, err);

	s->db.full = false;
	if (code == 0)
		code = turnstile_enter(&s->turn, err);
	if (code == 0)
		code = db_run(&s->db, SQL_BEGIN_WRITE, err, "");
	if (code) {
		turnstile_leave(&s->turn);
		return code;
	}
	s->tx.open = true;
	s->tx.now = clock_wall(s->clock);
	s->tx.nevents = 0;
	s->tx.queue_dirty = s->tx.regenerate = s->tx.wake = false;
	s->tx.waiters = WAITERS_UNKNOWN;
	s->tx.unheard = false;
	s->tx.heard = 0;
	s->tx.throttled = false;
	code = load_last_event(s, err);
	if (code)
		tx_abort(s);
	return code;
}

int
tx_begin(struct store *s, struct err *err)
{
	int code = tx_open(s, err);

	if (code)
		return code;
	code = schema_look(s, err);
	if (code == 0)
		code = load_queue(s, err);
	if (code)
		tx_abort(s);
	return code;
}

struct event *
tx_event(struct store *s, enum event_kind kind)
{
	struct tx *tx = &s->tx;

	for (size_t i = 0; i < tx->nevents; i++)
		if (tx->events[i].kind == kind)
			return &tx->events[i];
	if (tx->nevents == TX_EVENTS)	/* cannot happen: see the verbs */
		return NULL;
	event_reset(&tx->events[tx->nevents], kind);
	return &tx->events[tx->nevents++];
}

int64_t
tx_event_seq(struct store *s, const struct event *e)
{
	return s->tx.seq + 1 + (e - s->tx.events);
}

void
event_detail(struct event *e, const char *fmt, ...)
{
	va_list ap;

	if (e->detail.len)
		e->detail.p[e->detail.len - 1] = ',';
	else
		buf_addc(&e->detail, '[');
	va_start(ap, fmt);
	buf_addv(&e->detail, fmt, ap);
	va_end(ap);
	buf_addc(&e->detail, ']');
}

static void
lane_touch(struct lane *lane, enum state s, int64_t n)
{
	lane->delta[s] += n;
	lane->touched = true;
}

int
tx_move(struct store *s, struct event *e, int64_t job, struct lane *lane,
	enum state from, enum verb verb, enum state to, enum reason reason,
	int exit, int64_t duration, struct err *err)
{
	if (!state_allows(from, verb, to))
		return err_set(err, EX_SOFTWARE, "move job %" PRId64
		    " from %s to %s by %s: no such move", job,
		    state_detail(from), state_detail(to), verb_name(verb));
	if (from != STATE_NONE && from != STATE_FAILED)
		lane_touch(lane, from, -1);
	if (to != STATE_FAILED && to != STATE_NONE)
		lane_touch(lane, to, 1);
	if (to == STATE_READY || to == STATE_DELAYED)
		s->tx.wake = true;
	if (e)
		event_move(e, job, lane->type->id, from, to, reason, exit,
		    duration);
	return 0;
}

void
tx_relane(struct lane *from, struct lane *to, enum state state)
{
	if (from != to) {
		lane_touch(from, state, -1);
		lane_touch(to, state, 1);
	}
}

int
sidecar_error(struct store *s, struct err *err)
{
	return err_set(err, EX_SOFTWARE, "use %s and %s: they are not the files "
	    "that the running jobs hold their locks on; somebody deleted or "
	    "replaced one. Stop all iq-work of this queue and end what their "
	    "handlers have left running; then iq-db check --repair",
	    s->sidecar, s->locks);
}

/* Forgets what was summed up. */
static void
clear_sums(struct store *s)
{
	struct catalog *c = &s->catalog;

	metrics_clear(s);
	for (size_t i = 0; i < c->nlanes; i++)
		if (c->lanes[i]->touched) {
			memset(c->lanes[i]->delta, 0,
			    sizeof(c->lanes[i]->delta));
			c->lanes[i]->service = (struct service){ 0 };
			c->lanes[i]->touched = false;
		}
}

int
tx_commit(struct store *s, struct err *err)
{
	int code = s->tx.unheard ? children_hear(s, err) : 0;

	if (code == 0)
		code = tx_flush(s, err);
	if (code == 0)
		code = db_run(&s->db, SQL_COMMIT, err, "");
	if (code) {
		tx_abort(s);
		return code;
	}
	standing_commit(s);
	clear_sums(s);
	if (s->tx.regenerate)
		s->catalog.loaded = false;
	s->tx.open = false;
	s->unsynced = true;
	s->known_job = s->tx.next_job;
	s->transactions++;
	checkpoint_maybe(s);
	turnstile_leave(&s->turn);
	if (s->tx.wake)
		wake_send(s);
	return 0;
}

void
tx_abort(struct store *s)
{
	struct err ignored;

	if (!s->tx.open)
		return;
	if (!sqlite3_get_autocommit(s->db.handle))
		db_run(&s->db, SQL_ROLLBACK, &ignored, "");
	clear_sums(s);
	/* Types and lanes made in this transaction are gone again. */
	s->catalog.loaded = false;
	s->tx.open = false;
	turnstile_leave(&s->turn);
}

int
tx_end(struct store *s, int code, struct err *err)
{
	if (code == 0)
		return tx_commit(s, err);
	tx_abort(s);
	return code;
}

int
read_catalog(struct store *s, struct err *err)
{
	struct queue_row row;
	int code = schema_look(s, err);

	if (code == 0)
		code = read_queue(s, &row, err);
	return code ? code : catalog_refresh(s, &row, err);
}

int
read_begin(struct store *s, struct err *err)
{
	int code = queue_open(s, err);

	if (code == 0)
		code = db_run(&s->db, SQL_BEGIN_READ, err, "");
	if (code)
		return code;
	code = read_catalog(s, err);
	if (code)
		read_end(s);
	return code;
}

void
read_end(struct store *s)
{
	struct err ignored;

	if (!sqlite3_get_autocommit(s->db.handle))
		db_run(&s->db, SQL_COMMIT, &ignored, "");
}
