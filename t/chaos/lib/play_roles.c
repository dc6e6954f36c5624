/* Who puts jobs into the queue of a play, and who orders them about. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "play.h"

#define BATCH_MAX 160

/* ---- enqueuers: short-lived, as in scripts ---- */

struct writing {
	struct record v[BATCH_MAX];
	struct enqueue_result results[BATCH_MAX];
	int64_t parents[BATCH_MAX];
	struct enqueue_options options;
	struct arena arena;
	size_t n;
};

static struct bytes
name(struct writing *w, struct play *p, const char *what, size_t among)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%s%zu", what,
	    dice_below(&p->dice, among));

	return arena_copy(&w->arena, (struct bytes){ text, (size_t)n });
}

static struct bytes
payload(struct writing *w, struct play *p)
{
	size_t n = 2 + dice_below(&p->dice, 6000);
	char *text = arena_alloc(&w->arena, n);

	memset(text, 'x', n);
	text[0] = text[n - 1] = '"';
	return (struct bytes){ text, n };
}

static void
make_record(struct writing *w, struct play *p, struct record *r, size_t i)
{
	static const char *const types[] = { "notes", "notes/work", "mail" };
	struct dice *d = &p->dice;

	record_init(r);
	r->type = bytes_of(types[dice_below(d, 3)]);
	r->priority = (int)(1 + dice_below(d, 5));
	r->event = (enum file_event)dice_below(d, EVENT_COUNT);
	r->path = dice_one_in(d, 4) ? name(w, p, "/in/new/", 1000000) :
	    name(w, p, "/in/", 30);
	if (dice_one_in(d, 6))
		r->key = name(w, p, "key", 5);
	if (dice_one_in(d, 6))
		r->delay = (int64_t)dice_below(d, 20) * NS_PER_S;
	if (dice_one_in(d, 5))
		r->payload = payload(w, p);
	if (p->last_id && dice_one_in(d, 10)) {
		w->parents[i] = (int64_t)(1 + dice_below(d,
		    (size_t)p->last_id));
		r->after = &w->parents[i];
		r->nafter = 1;
	}
}

static void
make_batch(struct writing *w, struct play *p)
{
	static const enum on_duplicate ways[] = { DUPLICATE_SKIP,
	    DUPLICATE_SKIP, DUPLICATE_SKIP, DUPLICATE_REPLACE,
	    DUPLICATE_ALLOW, DUPLICATE_FAIL };
	struct dice *d = &p->dice;

	arena_reset(&w->arena);
	w->n = dice_one_in(d, 3) ? 1 + dice_below(d, 20) : 1;
	if (dice_one_in(d, 25))
		w->n = BATCH_MAX;
	w->options = (struct enqueue_options){
	    .on_duplicate = ways[dice_below(d, 6)],
	    .on_parent_failure = (enum on_parent_failure)dice_below(d, 3) };
	if (w->options.on_duplicate != DUPLICATE_ALLOW) {
		w->options.no_key = dice_one_in(d, 10);
		if (!w->options.no_key && dice_one_in(d, 8))
			w->options.debounce = 3 * NS_PER_S;
		if (!w->options.no_key && dice_one_in(d, 8))
			w->options.unique_for = 60 * NS_PER_S;
	}
	for (size_t i = 0; i < w->n; i++)
		make_record(w, p, &w->v[i], i);
}

static void
note_accepted(struct writing *w, struct play *p, size_t taken)
{
	bool keyless = w->options.no_key ||
	    w->options.on_duplicate == DUPLICATE_ALLOW;

	for (size_t i = 0; i < taken; i++) {
		const struct record *r = &w->v[i];

		if (w->results[i].id)
			play_promise(p, (struct promise){ .kind = PROMISE_ACCEPTED,
			    .id = w->results[i].id,
			    .name = r->key.p && !keyless ? r->key : r->path });
	}
}

/* false: the process died */
static bool
enqueue_once(struct play *p, struct store *s, struct writing *w)
{
	struct err err = { 0 };
	size_t taken;
	int code;

	make_batch(w, p);
	code = store_enqueue(s, &w->options, w->v, w->n, w->results, &taken,
	    &err);
	if (code == EX_IOERR && p->mortal)
		return false;
	if (play_failed(p, "enqueue", code, &err))
		return false;
	note_accepted(w, p, taken);
	play_promise_log(p, s);
	return true;
}

void
play_enqueuer(void *ctx, size_t number)
{
	struct play *p = ctx;
	struct writing *w = mem_zero(1, sizeof(*w));

	p->may_die[number] = true;
	for (size_t i = 0; i < p->rounds && p->err.code == 0; i++) {
		struct store *s = play_open(p, true);
		size_t n = 1 + dice_below(&p->dice, 4);

		while (s && n-- && enqueue_once(p, s, w))
			cast_pass(&p->cast);
		store_close(s);
		cast_pass(&p->cast);
	}
	arena_release(&w->arena);
	free(w);
}

/* ---- an operator ---- */

static void
order(struct play *p, struct store *s)
{
	static const enum job_verb verbs[] = { JOB_RETRY, JOB_CANCEL,
	    JOB_KILL, JOB_RELEASE, JOB_QUARANTINE, JOB_DISCARD,
	    JOB_PRIORITY };
	struct control_result got;
	struct err err = { 0 };
	int64_t id = (int64_t)(1 + dice_below(&p->dice,
	    (size_t)p->last_id + 1));

	if (play_failed(p, "control", store_control(s,
	    verbs[dice_below(&p->dice, 7)],
	    (int)(1 + dice_below(&p->dice, 5)), &id, 1, &got, &err), &err))
		return;
	play_promise_log(p, s);
}

void
play_operator(void *ctx, size_t number)
{
	struct play *p = ctx;
	struct store *s = play_open(p, false);
	struct err err = { 0 };

	(void)number;
	for (size_t i = 0; s && i < p->rounds && p->err.code == 0; i++) {
		cast_pass(&p->cast);
		if (dice_one_in(&p->dice, 12)) {
			play_failed(p, "pause", store_pause(s, "notes",
			    "later", 0, &err), &err);
			cast_pass(&p->cast);
			play_failed(p, "resume", store_resume(s, "notes",
			    &err), &err);
		} else {
			order(p, s);
		}
	}
	store_close(s);
}
