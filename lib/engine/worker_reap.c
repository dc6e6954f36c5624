/* How handlers end: by themselves, or because they must. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "engine/keeper.h"
#include "engine/worker_state.h"

#define ROUND_MIN (1 * NS_PER_MS)
#define ROUND_MAX (500 * NS_PER_MS)
#define MEAN_WEIGHT 0.1

/* ---- ending ---- */

void
slot_roots(struct worker *w, const struct slot *s)
{
	w->roots.n = 0;
	if (!s->run.gone)
		pids_add(&w->roots, s->run.pid);
	for (size_t i = 0; i < s->orphans.n; i++)
		pids_add(&w->roots, s->orphans.v[i]);
}

void
slot_kill(struct worker *w, struct slot *s)
{
	if (s->force != FORCE_KILL)
		s->pause = ROUND_MIN;
	s->force = FORCE_KILL;
	slot_roots(w, s);
	tree_kill(&w->tree, &w->roots);
	s->next = w->now + s->pause;
	if (s->pause < ROUND_MAX)
		s->pause *= 2;
}

int64_t
slot_grace(const struct worker *w, const struct slot *s)
{
	return w->o->grace >= 0 ? w->o->grace : s->grace;
}

static void
tell_grace(struct worker *w, int64_t grace)
{
	if (grace == w->grace || w->o->keeper == NULL)
		return;
	w->grace = grace;
	keeper_grace(w->o->keeper, grace);
}

void
slot_tell_grace(struct worker *w, const struct slot *s)
{
	if (slots_alive(w) == 1 || slot_grace(w, s) > w->grace)
		tell_grace(w, slot_grace(w, s));
}

void
worker_tell_grace(struct worker *w)
{
	int64_t longest = 0;

	for (size_t i = 0; i < w->nslots; i++) {
		const struct slot *s = w->slots[i];

		if (slot_lives(s) && slot_grace(w, s) > longest)
			longest = slot_grace(w, s);
	}
	if (slots_alive(w) > 0)
		tell_grace(w, longest);
}

void
slot_terminate(struct worker *w, struct slot *s)
{
	if (s->force != FORCE_NONE)
		return;
	if (s->run.talk != NULL)
		coproc_last_words(w, s);
	if (s->force != FORCE_NONE)
		return;
	s->force = FORCE_TERM;
	s->next = w->now + slot_grace(w, s);
	slot_roots(w, s);
	tree_signal(&w->tree, &w->roots, SIGTERM);
}

void
slot_stop(struct worker *w, struct slot *s, enum order why)
{
	/* A handler that has ended has its outcome; only what it left behind
	 * is to be stopped. */
	if (slot_lives(s) && s->run.talk != NULL && !s->run.gone)
		coproc_last_words(w, s);
	if ((s->order == ORDER_NONE && !(slot_lives(s) && s->run.gone)) ||
	    why == ORDER_FORGET)
		s->order = why;
	if (slot_lives(s))
		slot_terminate(w, s);
}

void
slot_order(struct worker *w, struct slot *s, struct attempt *a,
	enum order why)
{
	if (slot_lives(s) && s->run.gone)
		return;
	if (slot_lives(s) && s->run.talk != NULL && !coproc_has(w, s, a))
		return;
	if (a->order == ORDER_NONE)
		a->order = why;
	if (slot_lives(s) && a->started == 0)
		coproc_drop(w, s, a);
	else if (slot_lives(s))
		slot_stop(w, s, ORDER_RELEASE);
}

void
worker_deadlines(struct worker *w)
{
	for (size_t i = 0; i < w->nslots; i++) {
		struct slot *s = w->slots[i];

		if (!slot_lives(s) || s->next == 0 || s->next > w->now)
			continue;
		if (s->force == FORCE_NONE && s->run.talk != NULL) {
			coproc_due(w, s);
		} else if (s->force == FORCE_NONE) {
			s->run.timed_out = !s->run.gone;
			slot_terminate(w, s);
		} else {
			slot_kill(w, s);
		}
	}
}

/* ---- whose is it ---- */

static struct slot *
slot_of_handler(const struct worker *w, pid_t pid)
{
	for (size_t i = 0; i < w->nslots; i++) {
		struct slot *s = w->slots[i];

		if (slot_lives(s) && !s->run.gone &&
		    s->run.pid == pid)
			return s;
	}
	return NULL;
}

static struct slot *
slot_of_orphan(const struct worker *w, pid_t pid)
{
	for (size_t i = 0; i < w->nslots; i++) {
		struct slot *s = w->slots[i];

		if (slot_lives(s) && pids_has(&s->orphans, pid))
			return s;
	}
	return NULL;
}

/* What orphans can be told by; the caller frees it. */
static struct tree_handler *
running_handlers(const struct worker *w, size_t *n)
{
	struct tree_handler *v;

	v = mem_alloc((slots_alive(w) + 1) * sizeof(*v));
	*n = 0;
	for (size_t i = 0; i < w->nslots; i++) {
		const struct slot *s = w->slots[i];

		if (!slot_lives(s))
			continue;
		v[(*n)++] = (struct tree_handler){
			.pid = s->run.pid, .gone = s->run.gone,
			.slot = s->number, .lock_offset = s->lock_offset,
			.sign = s->run.sign, .started = s->run.started_boot,
		};
	}
	return v;
}

