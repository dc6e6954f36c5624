#include "store/watcher.h"

#include <stdlib.h>
#include <string.h>

#include "base/lockbyte.h"
#include "base/proc.h"
#include "store/claim.h"
#include "store/scan.h"
#include "store/schema.h"

/* Bytes of the sidecar that stand for watches: between those of the scans and
 * what follows */
#define WATCH_LOCKS ((INT64_C(3) << 30) + (INT64_C(1) << 29))

/* ---- what a watch does ---- */

/* One whose lock is free: it is not where somebody still watches for a later
 * state of this queue than the one that was restored. */
static int
take_number(struct store *s, int64_t *watch, struct err *err)
{
	int got = 0, code = db_int(&s->db, SQL_WATCH_LAST, watch, 0, err, "");

	while (code == 0 && got == 0) {
		got = lockbyte_take(s->turn.fd, WATCH_LOCKS + ++*watch);
		if (got < 0)
			code = err_errno(err, EX_IOERR, "lock %s",
			    s->sidecar);
	}
	return code;
}

static int
insert(struct store *s, int64_t watch, const struct watcher_health *h,
	struct err *err)
{
	struct proc_id me;

	proc_self(&me);
	return db_run(&s->db, SQL_WATCH_INSERT, err, "ittiiittiiiiii", watch,
	    s->host, me.boot, (int64_t)me.pid, me.start, (int64_t)h->healthy,
	    h->reason, h->source, (int64_t)h->coverage, h->pending,
	    h->debounce, h->batch, s->tx.now, clock_boot(s->clock));
}

int
store_watch_join(struct store *s, struct scan_state *scans, size_t n,
	const struct watcher_health *h, int64_t *watch, struct err *err)
{
	int code = tx_begin(s, err);

	if (code)
		return code;
	code = take_number(s, watch, err);
	if (code == 0)
		code = insert(s, *watch, h, err);
	for (size_t i = 0; i < n && code == 0; i++) {
		scans[i].watch = *watch;
		code = db_run(&s->db, SQL_SCAN_WATCH, err, "ii", scans[i].id,
		    *watch);
	}
	/* of whom we have taken over */
	if (code == 0)
		code = db_run(&s->db, SQL_WATCH_TIDY, err, "");
	return tx_end(s, code, err);
}

int
store_watch_tell(struct store *s, int64_t watch,
	const struct watcher_health *h, const char *type,
	const struct count *v, size_t n, struct err *err)
{
	int code = tx_begin(s, err);

	if (code)
		return code;
	code = db_run(&s->db, SQL_WATCH_TELL, err, "iittiiiiii", watch,
	    (int64_t)h->healthy, h->reason, h->source, (int64_t)h->coverage,
	    h->pending, h->debounce, h->batch, s->tx.now,
	    clock_boot(s->clock));
	if (code == 0)
		code = metrics_add(s, type, v, n, err);
	return tx_end(s, code, err);
}

int
store_watch_leave(struct store *s, int64_t watch, struct err *err)
{
	int code = tx_begin(s, err);

	if (code)
		return code;
	code = db_run(&s->db, SQL_WATCH_LEAVE, err, "i", watch);
	if (code == 0)
		code = db_run(&s->db, SQL_WATCH_TIDY, err, "");
	return tx_end(s, code, err);
}

/* ---- what others see of it ---- */

static bool
lives(struct store *s, int64_t watch, const struct proc_id *who)
{
	/* its lock is on a file that we do not see */
	if (s->turn.fd < 0 || s->wrong_sidecar)
		return proc_alive(who);
	return lockbyte_held(s->turn.fd, WATCH_LOCKS + watch) != 0;
}

int
watcher_of(struct store *s, int64_t scan, int *pid, struct err *err)
{
	struct query q;
	int got, code = read_begin(s, err);

	*pid = 0;
	if (code)
		return code;
	got = db_first(&q, &s->db, SQL_WATCH_OF, err, "i", scan);
	if (got == 1 && lockbyte_held(s->turn.fd, WATCH_LOCKS +
	    db_column_int(&q, 0)) == 1)
		*pid = (int)db_column_int(&q, 1);
	if (got == 1)
		db_end(&q);
	read_end(s);
	return got < 0 ? err->code : 0;
}

