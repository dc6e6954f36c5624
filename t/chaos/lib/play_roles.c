/* The roles of a play that change the queue. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "play.h"

#define BATCH_MAX 160
#define SLOTS 4

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

	(void)number;
	for (size_t i = 0; i < p->rounds && p->err.code == 0; i++) {
		struct store *s = play_open(p);
		size_t n = 1 + dice_below(&p->dice, 4);

		while (s && n-- && enqueue_once(p, s, w))
			cast_pass(&p->cast);
		store_close(s);
		cast_pass(&p->cast);
	}
	arena_release(&w->arena);
	free(w);
}

/* ---- workers ---- */

struct hand {			/* a worker process and its slots */
	struct play *play;
	struct store *store;
	int64_t worker;
	struct turn turn;
	struct {
		int fd;
		bool running, ended;
		int attempt;
		struct attempt_end end;
	} slots[SLOTS];
};

static const struct selection everything = { NULL, 0, true };

static bool
join(struct hand *h)
{
	struct err err = { 0 };

	for (int i = 0; i < SLOTS; i++)
		h->slots[i].fd = -1;
	h->store = play_open(h->play);
	return h->store && !play_failed(h->play, "join",
	    store_worker_join(h->store, &(struct worker_info){ &everything,
	    SLOTS, 60 * NS_PER_S }, &h->worker, &err), &err);
}

/* As if killed: the kernel gives up its locks. */
static void
die_now(struct hand *h)
{
	for (int i = 0; i < SLOTS; i++) {
		if (h->slots[i].fd >= 0)
			close(h->slots[i].fd);
		h->slots[i].fd = -1;
		h->slots[i].running = h->slots[i].ended = false;
	}
	store_close(h->store);
	h->store = NULL;
}

static bool
sync_now(struct hand *h)
{
	struct err err = { 0 };

	return !play_failed(h->play, "sync", store_sync(h->store, &err),
	    &err);
}

static size_t
free_slots(struct hand *h, int v[SLOTS])
{
	struct err err = { 0 };
	size_t n = 0;

	for (int i = 0; i < SLOTS; i++) {
		if (h->slots[i].running)
			continue;
		if (h->slots[i].fd < 0 && play_failed(h->play, "lock",
		    store_slot_lock(h->store, h->worker, i, &h->slots[i].fd,
		    &err), &err))
			break;
		if (h->slots[i].fd >= 0)
			v[n++] = i;
	}
	return n;
}

static void
start(struct hand *h, const struct claimed *j)
{
	struct attempt_end *e = &h->slots[j->slot].end;

	h->slots[j->slot].running = true;
	h->slots[j->slot].attempt = j->attempt;
	*e = (struct attempt_end){ .id = j->id, .claim = j->claim,
	    .slot = j->slot, .started = h->play->now,
	    .ending = { .retry_after = -1 },
	    .usage = { 1000000, 1 << 20, 0, 0, -1 }, .input_bytes = 100,
	    .system_cpu_percent = -1, .system_memory_percent = -1 };
	play_promise(h->play, (struct promise){ .kind = PROMISE_STARTED,
	    .id = j->id, .name = j->key.p ? j->key : j->path });
}

static void
end(struct hand *h, int slot)
{
	static const int statuses[] = { 0, 0, 0, 0, 1, 1, 65, 75 };
	struct dice *d = &h->play->dice;
	struct attempt_end *e = &h->slots[slot].end;

	h->slots[slot].ended = true;
	e->finished = h->play->now;
	e->ending.status = statuses[dice_below(d, 8)];
	e->outcome = outcome_of(&e->ending, &e->reason);
	if (dice_one_in(d, 12)) {
		e->outcome = OUTCOME_RELEASED;
		e->reason = REASON_RELEASED;
	} else if (dice_one_in(d, 12)) {
		e->outcome = OUTCOME_CANCELLED;
		e->reason = REASON_OPERATOR;
	}
	if (e->outcome != OUTCOME_SUCCESS) {
		e->error = bytes_of("it went wrong");
		e->errout = e->error;
	}
}

static void
note_fates(struct hand *h, const struct attempt_end *ends, size_t n)
{
	/* what is said about ends must be synced before */
	bool said = n && dice_one_in(&h->play->dice, 3) && sync_now(h);

	if (said)
		play_promise_log(h->play, h->store);
	for (size_t i = 0; i < n; i++) {
		int slot = ends[i].slot;

		if (said && !h->turn.fates[i].lost)
			play_promise(h->play, (struct promise){
			    .kind = PROMISE_END, .id = ends[i].id,
			    .state = h->turn.fates[i].state,
			    .attempt = h->slots[slot].attempt });
		close(h->slots[slot].fd);
		h->slots[slot].fd = -1;
		h->slots[slot].running = h->slots[slot].ended = false;
	}
}

static bool
take_turn(struct hand *h)
{
	struct attempt_end ends[SLOTS];
	struct err err = { 0 };
	int slots[SLOTS];
	struct turn_request r = { .worker = h->worker,
	    .selection = &everything, .slots = slots, .ends = ends };

	r.nslots = free_slots(h, slots);
	for (int i = 0; i < SLOTS; i++)
		if (h->slots[i].ended)
			ends[r.nends++] = h->slots[i].end;
	if (play_failed(h->play, "turn", store_turn(h->store, &r, &h->turn,
	    &err), &err))
		return false;
	/* as lib/engine does: a young job is not started before a sync */
	if (h->turn.njobs && h->turn.young && !sync_now(h))
		return false;
	for (size_t i = 0; i < h->turn.njobs; i++)
		start(h, &h->turn.jobs[i]);
	note_fates(h, ends, r.nends);
	return true;
}

static void
work(struct hand *h)
{
	struct dice *d = &h->play->dice;
	struct err err = { 0 };
	size_t reaped;

	for (size_t i = 0; i < h->play->rounds && h->play->err.code == 0;
	    i++) {
		if (!take_turn(h))
			break;
		for (int s = 0; s < SLOTS; s++)
			if (h->slots[s].running && dice_one_in(d, 2))
				end(h, s);
		cast_pass(&h->play->cast);
		if (dice_one_in(d, 4) && play_failed(h->play, "reap",
		    store_reap(h->store, &reaped, &err), &err))
			break;
		if (dice_one_in(d, 10))
			break;
	}
}

void
play_worker(void *ctx, size_t number)
{
	struct play *p = ctx;
	struct hand h = { .play = p };
	struct err err = { 0 };

	(void)number;
	for (size_t i = 0; i < 4 && p->err.code == 0; i++) {
		if (join(&h))
			work(&h);
		if (h.store && dice_one_in(&p->dice, 3))
			play_failed(p, "leave", store_worker_leave(h.store,
			    h.worker, &err), &err);
		die_now(&h);
		cast_pass(&p->cast);
	}
	turn_release(&h.turn);
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
	struct store *s = play_open(p);
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
