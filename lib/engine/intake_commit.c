/* A batch into the queue, and what to do when there is no room. */
#include "base/clock.h"
#include "engine/intake.h"

/* Between looks whether we are to stop */
#define LOOK (100 * NS_PER_MS)

/* records[i] and what follows was not taken. 0: there may be room now. */
static int
queue_is_full(struct intake *in, size_t i, struct err *err)
{
	const struct record *r = &in->records[i];
	bool room = false;
	int code = 0;

	if (in->results[i].what == ENQUEUED_FULL)
		return err_set(err, EX_TEMPFAIL, "enqueue record %llu: "
		    "type %.*s is full (max_queue); this one and what follows "
		    "it was not taken", (unsigned long long)r->number,
		    (int)r->type.n, r->type.p);
	while (code == 0 && !room) {
		if (*in->stop)
			return err_set(err, EX_TEMPFAIL, "enqueue record "
			    "%llu: stopped while type %.*s was full; "
			    "this one and what follows it was not taken",
			    (unsigned long long)r->number, (int)r->type.n,
			    r->type.p);
		code = store_wait_for_room(in->store, &in->options, r->type,
		    LOOK, &room, err);
	}
	return code;
}

static void
count(struct intake *in, size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++) {
		char why[96];

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
			snprintf(why, sizeof(why), "job %lld, which it is to "
			    "run after, does not exist",
			    (long long)in->results[i].id);
			in->refused(in->ctx, in->records[i].number, why);
			break;
		case ENQUEUED_CIRCLE:
			in->tally.rejected++;
			snprintf(why, sizeof(why), "a job that it is to run "
			    "after waits for job %lld, which has its key",
			    (long long)in->results[i].id);
			in->refused(in->ctx, in->records[i].number, why);
			break;
		case ENQUEUED_DROPPED:
			in->tally.dropped++;
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

		code = store_enqueue(in->store, &in->options,
		    &in->records[from], to - from, &in->results[from],
		    &taken, err);
		if (code)
			break;
		count(in, from, taken);
		from += taken;
		if (from < to)
			code = queue_is_full(in, from, err);
		in->options.blocked = from < to;
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
	int code;

	if (n == 0)
		return 0;
	snprintf(type, sizeof(type), "%.*s", (int)in->defaults.type.n,
	    in->defaults.type.p);
	code = store_count(in->store, type, &(struct count){
	    METRIC_REJECTED, n }, 1, err);
	return code ? code : store_sync(in->store, err);
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
