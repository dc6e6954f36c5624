/* Workers: who they are, whether they live, and what they left behind. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lockbyte.h"
#include "base/proc.h"
#include "store/claim.h"

/* Bytes of the sidecar: 0 wakes; from here on one per slot, far beyond its
 * end (a lock needs no byte). */
#define SLOT_BASE (INT64_C(1) << 32)

int64_t
store_slot_offset(int64_t worker, int slot)
{
	return SLOT_BASE + worker * STORE_SLOTS + slot;
}

/* A lock on another file than the one that our turns are on would be seen by
 * nobody: the job would be taken back while it runs. */
static bool
is_our_sidecar(const struct store *s, int fd)
{
	struct stat ours, st;

	return fstat(s->turn.fd, &ours) == 0 && fstat(fd, &st) == 0 &&
	    ours.st_dev == st.st_dev && ours.st_ino == st.st_ino;
}

int
store_slot_lock(struct store *s, int64_t worker, int slot, int *fd,
	struct err *err)
{
	int got;

	*fd = open(s->sidecar, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0 && errno != ENOENT)
		return err_errno(err, EX_IOERR, "open %s", s->sidecar);
	if (*fd < 0 || !is_our_sidecar(s, *fd)) {
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		return sidecar_error(s, err);
	}
	got = lockbyte_take(*fd, store_slot_offset(worker, slot));
	if (got == 1)
		return 0;
	if (got < 0)
		err_errno(err, EX_IOERR, "lock %s", s->sidecar);
	close(*fd);
	*fd = -1;
	return got < 0 ? EX_IOERR : 0;
}

static void
join_types(const struct selection *sel, struct buf *out)
{
	for (size_t i = 0; i < sel->n; i++)
		buf_addf(out, "%s%s", i ? " " : "", sel->types[i]);
	buf_adds(out, "");
}

int
store_worker_join(struct store *s, const struct worker_info *w,
	int64_t *worker, struct err *err)
{
	struct buf types = { 0 };
	struct proc_id me;
	struct event *e;
	char host[64];
	int code = tx_begin(s, err);

	if (code)
		return code;
	proc_self(&me);
	proc_host(host, sizeof(host));
	join_types(w->selection, &types);
	*worker = s->tx.next_worker++;
	s->tx.queue_dirty = true;
	code = db_run(&s->db, SQL_WORKER_INSERT, err, "ittiitiiiiii", *worker,
	    host, me.boot, (int64_t)me.pid, me.start, types.p,
	    (int64_t)w->selection->own_command, (int64_t)w->limit, w->lease,
	    s->tx.now, s->tx.now, clock_boot(s->clock));
	e = tx_event(s, KIND_WORKER_JOIN);
	event_detail(e, "{\"worker\":%lld,\"limit\":%d,\"types\":\"%s\"}",
	    (long long)*worker, w->limit, types.p);
	buf_release(&types);
	code = tx_end(s, code, err);
	if (code == 0) {
		s->worker = *worker;
		/* the join event says who that is */
		buf_reset(&s->actor);
		buf_addf(&s->actor, "worker %lld", (long long)*worker);
	}
	return code;
}

/* One that still has leases stays: only through it can they be found lost. */
static int
leave(struct store *s, int64_t worker, const char *how, struct err *err)
{
	int code = db_run(&s->db, SQL_WORKER_DELETE, err, "i", worker);

	if (code == 0 && db_changes(&s->db))
		event_detail(tx_event(s, KIND_WORKER_LEAVE),
		    "{\"worker\":%lld,\"how\":\"%s\"}",
		    (long long)worker, how);
	return code;
}

int
store_worker_leave(struct store *s, int64_t worker, struct err *err)
{
	int code = tx_begin(s, err);

	return code ? code : tx_end(s, leave(s, worker, "stopped", err), err);
}

void
orders_release(struct orders *o)
{
	free(o->cancel);
	free(o->release);
	memset(o, 0, sizeof(*o));
}

static int
read_orders(struct store *s, int64_t worker, struct orders *o,
	struct err *err)
{
	struct query q;
	int code, got;

