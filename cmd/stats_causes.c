/* What may be wrong with a queue. */
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "stats_health.h"

/* How many attempts of that type have started since then */
static int
started_since(const struct summary *s, const char *type, int64_t age,
	int64_t *n, struct err *err)
{
	struct stats st;
	int code = store_stats(s->store, &(struct stats_request){
	    .type = type, .since = s->stats.sampled - age, .counts = true },
	    &st, err);

	if (code)
		return code;
	*n = 0;
	for (size_t i = 0; i < st.ntypes; i++)
		if (strcmp(st.types[i].type, type) == 0)
			*n = st.types[i].counter[METRIC_STARTED];
	stats_release(&st);
	return 0;
}

/* The first ready job of a type, and what its claim would say */
struct head {
	const char *type;
	int64_t id;		/* 0: it has just gone */
	bool held;		/* by what somebody wanted, or a busy worker */
	struct buf why;		/* what else holds it back */
};

static int
keep_first(void *ctx, const struct job *j)
{
	struct head *h = ctx;

	if (strcmp(j->type, h->type) == 0)
		h->id = j->id;
	return h->id != 0;
}

static void
add_reason(void *ctx, const char *code, const char *sentence)
{
	static const char *const fine[] = { "paused", "cap", "breaker", "rate",
		"busy" };
	struct head *h = ctx;

	for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++)
		h->held |= strcmp(code, fine[i]) == 0;
	if (strncmp(code, "no_", 3) == 0 && h->why.len == 0)
		buf_addf(&h->why, ": %s", sentence);
}

static int
look_at_head(struct store *s, struct head *h, struct err *err)
{
	int code = store_list(s, &(struct job_filter){ .type = h->type,
	    .states = 1u << STATE_READY }, keep_first, NULL, h, err);

	if (code == 0 && h->id)
		code = store_why(s, h->id, add_reason, h, err);
	/* it may go while we look */
	return code == EX_NOINPUT ? 0 : code;
}

/* age: negative where nobody knows it */
static int
say_stalled(struct health *h, const struct type_stats *t, int64_t age,
	struct err *err)
{
	struct head head = { .type = t->type };
	struct buf since = { 0 };
	int code = look_at_head(h->summary->store, &head, err);

	if (age < 0) {
		buf_adds(&since, "nobody knows for how long");
	} else {
		buf_adds(&since, "the oldest for ");
		duration_human(&since, age);
	}
	if (code == 0 && head.id && !head.held)
		health_add(h, age < STALLED_BAD ? WARNING : CRITICAL,
		    "stalled", "type %s: %lld %s ready, %s, and none starts%s",
		    t->type, (long long)t->depth.ready,
		    t->depth.ready == 1 ? "job is" : "jobs are", since.p,
		    head.why.len ? head.why.p : "");
	buf_release(&since);
	buf_release(&head.why);
	return code;
}

/* The clock was put back, and what happened before seems to be still to come. */
static bool
is_put_back(const struct health *h)
{
	return h->summary->stats.ahead >= CLOCK_WARN;
}

static void
check_clock(struct health *h)
{
	struct buf ahead = { 0 };

	if (!is_put_back(h))
		return;
	duration_human(&ahead, h->summary->stats.ahead);
	health_add(h, WARNING, "clock", "the queue knows of what happened %s "
	    "from now: the clock of this machine was put back, or was wrong "
	    "before", ahead.p);
	buf_release(&ahead);
}

/* Jobs may start, nothing holds them back, and none does. */
static int
check_stalled(struct health *h, struct err *err)
{
	const struct summary *s = h->summary;
	int code = 0;

	for (size_t i = 0; i < s->stats.ntypes && code == 0; i++) {
		const struct type_stats *t = &s->stats.types[i];
		int64_t age = s->stats.sampled - t->depth.oldest_ready;
		int64_t started;

		if (t->depth.ready == 0 || t->depth.running ||
		    (age < STALLED_WARN && !(age < 0 && is_put_back(h))))
			continue;
		code = started_since(s, t->type, age < STALLED_BAD ?
		    STALLED_WARN : STALLED_BAD, &started, err);
		if (code == 0 && started == 0)
			code = say_stalled(h, t, age, err);
	}
	return code;
}

