/* What a worker is told: by signals, by the operator, by the settings. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/proc.h"
#include "engine/worker_state.h"

#define HOLD NS_PER_S
#define STARVED_MAX 5
#define BUSY (5 * NS_PER_S)		/* is worth a word */
/* Who is to stop gives up what has ended when the store has been busy, or full
 * or broken, for so long; told again, when it was in vain once more */
#define PATIENCE (60 * NS_PER_S)
#define PATIENCE_BROKEN (3 * NS_PER_S)

/* Claims and starts nothing for a second. */
static void
hold(struct worker *w, const char *why)
{
	worker_say(w, "%s; trying again in a second", why);
	w->hold_until = w->now + HOLD;
	w->look = true;
}

/* Whoever waits for this worker to end does not wait for room. */
void
worker_full(struct worker *w)
{
	bool ends = w->o->drain != DRAIN_NO || w->o->attempts > 0;

	w->full = true;
	if (!w->told_full)
		worker_say(w, "the disk is full: nothing more is started%s",
			ends ? "" : " until there is room");
	w->told_full = true;
	if (ends && w->code == 0)
		w->code = EX_IOERR;
	if (ends)
		worker_stop(w, 1);
}

/* That there is some means little where a quota is what is used up. */
void
worker_look_for_room(struct worker *w)
{
	if (!w->full || !store_has_room(w->store))
		return;
	w->full = false;
	w->look = true;
}

static void
tell_of_ends(struct worker *w)
{
	size_t n = ends_unrecorded(w);

	if (n == 0 || w->told)
		return;
	worker_say(w, "%zu finished job%s for room to be recorded", n,
		n == 1 ? " waits" : "s wait");
	w->told = true;
}

/* Once for each way in which the store is broken, whoever meets it */
static void
tell_broken(struct worker *w, const struct err *err)
{
	if (strcmp(w->broken.text, err->text) == 0)
		return;
	w->broken = *err;
	worker_say(w, "%s", err->text);
}

/* Busy is nothing to die of, and neither is a full disk; anything else is. */
void
worker_trouble(struct worker *w, const struct err *err)
{
	bool full = store_full(w->store);
	bool busy = err->code == EX_TEMPFAIL;

	if (w->trouble_since == 0)
		w->trouble_since = w->now;
	w->give_up = w->trouble_since + (busy ? PATIENCE : PATIENCE_BROKEN);
	if (w->stopping >= 2)
		w->give_up = w->now;
	w->hold_until = w->now + HOLD;
	w->look = true;
	if (full) {
		worker_full(w);
		tell_of_ends(w);
	} else if (!busy) {
		tell_broken(w, err);
		if (w->code == 0)
			w->code = err->code;
		worker_stop(w, 1);
	} else if (!w->told && w->now - w->trouble_since >= BUSY) {
		worker_say(w, "%s", err->text);
		w->told = true;
	}
}

void
worker_well(struct worker *w)
{
	w->trouble_since = 0;
	w->told = false;
	w->broken.text[0] = '\0';
	if (w->told_full && !w->full)
		worker_say(w, "there is room on the disk again");
	w->told_full = w->full;
}

void
worker_run_short(struct worker *w, const struct err *err)
{
	int running = (int)slots_alive(w);

	w->starved = running == 0 && err->why == EMFILE ? w->starved + 1 : 0;
	if (w->starved > STARVED_MAX) {
		worker_fail(w, err);
		return;
	}
	w->limit = running > 0 ? running : 1;
	hold(w, err->text);
}

void
worker_recover(struct worker *w)
{
	w->limit += 1 + w->limit / 8;
	if (w->limit > w->wanted)
		w->limit = w->wanted;
}

void
worker_fail(struct worker *w, const struct err *err)
{
	worker_say(w, "%s: stopping", err->text);
	if (w->code == 0)
		w->code = err->code;
	worker_stop(w, 1);
}

/* ---- handlers that are stored in the queue ---- */

#define TRUST_EACH (10 * NS_PER_S)

static void
show_aside(struct worker *w)
{
	w->selection.aside = w->handlers.aside;
	w->selection.naside = w->handlers.naside;
}

/* One that is stored is of its types alone; with a COMMAND there is nothing
 * else to run. */
void
worker_cannot(struct worker *w, const struct claimed *job,
	const struct err *err)
{
	if (err->code == EX_TEMPFAIL) {
		worker_run_short(w, err);
	} else if (w->o->command == NULL && (err->code == EX_UNAVAILABLE ||
	    err->code == EX_NOPERM || err->code == EX_CONFIG)) {
		if (handlers_set_aside(&w->handlers, job->handler, w->now))
			worker_say(w, "type %s: %s; its jobs wait until that "
				"is mended", job->type, err->text);
		show_aside(w);
	} else {
		worker_fail(w, err);
	}
}

void
worker_look_at_handlers(struct worker *w)
{
	struct err err;
	bool trusted;

	if (handlers_take_back(&w->handlers, w->now)) {
		show_aside(w);
		w->look = true;
	}
	if (w->now < w->next_trust || w->stopping)
		return;
	w->next_trust = w->now + TRUST_EACH;
	if (store_trusted(w->store, &trusted, &err) == 0 && !trusted)
		err_set(&err, EX_NOPERM, "%s is no longer trusted",
			store_path(w->store));
	else if (trusted || err.code != EX_NOPERM)
		return;
	worker_fail(w, &err);
}

/* ---- how much at once ---- */

