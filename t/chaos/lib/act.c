/* A queue, its types and its clock; and that it is as the reference says. */
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "act.h"
#include "store/read.h"

#define QUEUE "reference.db"
#define LIVE_MOST 120
#define HOUR (3600 * NS_PER_S)

/* A family, of which some have bounds; and one of each kind */
static const struct ledger_type types[ACT_TYPES] = {
	{ .name = "a", .cap = 5 },
	{ .name = "a/x", .parent = 1, .cap = 2, .strategy = RETRY_LINEAR },
	{ .name = "a/y", .parent = 1, .max_attempts = 1, .retention = HOUR },
	{ .name = "broken", .breaker = 2, .max_attempts = 5 },
	{ .name = "few", .max_queue = 5, .strategy = RETRY_FIXED },
	{ .name = "once", .strategy = RETRY_NONE, .crash_limit = 1 },
	{ .name = "rated", .rate = 7, .period = 60 * NS_PER_S,
	    .strategy = RETRY_IMMEDIATE, .transient_max_attempts = 6 },
	{ .name = "rated/z", .parent = 7 },
};

void
differs(struct trial *p, const char *fmt, ...)
{
	va_list ap;

	printf("reference: seed %llu, operation %ld, %s:\n  ",
	    (unsigned long long)p->seed, p->operation, p->doing);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	exit(1);
}

void
trial_must(struct trial *p, int code, const struct err *e)
{
	if (code)
		differs(p, "it failed: %s", e->text);
}

static int64_t
wall_of(void *ctx)
{
	return ((struct trial *)ctx)->ledger.now;
}

struct store *
trial_open(struct trial *p)
{
	struct store *s = NULL;
	struct err e;

	trial_must(p, store_open(&s, &(struct store_options){ .path = QUEUE,
	    .mode = STORE_CREATE, .program = "reference",
	    .clock = &p->clock }, &e), &e);
	return s;
}