static void
check_workers(struct health *h)
{
	const struct stats *st = &h->summary->stats;

	for (size_t i = 0; i < st->nworkers; i++) {
		const struct worker_stats *w = &st->workers[i];
		struct buf silent = { 0 };

		duration_human(&silent, w->silent > 0 ? w->silent : 0);
		if (!w->alive && w->running)
			health_add(h, CRITICAL, "dead_worker", "worker %lld (%s, pid "
			    "%d) is dead, and nobody has taken back the %d %s "
			    "that it held", (long long)w->id, w->host, w->pid,
			    w->running, w->running == 1 ? "job" : "jobs");
		else if (!w->alive)
			health_add(h, WARNING, "dead_worker", "worker %lld (%s, pid "
			    "%d) is dead", (long long)w->id, w->host, w->pid);
		else if (w->overdue)
			health_add(h, WARNING, "overdue_worker", "worker %lld (%s, "
			    "pid %d) lives, and has said nothing for %s: it is "
			    "stopped, or hangs", (long long)w->id, w->host,
			    w->pid, silent.p);
		buf_release(&silent);
	}
}

/* What it watches, the first one by name */
static void
add_roots(struct buf *b, const struct watcher_stats *w)
{
	buf_add(b, w->roots[0].p, w->roots[0].n);
	if (w->nroots > 1)
		buf_addf(b, " and %zu more", w->nroots - 1);
	buf_addf(b, " (%s, pid %d)", w->host, w->pid);
}

/* What is to be run to forget it can be run as it is printed. */
static void
say_dead(struct health *h, const struct watcher_stats *w, const char *of)
{
	struct buf words = { 0 };

	if (w->name.n) {
		buf_adds(&words, " --name ");
		text_word(&words, w->name, NOT_IN_SENTENCE);
	}
	for (size_t i = 0; i < w->nroots; i++) {
		buf_addc(&words, ' ');
		text_word(&words, w->roots[i], NOT_IN_SENTENCE);
	}
	health_add(h, CRITICAL, "dead_watcher", "the watcher of %s is dead: "
	    "what changes there is not seen; start it again, or forget it: "
	    "iq-scan --reset%s", of, words.p);
	buf_release(&words);
}

/* One that is starting is not well, and nothing is wrong. */
static void
check_watchers(struct health *h)
{
	const struct stats *st = &h->summary->stats;

	for (size_t i = 0; i < st->nwatchers; i++) {
		const struct watcher_stats *w = &st->watchers[i];
		const char *why = w->health.reason;
		struct buf of = { 0 }, silent = { 0 };

		add_roots(&of, w);
		duration_human(&silent, w->silent > 0 ? w->silent : 0);
		if (!w->alive)
			say_dead(h, w, of.p);
		else if (w->overdue)
			health_add(h, WARNING, "overdue_watcher", "the "
			    "watcher of %s lives, and has said nothing for "
			    "%s: it is stopped, or hangs", of.p, silent.p);
		else if (!w->health.healthy && why &&
		    strcmp(why, "starting") != 0)
			health_add(h, WARNING, "watcher", "the watcher of %s "
			    "is not well: %s; it looks from time to time",
			    of.p, why);
		buf_release(&of);
		buf_release(&silent);
	}
}