	code = db_start(&q, &s->db, SQL_ORDERS, err, "i", worker);
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		bool kill = db_column_int(&q, 1) == 1;
		int64_t **v = kill ? &o->cancel : &o->release;
		size_t *n = kill ? &o->ncancel : &o->nrelease;

		*v = mem_grow(*v, *n + 1, sizeof(**v));
		(*v)[(*n)++] = db_column_int(&q, 0);
	}
	return got < 0 ? err->code : 0;
}

int
store_worker_orders(struct store *s, int64_t worker, struct orders *o,
	struct err *err)
{
	int64_t there = 0;
	int code;

	memset(o, 0, sizeof(*o));
	code = read_begin(s, err);
	if (code)
		return code;
	code = db_int(&s->db, SQL_WORKER_EXISTS, &there, 0, err, "i", worker);
	if (code == 0)
		code = read_orders(s, worker, o, err);
	o->gone = code == 0 && there == 0;
	read_end(s);
	return code;
}

int
store_worker_beat(struct store *s, int64_t worker, int running,
	struct orders *o, struct err *err)
{
	int code = tx_begin(s, err);

	(void)running;
	if (code)
		return code;
	code = db_run(&s->db, SQL_WORKER_BEAT, err, "iii", worker, s->tx.now,
	    clock_boot(s->clock));
	code = tx_end(s, code, err);
	return code ? code : store_worker_orders(s, worker, o, err);
}

/* ---- reaping ---- */

struct lost {			/* a lease whose lock is free */
	int64_t worker, claim;
	int slot;
	bool ahead;		/* perhaps it never ran */
};

struct survey {
	struct lost *leases;
	size_t nleases;
	int64_t *workers;	/* dead, with nothing left to reap */
	size_t nworkers;
};

struct suspect {
	int64_t id;
	struct proc_id who;
};

static int
list_workers(struct store *s, struct suspect **v, size_t *n, struct err *err)
{
	struct query q;
	int code, got;

	*v = NULL;
	*n = 0;
	code = db_start(&q, &s->db, SQL_WORKERS, err, "i", s->worker);
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		struct suspect *w;

		*v = mem_grow(*v, *n + 1, sizeof(**v));
		w = &(*v)[(*n)++];
		w->id = db_column_int(&q, 0);
		snprintf(w->who.boot, sizeof(w->who.boot), "%s",
		    db_column_text(&q, 1));
		w->who.pid = (pid_t)db_column_int(&q, 2);
		w->who.start = db_column_int(&q, 3);
	}
	return got < 0 ? err->code : 0;
}

/* A lease is lost when nobody holds its lock: neither its worker nor anything
 * that its handler started. */
static int
look_at_worker(struct store *s, const struct suspect *w, struct survey *v,
	struct err *err)
{
	bool held = false;
	struct query q;
	size_t before = v->nleases;
	int code, got;

	code = db_start(&q, &s->db, SQL_WORKER_LEASES, err, "i", w->id);
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		int64_t claim = db_column_int(&q, 0);
		int slot = (int)db_column_int(&q, 1);
		int busy = lockbyte_held(s->turn.fd,
		    store_slot_offset(w->id, slot));

		if (busy) {
			held = true;
			continue;
		}
		v->leases = mem_grow(v->leases, v->nleases + 1,
		    sizeof(*v->leases));
		v->leases[v->nleases++] = (struct lost){ w->id, claim, slot,
		    db_column_int(&q, 2) };
	}
	if (got < 0)
		return err->code;
	if (!held && v->nleases == before && !proc_alive(&w->who)) {
		v->workers = mem_grow(v->workers, v->nworkers + 1,
		    sizeof(*v->workers));
		v->workers[v->nworkers++] = w->id;
	}
	return 0;
}

static int
survey(struct store *s, struct survey *v, struct err *err)
{
	struct suspect *w;
	size_t n;
	int code;

	memset(v, 0, sizeof(*v));
	code = list_workers(s, &w, &n, err);
	for (size_t i = 0; i < n && code == 0; i++)
		code = look_at_worker(s, &w[i], v, err);
	free(w);
	return code;
}

