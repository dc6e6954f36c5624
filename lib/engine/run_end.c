/* What becomes of the jobs that a handler had in hand. */
#include "base/clock.h"
#include "engine/results.h"
#include "engine/run.h"
#include "engine/usage.h"

void
run_answered(struct run *r, struct attempt *a, int64_t n)
{
	int64_t now = r->gone ? r->finished : r->started +
		clock_boot(&clock_system) - r->started_boot;

	attempt_complete(a);
	a->apart = true;
	a->status = a->answer->exit;
	a->started = r->since;
	a->finished = r->since += (now - r->since) / n;
}

static int64_t
part(int64_t all, double left, size_t n)
{
	return all < 0 ? -1 : (int64_t)((double)all * left) / (int64_t)n;
}

/* Those that it had when it ended have what it used since the last of the
 * others ended, as far as one can tell: an equal part each.  The size of a
 * process has no parts. */
static void
share(const struct run *r, size_t n, struct usage *u)
{
	double took = (double)(r->finished - r->started);
	double left = n == r->given || took <= 0 ? 1 :
		(double)(r->finished - r->since) / took;

	*u = r->usage;
	u->cpu = part(u->cpu, left, n);
	u->read = part(u->read, left, n);
	u->written = part(u->written, left, n);
	u->io_operations = part(u->io_operations, left, n);
}

/* A co-process works on what is left since its last answer, or since it was
 * told of the first of them. */
static int64_t
began(const struct run *r)
{
	int64_t from;

	if (r->talk == NULL)
		return r->since;
	from = r->started + r->talk->answered_at - r->started_boot;
	return from < r->started ? r->started : from < r->finished ? from :
		r->finished;
}

void
run_over(struct run *r, struct attempt *a, size_t n)
{
	bool said = r->answer.ended && r->answer.answered == ANSWERED;

	a->status = said ? r->answer.exit : r->status;
	a->timed_out = r->timed_out;
	a->oom = r->oom;
	a->company = r->given > 1;
	a->answered = r->answer.answered;
	a->started = began(r);
	a->finished = r->finished;
	a->together = n;
	share(r, n, &a->usage);
	a->sampled = r->given > 1;
	attempt_complete(a);
	if (r->given == 1)
		answer_complete(&r->answer, &a->job);
}

int
run_results(const struct run *r, const struct run_config *c,
	const struct attempt *a, struct err *err)
{
	if (r->directory < 0)
		return 0;
	if (r->first != a->job.id)
		return results_share(c->results, a->job.id, a->job.attempt,
			r->directory, a->status, err);
	return results_finish(r->directory, a->status, err);
}

/* What was said of it by name, where that counts */
static const struct answer *
said_of_it(const struct run *r, const struct attempt *a)
{
	return a->apart || r->answer.answered == ANSWERED ? a->answer : NULL;
}

static struct bytes
last_of(struct bytes b, size_t n)
{
	return b.n <= n ? b : (struct bytes){ b.p + b.n - n, n };
}

/* What it said, else the end of what it printed */
static struct bytes
error_of(const struct run *r, const struct attempt *a)
{
	const struct answer *its = said_of_it(r, a);

	if (its != NULL && its->error.len > 0)
		return (struct bytes){ its->error.p, its->error.len };
	if (a->apart)
		return last_of(a->errout, RUN_ERROR);
	if (a->company && (a->status == 0 || r->talk != NULL))
		return BYTES_NONE;
	if (r->answer.error.len > 0)
		return (struct bytes){ r->answer.error.p,
			r->answer.error.len };
	return capture_end(&r->err, RUN_ERROR);
}

/* n: of so many jobs it was said */
static void
take_answer(struct attempt_end *e, const struct answer *said, size_t n)
{
	if (said->retry_after >= 0)
		e->ending.retry_after = said->retry_after;
	if (said->refined) {
		e->ending.refined = true;
		e->ending.said = said->outcome;
	}
	if (said->bytes >= 0)
		e->input_bytes = said->bytes / (int64_t)n;
	if (said->n > 0) {
		e->follow = said->records;
		e->nfollow = said->n;
	}
}

void
run_end(const struct run *r, const struct attempt *a,
	const struct conditions *under, struct attempt_end *e)
{
	*e = (struct attempt_end){
		.job = &a->job,
		.ending = { .status = a->status, .timed_out = a->timed_out,
			.oom = a->oom, .answered = a->answered,
			.retry_after = -1 },
		.company = a->company,
		.started = a->started, .finished = a->finished,
		.together = a->together,
		.usage = a->usage, .sampled = a->sampled,
		.input_bytes = a->input_bytes,
		.under = under, .footprint = a->apart ? NULL : &r->footprint,
		.error = error_of(r, a), .errout = a->errout, .then = a->then,
	};
	if (!a->apart)
		take_answer(e, &r->answer, r->given > 0 ? r->given : 1);
	if (said_of_it(r, a) != NULL)
		take_answer(e, a->answer, 1);
	/* of several jobs nobody could tell whose it is */
	if (!a->apart && !a->company && r->directory < 0 &&
	    r->err.keep >= RUN_TAIL) {
		e->out = capture_end(&r->out, RUN_TAIL);
		e->errout = capture_end(&r->err, RUN_TAIL);
	}
	e->outcome = outcome_of(&e->ending, &e->reason);
}