static void
check_quarantine(struct health *h)
{
	const struct type_stats *t = &h->summary->stats.total;
	int64_t n = t->counter[METRIC_QUARANTINED];
	int64_t ended = t->counter[METRIC_SUCCEEDED] + n;
	struct buf window = { 0 }, what = { 0 };

	if (n == 0)
		return;
	/* one that was retried since may be among them again */
	if (n == 1)
		buf_adds(&what, "1 job was quarantined");
	else
		buf_addf(&what, "jobs were quarantined %lld times",
		    (long long)n);
	duration_human(&window, h->summary->stats.sampled -
	    h->summary->stats.since);
	health_add(h, n >= QUARANTINE_BAD && n * 100 > ended * QUARANTINE_SHARE ?
	    CRITICAL : WARNING, "quarantine", "%s in the last %s, and %lld "
	    "succeeded; %lld %s there now", what.p, window.p,
	    (long long)t->counter[METRIC_SUCCEEDED],
	    (long long)t->depth.quarantined,
	    t->depth.quarantined == 1 ? "is" : "are");
	buf_release(&window);
	buf_release(&what);
}

static void
check_file(struct health *h)
{
	const struct summary *s = h->summary;
	struct buf size = { 0 };

	if (h->disk_free >= 0 && h->disk_free < DISK_WARN)
		health_add(h, h->disk_free < DISK_BAD ? CRITICAL : WARNING, "disk",
		    "%.1f %% of the disk of the queue is free",
		    h->disk_free);
	size_human(&size, s->stats.wal_bytes);
	if (s->stats.wal_bytes >= WAL_WARN)
		health_add(h, s->stats.wal_bytes < WAL_BAD ? WARNING : CRITICAL,
		    "wal", "the write-ahead log has %s: somebody reads for "
		    "very long, or nobody may copy it back", size.p);
	buf_release(&size);
}

/* An option of iq-enqueue may say otherwise; what it does is not stored. */
static void
check_full(struct health *h)
{
	static const char *const more[] = {
		[FULL_BLOCK] = "producers are held back",
		[FULL_FAIL] = "more is refused",
		[FULL_DROP] = "more is dropped",
	};
	const struct summary *s = h->summary;

	for (size_t i = 0; i < s->stats.ntypes; i++) {
		const struct type_stats *t = &s->stats.types[i];
		int64_t n = t->counter[METRIC_DROPPED];
		struct buf which = { 0 };

		if (!s->types[i].active)
			continue;
		buf_addf(&which, "type %s", t->type);
		if (strcmp(t->full_by, t->type) != 0)
			buf_addf(&which, ": its parent %s", t->full_by);
		buf_addf(&which, " has reached max_queue, %lld: %s",
		    (long long)t->bound, more[s->types[i].on_full]);
		if (n > 0)
			buf_addf(&which, ", %lld %s so far in this window",
			    (long long)n, n == 1 ? "record" : "records");
		health_add(h, WARNING, "full", "%s", which.p);
		buf_release(&which);
	}
}

static void
check_breakers(struct health *h)
{
	const struct summary *s = h->summary;

	for (size_t i = 0; i < s->stats.ntypes; i++)
		if (s->stats.types[i].breaker != BREAKER_IS_CLOSED)
			health_add(h, WARNING, "breaker", "type %s fails time "
			    "after time, and its breaker is open",
			    s->stats.types[i].type);
}

static void
check_starved(struct health *h)
{
	const struct stats *st = &h->summary->stats;

	for (size_t i = 0; i < st->ntypes; i++) {
		const struct type_stats *t = &st->types[i];

		if (t->starved)
			health_add(h, WARNING, "starved", "type %s: %lld %s "
			    "ready, and got less than a tenth of %s fair "
			    "share of the slots; see aging and weight in "
			    "iq-tune(1)", t->type, (long long)t->depth.ready,
			    t->depth.ready == 1 ? "job is" : "jobs are",
			    t->depth.ready == 1 ? "its" : "their");
	}
}

int
health_look(struct health *h, struct err *err)
{
	int code = check_stalled(h, err);

	check_clock(h);
	check_workers(h);
	check_watchers(h);
	check_quarantine(h);
	check_file(h);
	check_full(h);
	check_breakers(h);
	check_starved(h);
	return code;
}