static struct slot *
owner_of(struct worker *w, pid_t pid)
{
	size_t n;
	struct tree_handler *v = running_handlers(w, &n);
	int found = tree_owner(&w->tree, pid, v, n);
	struct slot *s = found >= 0 ? w->slots[v[found].slot] : NULL;

	free(v);
	return s;
}

/* ---- reaping ---- */

static void
note_end(struct worker *w, struct slot *s, int status)
{
	run_ended(&s->run, status);
	if (s->stage == SLOT_IDLE)
		slot_enter(w, s, SLOT_RUNNING);
	/* evidence is looked for only where we did not kill it ourselves */
	if (s->run.status == -SIGKILL && s->force != FORCE_KILL)
		s->run.oom = usage_oom(&w->meter);
}

static void
reap_one(struct worker *w, pid_t pid)
{
	struct slot *handler = slot_of_handler(w, pid), *s = handler;
	struct usage used;
	int status;

	if (s == NULL)
		s = slot_of_orphan(w, pid);
	if (s == NULL) {
		s = owner_of(w, pid);
		usage_stale(&w->meter);
	}
	if (!usage_wait(&w->meter, pid, &status, &used) || s == NULL)
		return;
	usage_add(&s->run.usage, &used);
	pids_remove(&s->orphans, pid);
	if (handler != NULL)
		note_end(w, handler, status);
}

static bool
reap_all(struct worker *w)
{
	siginfo_t info;
	bool any = false;

	usage_stale(&w->meter);
	for (;;) {
		info.si_pid = 0;
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
			if (errno == EINTR)
				continue;
			return any;
		}
		if (info.si_pid == 0)
			return any;
		reap_one(w, info.si_pid);
		any = true;
	}
}

/* Whose parent has ended is a child of ours now. */
static void
find_orphans(struct worker *w)
{
	struct pids found = { NULL, 0, 0 };
	struct tree_handler *v;
	struct slot *s;
	size_t n;
	int at;

	v = running_handlers(w, &n);
	tree_strangers(&w->tree, v, n, &found);
	for (size_t i = 0; i < found.n; i++) {
		if (slot_of_orphan(w, found.v[i]) != NULL)
			continue;
		at = tree_owner(&w->tree, found.v[i], v, n);
		if (at < 0)
			continue;
		s = w->slots[v[at].slot];
		pids_add(&s->orphans, found.v[i]);
		if (s->force == FORCE_KILL)
			s->next = w->now;
	}
	pids_release(&found);
	free(v);
}

/* Only where nobody tells us: those of the list that do not exist any more */
static void
drop_vanished(struct pids *p)
{
	for (size_t i = p->n; i-- > 0; ) {
		if (!tree_lives(p->v[i]))
			p->v[i] = p->v[--p->n];
	}
}

void
slot_end_attempt(struct worker *w, struct slot *s, struct attempt *a)
{
	struct err err;

	if (run_results(&s->run, &w->config, a, &err) != 0)
		worker_say(w, "%s", err.text);
	attempt_ended(w, a);
}

void
slot_take_answers(struct worker *w, struct slot *s)
{
	struct hand all = s->run.hand;
	int64_t n = run_answers(&s->run);
	struct attempt *a;

	if (n == 0)
		return;
	s->run.hand = (struct hand){ 0 };
	while ((a = hand_take(&all)) != NULL) {
		if (a->answer == NULL || !a->answer->ended) {
			hand_add(&s->run.hand, a);
			continue;
		}
		run_answered(&s->run, a, n--);
		slot_end_attempt(w, s, a);
	}
}

static void
handler_over(struct worker *w, struct slot *s)
{
	struct attempt *a;
	double took;
	size_t n;

	run_finish(&s->run, &w->config);
	slot_take_answers(w, s);
	result_print(w, s);
	n = s->run.hand.n;
	while ((a = hand_take(&s->run.hand)) != NULL) {
		run_over(&s->run, a, n);
		slot_end_attempt(w, s, a);
	}
	took = (double)(s->run.finished - s->run.started);
	w->mean = w->sampled++ == 0 ? took :
		w->mean + MEAN_WEIGHT * (took - w->mean);
}

void
slot_wrap_up(struct worker *w, struct slot *s)
{
	s->next = 0;
	if (s->run.talk != NULL)
		coproc_over(w, s);
	else
		handler_over(w, s);
	slot_ended(w, s);
}

void
worker_wrap_up(struct worker *w)
{
	for (size_t i = 0; w->count[SLOT_OVER] > 0 && i < w->nslots; i++) {
		if (w->slots[i]->stage == SLOT_OVER)
			slot_wrap_up(w, w->slots[i]);
	}
}

void
worker_reap(struct worker *w)
{
	bool looking = tree_look_again() != 0;

	if (reap_all(w) || looking)
		find_orphans(w);
	for (size_t i = 0; i < w->nslots; i++) {
		struct slot *s = w->slots[i];

		if (!slot_lives(s) || !s->run.gone)
			continue;
		if (looking)
			drop_vanished(&s->orphans);
		if (s->orphans.n == 0)
			slot_enter(w, s, SLOT_OVER);
		else if (!s->wait_leftovers)
			slot_terminate(w, s);
	}
}
