/* Who works in a play: each slot has a few jobs in hand, as a batch or a
 * co-process has. */
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "play.h"

#define SLOTS 4
#define TASKS 3			/* of a slot at once */
#define ALL (SLOTS * TASKS)

struct task {
	bool running, ended;
	struct claimed job;	/* its words are in the arena */
	struct arena arena;
	struct attempt_end end;
};

struct hand {			/* a worker process and its slots */
	struct play *play;
	size_t number;		/* in the cast */
	struct store *store;
	int64_t worker;
	struct turn turn;
	struct slot {
		int fd;
		struct task tasks[TASKS];
	} slots[SLOTS];
};

static const struct selection everything = { .own_command = true };

static bool
join(struct hand *h)
{
	struct err err = { 0 };

	for (int i = 0; i < SLOTS; i++)
		h->slots[i].fd = -1;
	h->store = play_open(h->play, false);
	return h->store && !play_failed(h->play, "join",
	    store_worker_join(h->store, &(struct worker_info){ &everything,
	    SLOTS, 60 * NS_PER_S }, &h->worker, &err), &err);
}

static void
put_down(struct task *t)
{
	arena_release(&t->arena);
	memset(t, 0, sizeof(*t));
}

/* The process of the slot has ended: the kernel gives up its lock. */
static void
close_slot(struct slot *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static void
die_now(struct hand *h)
{
	for (int i = 0; i < SLOTS; i++) {
		close_slot(&h->slots[i]);
		for (int k = 0; k < TASKS; k++)
			put_down(&h->slots[i].tasks[k]);
	}
	store_close(h->store);
	h->store = NULL;
}

static bool
sync_now(struct hand *h)
{
	struct play *p = h->play;
	struct err err = { 0 };
	int code = store_sync(h->store, &err);

	/* that of the thread, of which it hears now */
	if (code == EX_IOERR && p->mortal)
		return false;
	return !play_failed(p, "sync", code, &err);
}

static int
running(const struct slot *s)
{
	int n = 0;

	for (int k = 0; k < TASKS; k++)
		n += s->tasks[k].running;
	return n;
}

/* Slots that could do more, but not always as much as they could */
static size_t
ask(struct hand *h, struct slot_request v[SLOTS])
{
	struct dice *d = &h->play->dice;
	struct err err = { 0 };
	size_t n = 0;

	for (int i = 0; i < SLOTS; i++) {
		struct slot *s = &h->slots[i];
		int room = TASKS - running(s);

		if (room == 0 || (room < TASKS && dice_one_in(d, 2)))
			continue;
		if (s->fd < 0 && play_failed(h->play, "lock",
		    store_slot_lock(h->store, h->worker, i, &s->fd, &err),
		    &err))
			break;
		if (s->fd >= 0)
			v[n++] = (struct slot_request){ .slot = i,
			    .jobs = 1 + (int)dice_below(d, (size_t)room),
			    .ahead = room == TASKS && dice_one_in(d, 8) };
	}
	return n;
}

static struct task *
free_task(struct slot *s)
{
	struct task *t = s->tasks;

	while (t->running)
		t++;
	return t;
}

static void
start(struct hand *h, const struct claimed *j)
{
	struct task *t = free_task(&h->slots[j->slot]);

	t->running = true;
	t->job = *j;
	t->job.key = arena_copy(&t->arena, j->key);
	t->job.path = arena_copy(&t->arena, j->path);
	t->job.stored.group = arena_copy(&t->arena, j->stored.group);
	t->end = (struct attempt_end){ .job = &t->job,
	    .started = h->play->now, .ending = { .retry_after = -1 },
	    .usage = { 1000000, 1 << 20, 0, 0, -1, RSS_WAITED },
	    .input_bytes = 100 };
	play_promise(h->play, (struct promise){ .kind = PROMISE_STARTED,
	    .id = j->id, .name = j->key.p ? j->key : j->path });
}

static void
end(struct hand *h, struct task *t)
{
	static const int statuses[] = { 0, 0, 0, 0, 1, 1, 65, 75 };
	struct dice *d = &h->play->dice;
	struct attempt_end *e = &t->end;

	t->ended = true;
	e->finished = h->play->now;
	e->company = running(&h->slots[t->job.slot]) > 1 && dice_one_in(d, 2);
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
note_fates(struct hand *h, struct task *const *ended, size_t n)
{
	/* what is said about ends must be synced before */
	bool said = n && dice_one_in(&h->play->dice, 3) && sync_now(h);

	if (said)
		play_promise_log(h->play, h->store);
	for (size_t i = 0; i < n; i++) {
		struct slot *s = &h->slots[ended[i]->job.slot];

		if (said && !h->turn.fates[i].lost)
			play_promise(h->play, (struct promise){
			    .kind = PROMISE_END, .id = ended[i]->job.id,
			    .state = h->turn.fates[i].state,
			    .attempt = ended[i]->job.attempt });
		put_down(ended[i]);
		if (running(s) == 0)
			close_slot(s);
	}
}

/* As lib/engine does: a young job is not started before a sync. false: it
 * died, or failed */
static bool
wait_for_disk(struct hand *h)
{
	struct play *p = h->play;
	struct err err = { 0 };
	int code;

	p->may_die[h->number] = true;
	code = store_sync_job(h->store, h->turn.young, &err);
	p->may_die[h->number] = false;
	if (code == EX_IOERR && p->mortal)
		return false;
	return !play_failed(p, "sync", code, &err);
}

static bool
take_turn(struct hand *h)
{
	struct attempt_end ends[ALL];
	struct task *ended[ALL];
	struct err err = { 0 };
	struct slot_request slots[SLOTS];
	struct turn_request r = { .worker = h->worker,
	    .selection = &everything, .slots = slots, .ends = ends };

	r.nslots = ask(h, slots);
	for (int i = 0; i < ALL; i++) {
		struct task *t = &h->slots[i / TASKS].tasks[i % TASKS];

		if (!t->ended)
			continue;
		ended[r.nends] = t;
		ends[r.nends++] = t->end;
	}
	if (play_failed(h->play, "turn", store_turn(h->store, &r, &h->turn,
	    &err), &err))
		return false;
	if (h->turn.njobs && h->turn.young != 0 && !wait_for_disk(h))
		return false;
	for (size_t i = 0; i < h->turn.njobs; i++)
		start(h, &h->turn.jobs[i]);
	note_fates(h, ended, r.nends);
	return true;
}

/* false: it died, or failed */
static bool
serve(struct hand *h)
{
	struct play *p = h->play;
	struct err err = { 0 };
	bool served, news;
	int code;

	p->may_die[h->number] = true;
	code = store_serve(h->store, &served, &news, &err);
	p->may_die[h->number] = false;
	if (code == EX_IOERR && p->mortal)
		return false;
	return !play_failed(p, "serve", code, &err);
}

static void
work(struct hand *h)
{
	struct dice *d = &h->play->dice;
	struct err err = { 0 };
	struct reaped reaped = { 0 };

	for (size_t i = 0; i < h->play->rounds && h->play->err.code == 0;
	    i++) {
		if (!serve(h) || !take_turn(h))
			break;
		for (int k = 0; k < ALL; k++) {
			struct task *t = &h->slots[k / TASKS].tasks[k % TASKS];

			if (t->running && dice_one_in(d, 2))
				end(h, t);
		}
		/* what is posted meanwhile comes first */
		for (size_t n = dice_below(d, 8); n; n--) {
			cast_pass(&h->play->cast);
			if (!serve(h))
				return;
		}
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
	struct hand h = { .play = p, .number = number };
	struct err err = { 0 };

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