/* How many at once the operator wants */
static int
asked_for(struct worker *w)
{
	struct setting_value v;
	struct err err;
	bool set = false;

	if (w->o->limit > 0)
		return w->o->limit;
	if (store_setting_value(w->store, NULL, SET_WORKERS, &v, &set,
	    &err) != 0) {
		tell_broken(w, &err);
		set = false;
	}
	return set ? (int)v.i : proc_cores();
}

void
worker_read_limit(struct worker *w)
{
	int asked = asked_for(w);

	if (asked == w->asked)
		return;
	w->asked = asked;
	w->wanted = w->limit = files_carry(&w->files, asked);
	w->config.files = files_of_handlers(&w->files);
	w->next_beat = w->now;	/* which tells the queue */
	if (w->limit < asked)
		worker_say(w, "at most %d at once instead of %d: the hard "
			"limit of open files (ulimit -Hn) is %" PRId64,
			w->limit, asked, files_hard(&w->files));
}

void
worker_stop(struct worker *w, int level)
{
	if (level > w->stopping)
		w->stopping = level;
	worker_give_back(w, NULL);
	for (size_t i = 0; i < w->nslots; i++) {
		struct slot *s = w->slots[i];

		if (!slot_lives(s))
			continue;
		if (s->run.talk != NULL && s->force == FORCE_NONE)
			coproc_close(w, s);
		if (level < 2)
			continue;
		slot_stop(w, s, ORDER_RELEASE);
		if (level >= 3)
			slot_kill(w, s);
	}
}

static size_t
jobs_running(const struct worker *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->nslots; i++)
		if (slot_lives(w->slots[i]))
			n += w->slots[i]->run.hand.n;
	return n;
}

static void
told_to_stop(struct worker *w, int number)
{
	size_t n = jobs_running(w);

	/* the bar would stand in the way of what the shell says next */
	worker_make_way(w);
	w->progress.on = false;
	if (w->stopping == 0 && n > 0)
		worker_say(w, "stopping when %zu running job%s ended (told "
			"again: now)", n, n == 1 ? " has" : "s have");
	else if (w->stopping == 1 && n > 0)
		worker_say(w, "ending %zu running job%s now, and giving %s "
			"back (told again: without grace)", n,
			n == 1 ? "" : "s", n == 1 ? "it" : "them");
	if (number == SIGINT)
		w->tally->interrupted = true;
	worker_stop(w, w->stopping + 1);
}

/* The keeper passes on what it is sent.  Who signals the process group, as
 * timeout(1) and the shell's kill %1 do, reaches us directly as well, and means
 * it once. */
static void
take_stop(struct worker *w, const struct signal_heard *h)
{
	struct times_told *t = &w->told_stop[h->number == SIGINT];
	int *times = h->from_parent ? &t->by_keeper : &t->directly;

	if (++*times > t->counted) {
		t->counted = *times;
		told_to_stop(w, h->number);
	}
}

void
worker_take_signals(struct worker *w)
{
	struct signal_heard seen[8];
	size_t n = signals_read(&w->signals, seen, 8);
	bool reap = false;

	for (size_t i = 0; i < n; i++) {
		if (seen[i].number == SIGCHLD) {
			reap = true;
		} else if (seen[i].number == SIGHUP) {
			worker_read_limit(w);
			w->look = true;
		} else if (seen[i].number == SIGTERM || !w->deaf) {
			take_stop(w, &seen[i]);
		}
	}
	if (reap)
		worker_reap(w);
}

static void
order_jobs(struct worker *w, const int64_t *ids, size_t n, enum order why)
{
	for (size_t i = 0; i < w->nslots && n > 0; i++) {
		struct slot *s = w->slots[i];

		if (!slot_lives(s) && s->stage != SLOT_CLAIMED)
			continue;
		for (size_t k = 0; k < n; k++) {
			struct attempt *a = hand_find(&s->run.hand, ids[k]);

			if (a != NULL)
				slot_order(w, s, a, why);
		}
	}
}

/* Somebody took us for dead. What runs belongs to others. */
static void
forget_all(struct worker *w)
{
	worker_say(w, "this worker was taken for dead: its jobs are ended "
		"here, and it joins again");
	worker_give_back(w, NULL);
	for (size_t i = 0; i < w->nslots; i++) {
		struct slot *s = w->slots[i];

		if (s->stage != SLOT_FREE)
			slot_stop(w, s, ORDER_FORGET);
	}
	w->rejoin = true;
}

void
worker_obey(struct worker *w, struct orders *orders)
{
	order_jobs(w, orders->cancel, orders->ncancel, ORDER_CANCEL);
	order_jobs(w, orders->release, orders->nrelease, ORDER_RELEASE);
	if (orders->gone && !w->rejoin)
		forget_all(w);
	orders_release(orders);
}

void
worker_take_orders(struct worker *w)
{
	struct orders orders = { 0 };
	struct err err;

	if (store_worker_orders(w->store, w->id, &orders, &err) != 0)
		tell_broken(w, &err);
	else
		worker_obey(w, &orders);
}

/* ---- what programs want that put something in ---- */

/* Whoever posts wakes us, after it, and what woke us was drained before, so
 * nothing is overlooked.  With jobs of our own at most half of the time is for
 * others. */
int
worker_serve(struct worker *w, struct err *err)
{
	int64_t began = w->now;
	bool served, news;
	int code;

	if (w->now < w->serve_at || store_wake_fd(w->store) < 0)
		return 0;
	code = store_serve(w->store, &served, &news, err);
	w->look = w->look || news;
	w->unsynced = w->unsynced || served;
	worker_read_clock(w);
	/* a rest after nothing would end at once, and end our sleep */
	if (served && w->count[SLOT_RUNNING] > 0)
		w->serve_at = w->now + (w->now - began);
	return code;
}
