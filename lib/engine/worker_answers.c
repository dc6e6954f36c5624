/*
 * What co-processes answer, and what is learned from when they do.
 *
 * The window: how many jobs one may have in hand is what it answers in about
 * 50 ms.  It grows at most twofold at a time, so that one wrong guess does not
 * bind many jobs to one co-process.  All of a worker's share what one may have
 * at most: a turn with that many costs next to nothing more per job than a
 * larger one, and so their number does not add to the worker's memory.
 *
 * Of what comes on two pipes nobody can tell which came first.  So one that
 * prints on stderr gets a job at a time for a while: then what is there when it
 * answers is that job's.  What it says for the first time, with several in
 * hand, is taken for that of a job which has failed, else of the oldest that has
 * no answer.
 */
#include "engine/worker_state.h"

#define WINDOW_NS (50 * NS_PER_MS)
#define MEAN_WEIGHT 0.2
#define CHUNK (64 << 10)
#define ALONE 64		/* jobs */

/* So many jobs were answered at once: each took its part of the time. */
struct answers {
	struct hand jobs;
	int64_t from, each;	/* wall; ns */
	const struct attempt *printed;	/* who_printed */
};

static void
keep_printed(struct worker *w, struct slot *s, struct attempt *a)
{
	struct capture *err = &s->run.err;

	if (err->total == 0)
		return;
	a->errout = attempt_keep(a, capture_end(err, RUN_TAIL));
	result_print(w, s);
	capture_clear(err);
}

/* Whose what has come on stderr is, of jobs that were answered since; NULL: it
 * is of the oldest that was not.  before: some had come before their answers. */
static const struct attempt *
who_printed(const struct run *r, const struct answers *t, bool before)
{
	if (before)
		return t->jobs.first;
	for (const struct attempt *a = t->jobs.first; a != NULL; a = a->next)
		if (a->status != 0)
			return a;
	return r->hand.n == 0 ? t->jobs.last : NULL;
}

static void
end_job(struct worker *w, struct slot *s, struct attempt *a,
	struct answers *t)
{
	if (a->started < t->from)
		a->started = t->from;
	t->from += t->each;
	a->finished = a->started > t->from ? a->started : t->from;
	a->apart = true;
	a->sampled = true;
	s->run.talk->unshared++;
	s->run.talk->answers++;
	s->run.told = -1;
	w->failures = 0;
	attempt_complete(a);
	if (a == t->printed)
		keep_printed(w, s, a);
	slot_end_attempt(w, s, a);
}

static void
is_garbled(struct worker *w, struct slot *s, const char *why)
{
	struct coproc *c = s->run.talk;

	c->deaf = true;
	buf_reset(&c->garbled);
	buf_addf(&c->garbled, "%s", why);
	if (s->run.hand.n == 0)
		worker_say(w, "a co-process is ended: %s", why);
	slot_terminate(w, s);
}

static void
take_line(struct worker *w, struct slot *s, struct bytes line,
	struct hand *ended)
{
	struct answer_ground ground = { .cwd = w->config.cwd,
		.now = clock_wall(&clock_system) };
	struct attempt *a;
	bool ends = false;
	int status = 0;
	struct err err;

	if (coproc_answer(s->run.talk, line, &ground, &s->run.hand, &a,
	    &ends, &status, &err) != 0) {
		is_garbled(w, s, err.text);
	} else if (ends) {
		a->status = status;
		hand_drop(&s->run.hand, a);
		hand_add(ended, a);
	}
}

static void
learn(struct coproc *c, const struct answers *t, int slots)
{
	double each = t->each > 0 ? (double)t->each : 1;
	double weight = MEAN_WEIGHT * (double)t->jobs.n;
	int64_t most = slots < SLOT_JOBS ? SLOT_JOBS / slots : 1, window;

	if (c->mean <= 0 || weight > 1)
		weight = 1;
	c->mean += weight * (each - c->mean);
	window = c->mean * (double)most < WINDOW_NS ? most :
		(int64_t)(WINDOW_NS / c->mean);
	if (c->alone > 0) {
		c->alone = c->alone > (int)t->jobs.n ? c->alone -
			(int)t->jobs.n : 0;
		window = 1;
	}
	if (window > 2 * c->window)
		window = 2 * c->window;
	c->window = window > most ? (int)most : window < 1 ? 1 : (int)window;
}

static void
take_chunk(struct worker *w, struct slot *s, const char *chunk, size_t n,
	struct hand *ended)
{
	struct coproc *c = s->run.talk;
	struct bytes line;
	enum frame frame;

	framing_feed(&c->said, chunk, n);
	while (!c->deaf && (frame = framing_next(&c->said, false, &line)) !=
	    FRAME_NONE) {
		if (frame == FRAME_RECORD)
			take_line(w, s, line, ended);
		else
			is_garbled(w, s, "an answer is longer than 8 MiB");
	}
}

/* A line may only say how far a job is, so the time is that of the jobs that
 * lines have ended. */
static void
end_jobs(struct worker *w, struct slot *s, struct answers *t)
{
	struct coproc *c = s->run.talk;
	int64_t took = w->now - c->answered_at;
	struct attempt *a;

	if (t->jobs.n == 0)
		return;
	t->from = clock_wall(&clock_system) - took;
	t->each = took / (int64_t)t->jobs.n;
	/* the first one has waited for the program to start */
	if (c->answers > 0)
		learn(c, t, w->limit);
	c->answered_at = w->now;
	while ((a = hand_take(&t->jobs)) != NULL)
		end_job(w, s, a, t);
}

/* What coproc_read said last */
static ssize_t
read_answers(struct worker *w, struct slot *s, int reads, struct hand *ended)
{
	struct coproc *c = s->run.talk;
	char chunk[CHUNK];
	ssize_t got = 0;

	while (!c->deaf && reads-- > 0 &&
	    (got = coproc_read(c, chunk, sizeof(chunk))) > 0)
		take_chunk(w, s, chunk, (size_t)got, ended);
	return got;
}

bool
coproc_listen(struct worker *w, struct slot *s, int reads)
{
	struct coproc *c = s->run.talk;
	struct capture *err = &s->run.err;
	struct answers t = { 0 };
	int64_t before = err->total;
	ssize_t got = read_answers(w, s, reads, &t.jobs);

	/* what was printed before an answer is there when that is, and answers
	 * before what was printed when this is */
	capture_read(err);
	if (err->total > before) {
		got = read_answers(w, s, reads, &t.jobs);
		c->window = 1;
		c->alone = ALONE;
	}
	t.printed = who_printed(&s->run, &t, before > 0);
	end_jobs(w, s, &t);
	return got >= 0;
}
