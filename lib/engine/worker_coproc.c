/* Co-processes in the slots of a worker: what they are given to do, and how
 * they end. */

#include "engine/worker_state.h"

#define READS 4			/* a turn, so that others get theirs */
#define LAST_READS 256
#define SAY_AHEAD (64 << 10)	/* bytes: what a pipe takes */
/* Looking at the file costs more than a job that is shorter than this. */
#define LOOK_AT_FILE NS_PER_MS
#define TAKE_BACK_NS NS_PER_S
#define IDLE_NS (5 * 60 * NS_PER_S)
#define REPLACE_MIN (100 * NS_PER_MS)
#define REPLACE_MAX (30 * NS_PER_S)

/* ---- what it is to do ---- */

int
coproc_room(const struct slot *s)
{
	const struct coproc *c = s->run.talk;
	int n = (int)s->run.hand.n;

	if (c->closing || c->deaf || s->run.gone || s->force != FORCE_NONE ||
	    2 * n > c->window)
		return 0;
	return c->window - n;
}

bool
coproc_looks(const struct slot *s)
{
	return s->run.talk == NULL || s->run.talk->mean > LOOK_AT_FILE;
}

/* The deadline of the job that it has had longest, or of its end; from when
 * that was first so, whatever else it does meanwhile. */
static void
set_deadline(struct worker *w, struct slot *s)
{
	struct coproc *c = s->run.talk;
	const struct attempt *a = s->run.hand.first;
	int64_t due = a != NULL ? a->job.id : c->closing ? DUE_END : DUE_IDLE;
	int64_t time = a != NULL ? attempt_timeout(w, a) :
		c->closing ? slot_grace(w, s) : IDLE_NS;

	if (s->force != FORCE_NONE || c->hung_up)
		return;
	if (c->due != due)
		c->due_since = w->now;
	c->due = due;
	/* a job may have no timeout */
	s->next = a == NULL || time > 0 ? c->due_since + time : 0;
}

static void
has_none_left(struct worker *w, struct slot *s)
{
	struct coproc *c = s->run.talk;

	if (s->stage == SLOT_RUNNING && s->run.hand.n == 0 && !c->closing &&
	    !c->deaf && !s->run.gone)
		slot_enter(w, s, SLOT_IDLE);
	set_deadline(w, s);
}

/* It reads or speaks no more, so it is about to end; if it is not, its grace
 * will. */
static void
has_hung_up(struct worker *w, struct slot *s)
{
	struct coproc *c = s->run.talk;

	if (s->force != FORCE_NONE || c->hung_up || s->run.gone)
		return;
	coproc_close(w, s);
	c->hung_up = true;
	s->next = w->now + slot_grace(w, s);
}

static void
say_one(struct worker *w, struct slot *s, struct attempt *a, int64_t now)
{
	struct coproc *c = s->run.talk;

	if (!coproc_can_say(c, &a->job)) {
		hand_drop(&s->run.hand, a);
		attempt_refuse(w, a, "its path holds a newline, and --format "
			"lines gives one a line");
		return;
	}
	if (coproc_looks(s))
		attempt_measure(a);
	coproc_say(c, a);
	a->started = now;
	w->waiting--;
	w->tally->started++;
}

void
coproc_feed(struct worker *w, struct slot *s)
{
	struct coproc *c = s->run.talk;
	struct attempt *a;
	int64_t now = clock_wall(&clock_system);
	bool reads = true;

	if (c->in < 0)
		return;
	if (s->stage == SLOT_IDLE && s->run.hand.n > 0)
		slot_enter(w, s, SLOT_RUNNING);
	if (c->unsaid == s->run.hand.first)
		c->answered_at = w->now;
	do {
		while ((a = c->unsaid) != NULL && c->text.len < SAY_AHEAD) {
			c->unsaid = a->next;
			say_one(w, s, a, now);
		}
		reads = coproc_write(c);
	} while (reads && c->unsaid != NULL && !coproc_has_to_write(c));
	if (!reads)
		has_hung_up(w, s);
	else
		has_none_left(w, s);
}

void
coproc_close(struct worker *w, struct slot *s)
{
	struct coproc *c = s->run.talk;

	coproc_take_back(w, s);
	if (s->stage == SLOT_IDLE)
		slot_enter(w, s, SLOT_RUNNING);
	c->closing = true;
	coproc_write(c);
	set_deadline(w, s);
}

/* What was said and not written is as if it had not been said. */
static void
unsay(struct worker *w, struct slot *s, struct attempt *first)
{
	struct coproc *c = s->run.talk;

	if (first != c->unsaid)
		coproc_unsay(c, first);
	for (struct attempt *a = first; a != c->unsaid; a = a->next) {
		a->started = 0;
		w->waiting++;
		w->tally->started--;
	}
	c->unsaid = first;
}

