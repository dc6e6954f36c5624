/* What becomes of the jobs that a handler had in hand. */
#include "base/clock.h"
#include "engine/results.h"
#include "engine/run.h"
#include "engine/usage.h"

/* What the handler did not say is as with its own job. */
static void
complete_records(struct answer *answer, const struct claimed *job)
{
	for (size_t i = 0; i < answer->n; i++) {
		struct record *record = &answer->records[i];

		if (record->type.p == NULL)
			record->type = bytes_of(job->type);
		if (record->priority == 0)
			record->priority = job->priority;
	}
}

void
run_answered(const struct run *r, struct attempt *a)
{
	complete_records(a->answer, &a->job);
	a->apart = true;
	a->status = a->answer->exit;
	a->finished = r->pid == 0 ? a->started : r->started +
		clock_boot(&clock_system) - r->started_boot;
}

/* An equal part for each; the size of a process has no parts. */
static void
share(const struct usage *all, size_t n, struct usage *part)
{
	int64_t count = (int64_t)n;

	*part = *all;
	if (n < 2)
		return;
	part->cpu = all->cpu < 0 ? -1 : all->cpu / count;
	part->read = all->read < 0 ? -1 : all->read / count;
	part->written = all->written < 0 ? -1 : all->written / count;
	part->io_operations = all->io_operations < 0 ? -1 :
		all->io_operations / count;
}

void
run_over(struct run *r, struct attempt *a)
{
	bool said = r->answer.ended && r->answer.answered == ANSWERED;

	a->status = said ? r->answer.exit : r->status;
	a->timed_out = r->timed_out;
	a->oom = r->oom;
	a->company = r->given > 1;
	a->started = r->started;
	a->finished = r->finished;
	share(&r->usage, r->given, &a->usage);
	if (a->answer != NULL)
		complete_records(a->answer, &a->job);
	if (r->given == 1)
		complete_records(&r->answer, &a->job);
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

/* What it said, else the end of what it printed */
static struct bytes
error_of(const struct run *r, const struct attempt *a)
{
	const struct answer *its = said_of_it(r, a);

	if (its != NULL && its->error.len > 0)
		return (struct bytes){ its->error.p, its->error.len };
	if (a->apart || (a->company && a->status == 0))
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
run_end(const struct run *r, const struct attempt *a, struct attempt_end *e)
{
	*e = (struct attempt_end){
		.job = &a->job,
		.ending = { .status = a->status, .timed_out = a->timed_out,
			.oom = a->oom, .retry_after = -1 },
		.company = a->company,
		.started = a->started, .finished = a->finished,
		.usage = a->usage, .input_bytes = a->input_bytes,
		.system_cpu_percent = -1, .system_memory_percent = -1,
		.error = error_of(r, a), .then = a->then,
	};
	if (!a->apart) {
		e->ending.answered = r->answer.answered;
		take_answer(e, &r->answer, r->given > 0 ? r->given : 1);
	}
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