static void
forget_queue(void)
{
	static const char *const parts[] = { QUEUE, QUEUE "-wal", QUEUE "-shm",
	    QUEUE "-lock", QUEUE "-run" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		unlink(parts[i]);
}

/* ---- its settings ---- */

static void
set(struct trial *p, const char *type, enum setting_key k, const char *fmt, ...)
{
	char text[40];
	struct err e;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	trial_must(p, store_settings_change(p->store, &(struct setting_change){
	    type, k, text }, 1, &e), &e);
}

static void
set_type(struct trial *p, struct ledger_type *t)
{
	static const char *const strategies[] = { "exponential", "linear",
	    "fixed", "immediate", "none" };

	t->parent--;		/* as the table counts them, from 1 */
	t->max_attempts = t->max_attempts ? t->max_attempts : 3;
	t->crash_limit = t->crash_limit ? t->crash_limit : 3;
	t->base = 20 * NS_PER_S;
	t->max = 70 * NS_PER_S;
	t->rate_limit_delay = 45 * NS_PER_S;
	t->multiplier = 2;
	t->retention = t->retention ? t->retention : 3 * HOUR;
	set(p, t->name, SET_MAX_ATTEMPTS, "%d", t->max_attempts);
	set(p, t->name, SET_TRANSIENT_MAX_ATTEMPTS, "%d",
	    t->transient_max_attempts);
	set(p, t->name, SET_CRASH_LIMIT, "%d", t->crash_limit);
	set(p, t->name, SET_RETRY_STRATEGY, "%s", strategies[t->strategy]);
	set(p, t->name, SET_BREAKER, "%d", t->breaker);
	set(p, t->name, SET_RETENTION, "%llds",
	    (long long)(t->retention / NS_PER_S));
	if (t->cap)
		set(p, t->name, SET_MAX_WORKERS, "%d", (int)t->cap);
	if (t->max_queue)
		set(p, t->name, SET_MAX_QUEUE, "%d", (int)t->max_queue);
	if (t->rate)
		set(p, t->name, SET_RATE_LIMIT, "%d/1m", (int)t->rate);
}

void
trial_begin(struct trial *p)
{
	p->dice = (struct dice){ p->seed * 1000003 + (uint64_t)p->operation };
	p->clock = (struct clock){ wall_of, clock_system.boot, p };
	p->ledger = (struct ledger){ .types = p->types, .ntypes = ACT_TYPES,
	    .next = 1, .now = INT64_C(1700000000) * NS_PER_S };
	p->went_back = false;
	p->keys = dice_below(&p->dice, 15) + 2;
	p->used_types = dice_below(&p->dice, ACT_TYPES) + 1;
	p->slow = dice_below(&p->dice, 8) + 1;
	p->each = (long)dice_below(&p->dice, 400) + 20;
	DOING(p, "making a queue");
	forget_queue();
	p->store = trial_open(p);
	set(p, NULL, SET_RETRY_JITTER, "0");
	set(p, NULL, SET_RETRY_BASE, "20s");
	set(p, NULL, SET_RETRY_MAX, "70s");
	set(p, NULL, SET_RETRY_MULTIPLIER, "2");
	set(p, NULL, SET_RATE_LIMIT_DELAY, "45s");
	for (int t = 0; t < ACT_TYPES; t++) {
		p->types[t] = types[t];
		set_type(p, &p->types[t]);
	}
	for (int w = 0; w < ACT_WORKERS; w++)
		act_hire(p, &p->workers[w]);
}

void
trial_end(struct trial *p)
{
	for (int w = 0; w < ACT_WORKERS; w++) {
		struct act_worker *v = &p->workers[w];

		for (int slot = 0; slot < ACT_SLOTS; slot++) {
			act_forget_slot(v, slot);
			arena_release(&v->words[slot]);
			if (v->locks[slot] >= 0)
				close(v->locks[slot]);
		}
		turn_release(&v->turn);
		store_close(v->store);
		*v = (struct act_worker){ 0 };
	}
	store_close(p->store);
	p->tally.jobs += (long)p->ledger.next - 1;
	ledger_release(&p->ledger);
}

/* ---- comparing ---- */

struct seen {
	struct trial *trial;
	int64_t jobs;
};

static void
compare_number(struct trial *p, int64_t id, const char *what, int64_t got,
	int64_t want)
{
	if (got != want)
		differs(p, "job %lld: its %s is %lld, the reference has %lld",
		    (long long)id, what, (long long)got, (long long)want);
}

/* To people it is ready, before a worker has noticed. */
static enum state
as_shown(const struct trial *p, const struct ledger_job *j)
{
	return j->state == STATE_DELAYED && j->run_at <= p->ledger.now ?
	    STATE_READY : j->state;
}

static int
compare_job(void *ctx, const struct job *j)
{
	struct seen *seen = ctx;
	struct trial *p = seen->trial;
	struct ledger_job *l = ledger_job(&p->ledger, j->id);
	char path[24];

	seen->jobs++;
	if (l == NULL)
		differs(p, "job %lld is there, which the reference has not",
		    (long long)j->id);
	if (j->state != as_shown(p, l))
		differs(p, "job %lld of %s is %s, in the reference %s",
		    (long long)j->id, j->type, state_detail(j->state),
		    state_detail(l->state));
	snprintf(path, sizeof(path), "/%d", l->path);
	if (!bytes_equal(j->path, bytes_of(path)) ||
	    !bytes_equal(bytes_of(j->type),
	    bytes_of(p->types[l->type].name)))
		differs(p, "job %lld is another one", (long long)j->id);
	compare_number(p, j->id, "priority", j->priority, l->priority);
	compare_number(p, j->id, "count of starts", j->attempt, l->attempt);
	compare_number(p, j->id, "count of failures", j->attempts,
	    l->attempts);
	compare_number(p, j->id, "count of crashes", j->crashes, l->crashes);
	compare_number(p, j->id, "time", j->created, l->created);
	if (l->state == STATE_DELAYED)
		compare_number(p, j->id, "next time", j->run_at, l->run_at);
	if (!ledger_is_pending(l) && l->state != STATE_RUNNING)
		compare_number(p, j->id, "reason", j->reason, l->reason);
	return 0;
}

static void
compare_counts(struct trial *p)
{
	struct depth want[ACT_TYPES] = { 0 }, *w;
	enum state shown;
	struct stats st;
	struct err e;

	for (int64_t id = 1; id < p->ledger.next; id++) {
		const struct ledger_job *j = ledger_job(&p->ledger, id);

		if (j == NULL)
			continue;
		w = &want[j->type];
		shown = as_shown(p, j);
		w->ready += shown == STATE_READY;
		w->delayed += shown == STATE_DELAYED;
		w->waiting += shown == STATE_WAITING;
		w->running += shown == STATE_RUNNING;
		w->quarantined += shown == STATE_QUARANTINED;
		w->succeeded += shown == STATE_SUCCEEDED;
		w->cancelled += shown == STATE_CANCELLED;
	}
	trial_must(p, store_stats(p->store, &(struct stats_request){
	    .counts = true }, &st, &e), &e);
	for (size_t i = 0; i < st.ntypes; i++) {
		const struct depth *d = &st.types[i].depth;
		int t = 0;

		while (t < ACT_TYPES && !bytes_equal(bytes_of(
		    st.types[i].type), bytes_of(p->types[t].name)))
			t++;
		if (t == ACT_TYPES)
			differs(p, "there is a type %s", st.types[i].type);
		w = &want[t];
		if (d->ready != w->ready || d->delayed != w->delayed ||
		    d->waiting != w->waiting || d->running != w->running ||
		    d->quarantined != w->quarantined ||
		    d->succeeded != w->succeeded ||
		    d->cancelled != w->cancelled)
			differs(p, "the counts of %s differ",
			    st.types[i].type);
	}
	stats_release(&st);
}

static void
say_finding(void *ctx, const char *sentence)
{
	differs(ctx, "the queue is not sound: %s", sentence);
}

void
compare_jobs(struct trial *p)
{
	struct seen seen = { .trial = p };
	int64_t want = 0;
	size_t findings;
	struct err e;

	trial_must(p, store_list(p->store, &(struct job_filter){
	    .states = ~0u }, compare_job, NULL, &seen, &e), &e);
	for (int64_t id = 1; id < p->ledger.next; id++)
		want += ledger_job(&p->ledger, id) != NULL;
	if (seen.jobs != want)
		differs(p, "there are %lld jobs, in the reference %lld",
		    (long long)seen.jobs, (long long)want);
	compare_counts(p);
	trial_must(p, store_check(p->store, say_finding, p, &findings, &e),
	    &e);
	p->tally.comparisons++;
}

/* ---- one operation ---- */

static void
move_clock(struct trial *p)
{
	int64_t by = (int64_t)dice_below(&p->dice, 20 * NS_PER_S);

	if (dice_one_in(&p->dice, 12))
		by = (int64_t)dice_below(&p->dice, HOUR);
	else if (dice_one_in(&p->dice, 12) && (p->went_back ||
	    dice_one_in(&p->dice, 10)))
		by = -(int64_t)dice_below(&p->dice, 200 * NS_PER_S);
	p->went_back |= by < 0;
	p->ledger.now += by;
	DOING(p, "the clock moves by %lld s", (long long)(by / NS_PER_S));
}

static void
reopen(struct trial *p)
{
	DOING(p, "the queue is opened again");
	store_close(p->store);
	p->store = trial_open(p);
}

void
act(struct trial *p)
{
	size_t what = dice_below(&p->dice, 100);

	p->operation++;
	if (what < 26) {
		if (p->ledger.nlive < LIVE_MOST)
			act_enqueue(p);
	} else if (what < 66) {
		act_turn(p);
	} else if (what < 80) {
		act_control(p);
	} else if (what < 90) {
		move_clock(p);
	} else if (what < 94) {
		act_pause(p);
	} else if (what < 96) {
		act_reap(p);
	} else if (what < 97) {
		act_die(p);
	} else if (what < 98) {
		act_tune(p);
	} else if (dice_one_in(&p->dice, 3)) {
		act_prune(p);
	} else if (dice_one_in(&p->dice, 2)) {
		act_leave(p);
	} else {
		reopen(p);
	}
}
