/* Workers: they join, say that they are well, take orders, and leave. */
#include <stdlib.h>
#include <string.h>

#include "store/claim.h"
#include "store/reserve.h"

static void
join_types(const struct selection *sel, struct buf *out)
{
	for (size_t i = 0; i < sel->n; i++)
		buf_addf(out, "%s%s", i ? " " : "", sel->types[i]);
	buf_adds(out, "");
}

/* A number whose lock is free.  It is not where somebody still works who
 * joined a later state of this queue than the one that was restored. */
static int
take_number(struct store *s, int64_t *worker, struct err *err)
{
	bool taken = false;
	int code = 0;

	while (code == 0 && !taken) {
		*worker = s->tx.next_worker++;
		code = worker_lock(s, *worker, &taken, err);
	}
	s->tx.queue_dirty = true;
	return code;
}

static int
insert(struct store *s, const struct worker_info *w, int64_t worker,
	struct err *err)
{
	struct buf types = { 0 };
	struct proc_id me;
	int code;

	proc_self(&me);
	join_types(w->selection, &types);
	code = db_run(&s->db, SQL_WORKER_INSERT, err, "ittiitiiiiii", worker,
	    s->host, me.boot, (int64_t)me.pid, me.start, types.p,
	    (int64_t)w->selection->own_command, (int64_t)w->limit, w->lease,
	    s->tx.now, s->tx.now, clock_boot(s->clock));
	event_detail(tx_event(s, KIND_WORKER_JOIN),
	    "{\"worker\":%lld,\"limit\":%d,\"types\":\"%s\"}",
	    (long long)worker, w->limit, types.p);
	buf_release(&types);
	return code;
}

int
store_worker_join(struct store *s, const struct worker_info *w,
	int64_t *worker, struct err *err)
{
	int code = tx_begin(s, err);

	if (code)
		return code;
	/* before anybody can see the row */
	code = take_number(s, worker, err);
	if (code == 0)
		code = insert(s, w, *worker, err);
	code = tx_end(s, code, err);
	if (code) {
		worker_unlock(s);
		return code;
	}
	s->worker = *worker;
	/* the join event says who that is */
	buf_reset(&s->actor);
	buf_addf(&s->actor, "worker %lld", (long long)*worker);
	return 0;
}

int
worker_remove(struct store *s, int64_t worker, const char *how,
	struct err *err)
{
	int code = db_run(&s->db, SQL_WORKER_DELETE, err, "i", worker);

	if (code == 0 && db_changes(&s->db))
		event_detail(tx_event(s, KIND_WORKER_LEAVE),
		    "{\"worker\":%lld,\"how\":\"%s\"}",
		    (long long)worker, how);
	return code;
}

static int
leave(struct store *s, int64_t worker, struct err *err)
{
	int code = worker_remove(s, worker, "stopped", err);

	/* there may be nobody else to do it */
	return code ? code : samples_fold(s, err);
}

int
store_worker_leave(struct store *s, int64_t worker, struct err *err)
{
	int code;

	serve_end(s);
	do {
		code = tx_begin(s, err);
		if (code == 0)
			code = tx_end(s, leave(s, worker, err), err);
	} while (code && reserve_break(s));
	worker_unlock(s);
	return code;
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
		bool kill = db_column_int(&q, 1) == ORDERED_KILL;
		int64_t **v = kill ? &o->cancel : &o->release;
		size_t *n = kill ? &o->ncancel : &o->nrelease;

		*v = mem_grow(*v, *n + 1, sizeof(**v));
		(*v)[(*n)++] = db_column_int(&q, 0);
	}
	return got < 0 ? err->code : 0;
}

int
worker_exists(struct store *s, int64_t worker, bool *there, struct err *err)
{
	int64_t found;
	int code = db_int(&s->db, SQL_WORKER_EXISTS, &found, 0, err, "i",
	    worker);

	*there = found != 0;
	return code;
}

void
worker_process(struct query *q, int col, struct proc_id *who)
{
	const char *boot = db_column_text(q, col);

	snprintf(who->boot, sizeof(who->boot), "%s", boot ? boot : "");
	who->pid = (pid_t)db_column_int(q, col + 1);
	who->start = db_column_int(q, col + 2);
}

int
store_worker_orders(struct store *s, int64_t worker, struct orders *o,
	struct err *err)
{
	bool there = true;
	int code;

	memset(o, 0, sizeof(*o));
	code = read_begin(s, err);
	if (code)
		return code;
	code = worker_exists(s, worker, &there, err);
	if (code == 0)
		code = read_orders(s, worker, o, err);
	o->gone = !there;
	read_end(s);
	return code;
}

int
store_worker_beat(struct store *s, int64_t worker, int limit,
	struct orders *o, struct err *err)
{
	int code = tx_begin(s, err);

	if (code)
		return code;
	code = db_run(&s->db, SQL_WORKER_BEAT, err, "iiii", worker, s->tx.now,
	    clock_boot(s->clock), (int64_t)limit);
	code = tx_end(s, code, err);
	return code ? code : store_worker_orders(s, worker, o, err);
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
	code = throttles_read(s, err);
	if (code == 0)
		code = db_start(&q, &s->db, SQL_BACKLOG_LANES, err, "");
	while (code == 0 && (got = db_row(&q, err)) != 0) {
		struct lane *l;
		int64_t ready;

		if (got < 0) {
			code = err->code;
			break;
		}
		l = catalog_lane(s, db_column_int(&q, 0));
		if (l == NULL || !selection_has(sel, l->type->name))
			continue;
		ready = db_column_int(&q, 1);
		if (catalog_paused(s, l->type, now) ||
		    throttle_breaker(s, l->type, now, 0) != 0 ||
		    !selection_runs(sel, type_handler(s, l->type)))
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
