/*
 * iq-stats --health: a line, and an exit status, as monitoring plugins have
 * them (Monitoring Plugins Development Guidelines): OK 0, WARNING 1, CRITICAL
 * 2, UNKNOWN 3.
 */
#include "stats_health.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/text.h"

const char *const health_causes[] = { "stalled", "clock", "dead_worker",
	"overdue_worker", "dead_watcher", "overdue_watcher", "watcher",
	"quarantine", "breaker", "full", "starved", "disk", "wal", "damaged",
	"unknown", NULL };
static const char *const level_names[] = { "OK", "WARNING", "CRITICAL",
	"UNKNOWN" };

/* CRITICAL says more than that something is not known, and that more than
 * WARNING. */
static int
badness(enum level level)
{
	static const int order[] = { [FINE] = 0, [WARNING] = 1, [UNKNOWN] = 2,
		[CRITICAL] = 3 };

	return order[level];
}

void
health_add(struct health *h, enum level level, const char *cause,
	const char *fmt, ...)
{
	struct problem *p;
	va_list ap;

	h->v = mem_grow(h->v, h->n + 1, sizeof(*h->v));
	p = &h->v[h->n++];
	*p = (struct problem){ .level = level, .cause = cause };
	va_start(ap, fmt);
	buf_addv(&p->sentence, fmt, ap);
	va_end(ap);
	if (badness(level) > badness(h->worst))
		h->worst = level;
}

static int
worst_first(const void *va, const void *vb)
{
	const struct problem *a = va, *b = vb;

	return badness(b->level) - badness(a->level);
}

/* label=value;warning;critical;least;most */
static void
add_numbers(struct buf *b, const struct health *h)
{
	const struct summary *s = h->summary;
	const struct depth *d = &s->stats.total.depth;

	buf_addf(b, " | ready=%lld;;;0 running=%lld;;;0 delayed=%lld;;;0 "
	    "quarantined=%lld;;;0", (long long)d->ready,
	    (long long)d->running, (long long)d->delayed,
	    (long long)d->quarantined);
	buf_addf(b, " oldest_ready=%llds;300;900;0", d->oldest_ready ?
	    (long long)(summary_oldest(s, d) / NS_PER_S) : 0LL);
	buf_addf(b, " wal=%lldB;%lld;%lld;0", (long long)s->stats.wal_bytes,
	    (long long)WAL_WARN, (long long)WAL_BAD);
	if (h->disk_free >= 0)
		buf_addf(b, " disk_free=%.1f%%;10:;5:;0;100", h->disk_free);
}

static void
add_summary(struct buf *b, const struct health *h)
{
	const struct depth *d = &h->summary->stats.total.depth;
	struct watch_sum w = { 0 };
	int64_t slots, active;

	summary_slots(h->summary, &slots, &active);
	summary_watch(h->summary, &w);
	buf_addf(b, "%lld ready, %lld running, %lld quarantined, %lld of %lld "
	    "slots in use%s", (long long)d->ready, (long long)d->running,
	    (long long)d->quarantined, (long long)active, (long long)slots,
	    h->summary->stats.total.paused ? ", paused" : "");
	if (w.misses)
		buf_addf(b, "; what is watched: %s", w.misses);
}

/* What stands behind a | is for machines. */
static void
add_sentence(struct buf *b, const struct problem *p)
{
	size_t from = b->len;

	text_escape(b, (struct bytes){ p->sentence.p, p->sentence.len });
	for (size_t i = from; i < b->len; i++)
		if (b->p[i] == NOT_IN_SENTENCE[0])
			b->p[i] = '/';
}

/* gathered: there are numbers */
static void
print_text(const struct health *h, bool gathered)
{
	struct buf b = { 0 };

	buf_addf(&b, "IQ %s - ", level_names[h->worst]);
	if (h->n)
		add_sentence(&b, &h->v[0]);
	else
		add_summary(&b, h);
	if (gathered)
		add_numbers(&b, h);
	report_line(&b);
	for (size_t i = 1; i < h->n; i++) {
		buf_addf(&b, "%s: ", level_names[h->v[i].level]);
		add_sentence(&b, &h->v[i]);
		report_line(&b);
	}
	buf_release(&b);
}

const char *
health_level(enum level v)
{
	return level_names[v];
}

void
health_json(struct json *j, const struct health *h)
{
	json_put_string(j, "status", level_names[h->worst]);
	json_put_int(j, "exit", h->worst);
	json_begin_array(j, "problems");
	for (size_t i = 0; i < h->n; i++) {
		json_begin_object(j, NULL);
		json_put_string(j, "level", level_names[h->v[i].level]);
		json_put_string(j, "cause", h->v[i].cause);
		json_put_path(j, "sentence", (struct bytes){
		    h->v[i].sentence.p, h->v[i].sentence.len });
		json_end_object(j);
	}
	json_end_array(j);
}

static void
print_json(const struct health *h)
{
	struct buf b = { 0 };
	struct json j;

	json_init(&j, &b);
	json_begin_object(&j, NULL);
	json_put_int(&j, "schema", 1);
	health_json(&j, h);
	json_end_object(&j);
	report_line(&b);
	buf_release(&b);
}

/* What kept us from looking is an answer, too. */
static void
add_error(struct health *h, int code, const struct err *err)
{
	bool broken = code == EX_IOERR || code == EX_SOFTWARE;

	health_add(h, broken ? CRITICAL : UNKNOWN, broken ? "damaged" : "unknown",
	    "%s", err->text);
}

int
health_find(struct health *h, const struct summary *s, int code,
	struct err *err)
{
	*h = (struct health){ .summary = s, .disk_free = -1 };
	if (s->disk > 0)
		h->disk_free = 100.0 * (double)s->disk_free / (double)s->disk;
	if (code == 0)
		code = health_look(h, err);
	if (code)
		add_error(h, code, err);
	if (h->n)
		qsort(h->v, h->n, sizeof(*h->v), worst_first);
	return code;
}

void
health_release(struct health *h)
{
	for (size_t i = 0; i < h->n; i++)
		buf_release(&h->v[i].sentence);
	free(h->v);
}

int
stats_health(const struct summary *s, bool json, int code, struct err *err)
{
	struct health h;
	int status;

	health_find(&h, s, code, err);
	if (json)
		print_json(&h);
	else
		print_text(&h, code == 0);
	status = (int)h.worst;
	health_release(&h);
	return status;
}