static void
survey_release(struct survey *v)
{
	free(v->leases);
	free(v->workers);
}

static int
jobs_of_lease(struct store *s, const struct lost *l, int64_t **ids,
	size_t *n, struct err *err)
{
	struct query q;
	int code, got;

	*ids = NULL;
	*n = 0;
	code = db_start(&q, &s->db, SQL_LEASE_JOBS, err, "ii", l->claim,
	    (int64_t)l->slot);
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		*ids = mem_grow(*ids, *n + 1, sizeof(**ids));
		(*ids)[(*n)++] = db_column_int(&q, 0);
	}
	return got < 0 ? err->code : 0;
}

static int
reap_lease(struct store *s, const struct lost *l, size_t *reaped,
	struct err *err)
{
	struct attempt_end e = { .claim = l->claim, .slot = l->slot,
	    .outcome = OUTCOME_CRASH, .reason = REASON_CRASH,
	    .ending = { .retry_after = -1 }, .finished = s->tx.now,
	    .usage = { -1, -1, -1, -1, -1 }, .input_bytes = -1,
	    .system_cpu_percent = -1, .system_memory_percent = -1 };
	struct attempt_fate fate;
	int64_t *ids;
	size_t n;
	int code = jobs_of_lease(s, l, &ids, &n, err);

	/* when it started is only known from the event that claimed it */
	if (code == 0)
		code = db_int(&s->db, SQL_EVENT_AT, &e.started, 0, err, "i",
		    l->claim);
	for (size_t i = 0; i < n && code == 0; i++) {
		e.id = ids[i];
		code = finish_attempt(s, l->worker, &e, n == 1 && !l->ahead,
		    &fate, err);
		*reaped += !fate.lost;
	}
	/* a lease without jobs is a leftover of nothing */
	if (code == 0 && n == 0)
		code = db_run(&s->db, SQL_LEASE_DELETE, err, "ii", l->claim,
		    (int64_t)l->slot);
	free(ids);
	return code;
}

static int
reap_all(struct store *s, size_t *n, struct err *err)
{
	struct survey v;
	/* again, now that nobody can finish in between */
	int code = survey(s, &v, err);

	if (code == 0 && s->wrong_sidecar && v.nleases)
		code = sidecar_error(s, err);
	for (size_t i = 0; i < v.nleases && code == 0; i++)
		code = reap_lease(s, &v.leases[i], n, err);
	for (size_t i = 0; i < v.nworkers && code == 0; i++)
		code = leave(s, v.workers[i], "died", err);
	survey_release(&v);
	return code;
}

int
store_reap(struct store *s, size_t *n, struct err *err)
{
	struct survey v;
	bool work;
	int code = read_begin(s, err);

	*n = 0;
	if (code)
		return code;
	code = survey(s, &v, err);
	read_end(s);
	work = v.nleases || v.nworkers;
	survey_release(&v);
	if (code || !work)
		return code;
	code = tx_begin(s, err);
	return code ? code : tx_end(s, reap_all(s, n, err), err);
}

int
store_backlog(struct store *s, const struct selection *sel,
	struct backlog *b, struct err *err)
{
	struct query q;
	int64_t now = clock_wall(s->clock);
	int code, got;

	memset(b, 0, sizeof(*b));
	code = read_begin(s, err);
	if (code)
		return code;
	code = db_start(&q, &s->db, SQL_BACKLOG_LANES, err, "");
	while (code == 0 && (got = db_row(&q, err)) != 0) {
		struct lane *l;
		int64_t ready;

		if (got < 0) {
			code = err->code;
			break;
		}
		l = catalog_lane(s, db_column_int(&q, 0));
		if (l == NULL || !type_selected(sel, l->type->name))
			continue;
		ready = db_column_int(&q, 1);
		if (catalog_paused(s, l->type, now) || (!sel->own_command &&
		    type_handler(s, l->type) == NULL))
			b->held += ready;
		else
			b->ready += ready;
		b->delayed += db_column_int(&q, 2);
		b->waiting += db_column_int(&q, 3);
		b->running += db_column_int(&q, 4);
	}
	read_end(s);
	return code;
}
