/*
 * What co-processes answer, and what is learned from when they do.
 *
 * The window: how many jobs one may have in hand is what it answers in about
 * 50 ms.  It grows at most twofold at a time, so that one wrong guess does not
 * bind many jobs to one co-process.  All of a worker's share what one may have
 * at most: a turn with that many costs next to nothing more per job than a
 * larger one, and so their number does not add to the worker's memory.
 */
#include "engine/worker_state.h"

#define WINDOW_NS (50 * NS_PER_MS)
#define MEAN_WEIGHT 0.2
#define CHUNK (64 << 10)

/* So many answers have come at once: each took its part of the time. */
struct answers {
	int64_t from, each;	/* wall; ns */
	int64_t taken;
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

static void
end_job(struct worker *w, struct slot *s, struct attempt *a, int status,
	struct answers *t)
{
	int64_t from = t->from + t->each * t->taken++;

	hand_drop(&s->run.hand, a);
	if (a->started < from)
		a->started = from;
	a->finished = from + t->each;
	if (a->finished < a->started)
		a->finished = a->started;
	a->status = status;
	a->apart = true;
	a->sampled = true;
	s->run.talk->unshared++;
	s->run.talk->answers++;
	s->run.told = -1;
	w->failures = 0;
	attempt_complete(a);
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
	struct answers *t)
{
	struct answer_ground ground = { .cwd = w->config.cwd, .now = t->from };
	struct attempt *a;
	bool ended = false;
	int status = 0;
	struct err err;

	if (coproc_answer(s->run.talk, line, &ground, &s->run.hand, &a,
	    &ended, &status, &err) != 0)
		is_garbled(w, s, err.text);
	else if (ended)
		end_job(w, s, a, status, t);
}

static void
learn(struct coproc *c, int64_t k, const struct answers *t, int slots)
{
	double each = t->each > 0 ? (double)t->each : 1;
	double weight = MEAN_WEIGHT * (double)k;
	int64_t most = slots < SLOT_JOBS ? SLOT_JOBS / slots : 1, window;

	if (c->mean <= 0 || weight > 1)
		weight = 1;
	c->mean += weight * (each - c->mean);
	window = c->mean * (double)most < WINDOW_NS ? most :
		(int64_t)(WINDOW_NS / c->mean);
	if (window > 2 * c->window)
		window = 2 * c->window;
	c->window = window > most ? (int)most : window < 1 ? 1 : (int)window;
}

static int64_t
count_lines(const char *p, size_t n)
{
	const char *end = p + n;
	int64_t k = 0;

	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		k++;
		p++;
	}
	return k;
}

static void
take_chunk(struct worker *w, struct slot *s, const char *chunk, size_t n)
{
	struct coproc *c = s->run.talk;
	int64_t k = count_lines(chunk, n), took = w->now - c->answered_at;
	struct answers t = { .from = clock_wall(&clock_system) - took };
	struct bytes line;
	enum frame frame;

	framing_feed(&c->said, chunk, n);
	if (k > 0)
		t.each = took / k;
	/* the first one has waited for the program to start */
	if (k > 0 && c->answers > 0)
		learn(c, k, &t, w->limit);
	if (k > 0)
		c->answered_at = w->now;
	while (!c->deaf && (frame = framing_next(&c->said, false, &line)) !=
	    FRAME_NONE) {
		if (frame == FRAME_RECORD)
			take_line(w, s, line, &t);
		else
			is_garbled(w, s, "an answer is longer than 8 MiB");
	}
}

bool
coproc_listen(struct worker *w, struct slot *s, int reads)
{
	struct coproc *c = s->run.talk;
	char chunk[CHUNK];
	ssize_t got = 0;

	/* what was printed before an answer is not the next job's */
	capture_read(&s->run.err);
	while (!c->deaf && reads-- > 0 &&
	    (got = coproc_read(c, chunk, sizeof(chunk))) > 0)
		take_chunk(w, s, chunk, (size_t)got);
	return got >= 0;
}