void
coproc_take_back(struct worker *w, struct slot *s)
{
	struct coproc *c = s->run.talk;
	struct attempt *a = s->run.hand.first;
	size_t known = 0;

	for (; a != c->unsaid && !coproc_unwritten(c, a); a = a->next)
		known++;
	unsay(w, s, a);
	if (a == NULL)
		return;
	c->unsaid = NULL;
	slot_keep(w, s, known);
	/* or it would be given them again at once */
	c->window = known > 0 ? (int)known : 1;
	/* it may have answered all of the others */
	has_none_left(w, s);
}

bool
coproc_runs(const struct slot *s, const char *type)
{
	return s->run.talk != NULL && s->run.hand.n > 0 &&
		strcmp(s->run.hand.first->job.type, type) == 0;
}

int64_t
coproc_take_back_at(const struct slot *s)
{
	const struct coproc *c = s->run.talk;

	if (s->stage != SLOT_RUNNING || s->run.hand.n == 0 ||
	    (c->unsaid == NULL && !coproc_unwritten(c, s->run.hand.last)))
		return 0;
	return c->answered_at + TAKE_BACK_NS;
}

void
coproc_drop(struct worker *w, struct slot *s, struct attempt *a)
{
	struct coproc *c = s->run.talk;

	if (c->unsaid == a)
		c->unsaid = a->next;
	hand_drop(&s->run.hand, a);
	attempt_ended(w, a);
	has_none_left(w, s);
}

void
coproc_hear(struct worker *w, struct slot *s)
{
	struct coproc *c = s->run.talk;

	if (!coproc_listen(w, s, READS))
		has_hung_up(w, s);
	else if (!c->deaf)
		has_none_left(w, s);
}

bool
coproc_has(struct worker *w, struct slot *s, const struct attempt *a)
{
	coproc_hear(w, s);
	return hand_find(&s->run.hand, a->job.id) == a;
}

/* ---- its end ---- */

void
coproc_due(struct worker *w, struct slot *s)
{
	if (s->stage == SLOT_IDLE) {
		coproc_close(w, s);
		return;
	}
	s->run.timed_out = s->run.hand.n > 0 && !s->run.gone &&
		!s->run.talk->hung_up;
	slot_terminate(w, s);
}

void
coproc_last_words(struct worker *w, struct slot *s)
{
	struct coproc *c = s->run.talk;

	if (s->stage == SLOT_IDLE)
		slot_enter(w, s, SLOT_RUNNING);
	if (c->deaf)
		return;
	coproc_listen(w, s, READS);
	c->deaf = true;
	coproc_take_back(w, s);
}

/* The one that it worked on, and who was with it */
static void
end_unanswered(struct worker *w, struct slot *s)
{
	struct run *r = &s->run;
	struct coproc *c = r->talk;
	struct attempt *a, *oldest = r->hand.first;
	size_t n = r->hand.n;

	while ((a = hand_take(&r->hand)) != NULL) {
		run_over(r, a, n);
		a->usage = c->share;
		a->sampled = true;
		a->company = a != oldest;
		if (c->garbled.len > 0 || (r->status == 0 && !r->timed_out))
			a->answered = ANSWERED_WRONG;
		if (a == oldest && c->garbled.len > 0)
			buf_add(&attempt_answer(a)->error, c->garbled.p,
				c->garbled.len);
		else if (a == oldest && a->answered == ANSWERED_WRONG &&
		    r->err.total == 0)
			buf_adds(&attempt_answer(a)->error,
				"it ended without an answer");
		slot_end_attempt(w, s, a);
	}
}

/* One that ends again and again before it has answered anything would use up
 * an attempt of each job that there is. */
static void
note_failure(struct worker *w, struct slot *s)
{
	int64_t pause = REPLACE_MIN;

	if (s->run.talk->answers > 0 || s->order != ORDER_NONE ||
	    s->run.hand.n == 0 || ++w->failures < 2)
		return;
	for (int i = 2; i < w->failures && pause < REPLACE_MAX; i++)
		pause *= 2;
	if (pause > REPLACE_MAX)
		pause = REPLACE_MAX;
	w->replace_at = w->now + pause;
	w->look = true;
	if (w->failures == 2 || pause >= NS_PER_S)
		worker_say(w, "%d co-processes have ended without an answer: "
			"the next one is started in %.1f s", w->failures,
			(double)pause / NS_PER_S);
}

void
coproc_over(struct worker *w, struct slot *s)
{
	struct coproc *c = s->run.talk;

	if (!c->deaf)
		coproc_listen(w, s, LAST_READS);
	capture_read(&s->run.err);
	coproc_take_back(w, s);
	note_failure(w, s);
	coproc_share(c, &s->run.usage, s->run.hand.n);
	result_print(w, s);
	end_unanswered(w, s);
}

void
coproc_count(struct worker *w, struct slot *s)
{
	struct coproc *c = s->run.talk;
	struct usage used;

	(void)w;
	if (c->unshared == 0 || s->run.gone)
		return;
	usage_of(s->run.pid, &used);
	coproc_share(c, &used, 0);
}
