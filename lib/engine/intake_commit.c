/* A batch into the queue, and what to do when there is no room. */
#include <time.h>

#include "engine/intake.h"

/* How long to wait before a full queue is tried again */
#define FULL_WAIT_MS 100

static enum on_full
policy(struct intake *in, const struct record *r)
{
	struct setting_value v;
	struct err ignored;
	char type[TYPE_MAX + 1];
	bool set;

	if (in->on_full != FULL_SETTING)
		return in->on_full;
	snprintf(type, sizeof(type), "%.*s", (int)r->type.n, r->type.p);
	if (store_setting_value(in->store, type, SET_ON_FULL, &v, &set,
	    &ignored) || !set)
		return FULL_BLOCK;
	return (enum on_full)v.choice;	/* block fail drop, in that order */
}

/* records[i] found its type full. *again: try it once more. */
static int
queue_is_full(struct intake *in, size_t i, bool *again, struct err *err)
{
	const struct record *r = &in->records[i];
	struct timespec wait = { 0, FULL_WAIT_MS * NS_PER_MS };
	char type[TYPE_MAX + 1];

	*again = false;
	snprintf(type, sizeof(type), "%.*s", (int)r->type.n, r->type.p);
	switch (policy(in, r)) {
	case FULL_DROP:
		in->tally.dropped++;
		return store_count(in->store, type, METRIC_DROPPED, 1, err);
	case FULL_FAIL:
		return err_set(err, EX_TEMPFAIL, "enqueue record %llu: the "
		    "queue of %s is full; this one and what follows it was "
		    "not taken", (unsigned long long)r->number, type);
	default:
		if (*in->stop)
			return err_set(err, EX_TEMPFAIL, "enqueue record "
			    "%llu: stopped while the queue of %s was full; "
			    "this one and what follows it was not taken",
			    (unsigned long long)r->number, type);
		nanosleep(&wait, NULL);
		*again = true;
		return 0;
	}
}

static void
count(struct intake *in, size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++) {
		char why[80];

		switch (in->results[i].what) {
		case ENQUEUED_NEW:
			in->tally.enqueued++;
			break;
		case ENQUEUED_MERGED:
		case ENQUEUED_REPLACED:
			in->tally.merged++;
			break;
		case ENQUEUED_DUPLICATE:
			in->tally.rejected++;
			snprintf(why, sizeof(why), "job %lld has its key "
			    "already", (long long)in->results[i].id);
			in->refused(in->ctx, in->records[i].number, why);
			break;
		case ENQUEUED_NO_PARENT:
			in->tally.rejected++;
			in->refused(in->ctx, in->records[i].number,
			    "a job that it is to run after does not exist");
			break;
		default:
			break;
		}
	}
}

/* records[from..to) are all acceptable. */
static int
enqueue_run(struct intake *in, size_t from, size_t to, struct err *err)
{
	int code = 0;

	while (from < to && code == 0) {
		size_t taken;
		bool again;

		code = store_enqueue(in->store, &in->options,
		    &in->records[from], to - from, &in->results[from],
		    &taken, err);
		if (code)
			break;
		count(in, from, taken);
		from += taken;
		if (from == to)
			break;
		code = queue_is_full(in, from, &again, err);
		if (code == 0 && !again)
			from++;		/* dropped: stays ENQUEUED_FULL */
	}
	/* what was not taken has no id */
	for (; from < to; from++)
		in->results[from] = (struct enqueue_result){ 0,
		    ENQUEUED_FULL };
	return code;
}

static int
commit_batch(struct intake *in, struct err *err)
{
	size_t i = 0;
	int code = 0;

	while (i < in->n && code == 0) {
		size_t j = i;

		while (j < in->n && in->results[j].what != ENQUEUED_REFUSED)
			j++;
		if (j > i)
			code = enqueue_run(in, i, j, err);
		i = j + 1;
	}
	return code;
}

/* Refusals are telemetry, too: of the type that was asked for. */
static int
count_refused(struct intake *in, int64_t n, struct err *err)
{
	char type[TYPE_MAX + 1];

	if (n == 0)
		return 0;
	snprintf(type, sizeof(type), "%.*s", (int)in->defaults.type.n,
	    in->defaults.type.p);
	return store_count(in->store, type, METRIC_REJECTED, n, err);
}

int
intake_flush(struct intake *in, struct err *err)
{
	struct intake_tally before = in->tally, batch;
	int64_t refused = 0;
	int code = 0;

	if (in->n == 0)
		return 0;
	for (size_t i = 0; i < in->n; i++)
		refused += in->results[i].what == ENQUEUED_REFUSED;
	if (in->store) {
		code = commit_batch(in, err);
		if (code == 0)
			code = count_refused(in, refused, err);
	}
	batch.enqueued = in->tally.enqueued - before.enqueued;
	batch.merged = in->tally.merged - before.merged;
	batch.dropped = in->tally.dropped - before.dropped;
	batch.rejected = in->tally.rejected - before.rejected + refused;
	/* after an error the rest of the batch was not dealt with */
	batch.read = batch.enqueued + batch.merged + batch.dropped +
	    batch.rejected;
	in->committed(in->ctx, in->records, in->results, in->n, &batch);
	in->n = 0;
	arena_reset(&in->arena);
	return code;
}