static void
doubt(struct watcher_stats *w)
{
	struct watcher_health *h = &w->health;

	if (w->alive && !w->overdue)
		return;
	h->healthy = false;
	h->reason = w->alive ? "it says nothing" : "it is dead";
	if (!w->alive)
		h->coverage = WATCH_NONE;
}

static void
read_watcher(struct store *s, struct query *q, struct watcher_stats *w)
{
	const char *host = db_column_text(q, 1);
	const char *reason = db_column_text(q, 6);
	const char *source = db_column_text(q, 7);
	const char *type = db_column_text(q, 15);
	size_t n = source ? strlen(source) + 1 : 1;
	struct proc_id who;

	worker_process(q, 2, &who);
	w->text = mem_zero(n + (reason ? strlen(reason) : 0) + 1, 1);
	memcpy(w->text, source ? source : "", n);
	if (reason)
		memcpy(w->text + n, reason, strlen(reason));
	w->health = (struct watcher_health){
		.healthy = db_column_int(q, 5),
		.reason = reason ? w->text + n : NULL,
		.source = w->text,
		.coverage = (enum watch_coverage)db_column_int(q, 8),
		.pending = db_column_int(q, 9),
		.debounce = db_column_int(q, 10),
		.batch = db_column_int(q, 11),
	};
	snprintf(w->host, sizeof(w->host), "%s", host ? host : "");
	snprintf(w->type, sizeof(w->type), "%s", type ? type : "");
	w->pid = (int)who.pid;
	w->started = db_column_int(q, 12);
	w->told = db_column_int(q, 13);
	w->alive = lives(s, w->id, &who);
	w->silent = clock_boot(s->clock) - db_column_int(q, 14);
	w->overdue = w->alive && w->silent > WATCHER_SILENT;
	w->name = db_column_bytes(q, 17);
	w->name.p = mem_dup(w->name.p, w->name.n);
	doubt(w);
}

/* A row for each of its directories */
static void
add_row(struct store *s, struct query *q, struct watcher_stats **v, size_t *n)
{
	struct bytes root = db_column_bytes(q, 16);
	int64_t id = db_column_int(q, 0);
	struct watcher_stats *w;

	if (*n == 0 || (*v)[*n - 1].id != id) {
		*v = mem_grow(*v, *n + 1, sizeof(**v));
		(*v)[*n] = (struct watcher_stats){ .id = id };
		read_watcher(s, q, &(*v)[(*n)++]);
	}
	w = &(*v)[*n - 1];
	/* that of / is stored as nothing */
	if (root.n == 0)
		root = bytes_of("/");
	w->roots = mem_grow(w->roots, w->nroots + 1, sizeof(*w->roots));
	w->roots[w->nroots++] = (struct bytes){ mem_dup(root.p, root.n),
	    root.n };
}

int
watchers_read(struct store *s, const char *type, struct watcher_stats **v,
	size_t *n, struct err *err)
{
	struct query q;
	int got = 0, code = 0;

	*v = NULL;
	*n = 0;
	if (s->version < SCHEMA_WATCH)
		return 0;
	code = db_start(&q, &s->db, SQL_WATCH_LIST, err, "");
	while (code == 0 && (got = db_row(&q, err)) == 1) {
		const char *of = db_column_text(&q, 15);

		if (type == NULL || (of && type_within(of, type)))
			add_row(s, &q, v, n);
	}
	return got < 0 ? err->code : code;
}

void
watchers_release(struct watcher_stats *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < v[i].nroots; k++)
			free((void *)(uintptr_t)v[i].roots[k].p);
		free(v[i].roots);
		free((void *)(uintptr_t)v[i].name.p);
		free(v[i].text);
	}
	free(v);
}
