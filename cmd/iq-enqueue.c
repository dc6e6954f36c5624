/* Puts a stream of paths or records into the queue. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "engine/signals.h"
#include "enqueue_options.h"
#include "rules/json.h"
#include "terminal.h"
#include "wait.h"

struct enqueue {
	struct intake in;
	struct enqueue_args args;
	int64_t *kept;			/* ids to wait for */
	size_t nkept;
	int64_t batches;
};

static volatile sig_atomic_t stop_signal;
static struct store *to_interrupt;

static void
on_stop(int sig)
{
	stop_signal = sig;
	if (to_interrupt != NULL)
		store_interrupt(to_interrupt);
}

/* The first one stops reading (what was read is committed, if the turn comes
 * soon), a second one has its usual effect. */
static void
catch_stops(struct store *store)
{
	to_interrupt = store;
	signals_stop(on_stop);
	signal(SIGPIPE, SIG_IGN);
}

static void
on_refused(void *ctx, uint64_t number, const char *why)
{
	(void)ctx;
	warn_say("record %llu: %s", (unsigned long long)number, why);
}

static void
print_ack(const struct enqueue *q, const struct intake_tally *t)
{
	const struct intake_tally *all = &q->in.tally;
	struct buf b = { 0 };
	struct json j;

	json_init(&j, &b);
	json_begin_object(&j, NULL);
	json_put_int(&j, "batch", q->batches);
	json_put_int(&j, "records", t->read);
	json_put_int(&j, "enqueued", t->enqueued);
	json_put_int(&j, "merged", t->merged);
	json_put_int(&j, "dropped", t->dropped);
	json_put_int(&j, "rejected", t->rejected);
	json_put_int(&j, "total", all->enqueued + all->merged + all->dropped +
	    all->rejected);
	json_put_time(&j, "committed_at", clock_system.wall(NULL));
	json_end_object(&j);
	printf("%s\n", b.p);
	buf_release(&b);
}

static void
print_records(const struct record *v, const struct enqueue_result *r,
	size_t n)
{
	struct buf b = { 0 };
	struct err err;

	for (size_t i = 0; i < n; i++)
		if (r[i].what != ENQUEUED_REFUSED &&
		    record_write(&b, STREAM_JSON, &v[i], &err) == 0) {
			fwrite(b.p, 1, b.len, stdout);
			buf_reset(&b);
		}
	buf_release(&b);
}

static bool
has_id(const struct enqueue_result *r)
{
	return r->id != 0 && r->what <= ENQUEUED_REPLACED;
}

static void
on_committed(void *ctx, const struct record *records,
	const struct enqueue_result *results, size_t n,
	const struct intake_tally *batch)
{
	struct enqueue *q = ctx;

	q->batches++;
	if (q->args.wait)
		q->kept = mem_grow(q->kept, q->nkept + n, sizeof(*q->kept));
	for (size_t i = 0; i < n && q->args.wait; i++)
		if (has_id(&results[i]))
			q->kept[q->nkept++] = results[i].id;
	/* The place of a line says which record it is of: after one that was
	 * not written there must be no other. */
	if (ferror(stdout))
		return;
	for (size_t i = 0; i < n && q->args.ids; i++) {
		if (has_id(&results[i]))
			printf("%lld\n", (long long)results[i].id);
		else
			printf("-\n");
	}
	if (q->args.dry_run)
		print_records(records, results, n);
	if (q->args.ack && batch->read)
		print_ack(q, batch);
	if (q->args.ack || q->args.ids)
		fflush(stdout);
}

static int
run(struct enqueue *q, struct err *err)
{
	struct intake *in = &q->in;
	struct err second;
	int code = intake_init(in, err), last;

	for (int i = 0; i < q->args.args.argc && code == 0; i++)
		code = intake_operand(in, q->args.args.argv[i], err);
	if (code == 0 && q->args.args.argc == 0) {
		terminal_tell_stream(in->format);
		in->options.from = io_conduit(STDIN_FILENO);
		code = intake_stream(in, STDIN_FILENO, err);
	}
	/* a wrong --key commits nothing; anything else keeps what was read */
	if (code == EX_USAGE)
		return code;
	last = intake_flush(in, code ? &second : err);
	return code ? code : last;
}

static void
print_summary(const struct enqueue *q, int64_t started)
{
	const struct intake_tally *t = &q->in.tally;
	struct buf b = { 0 };
	struct json j;

	json_init(&j, &b);
	json_begin_object(&j, NULL);
	json_put_int(&j, "read", t->read);
	json_put_int(&j, "enqueued", t->enqueued);
	json_put_int(&j, "merged", t->merged);
	json_put_int(&j, "dropped", t->dropped);
	json_put_int(&j, "rejected", t->rejected);
	json_put_seconds(&j, "seconds", clock_system.boot(NULL) - started);
	json_end_object(&j);
	fprintf(stderr, "%s\n", b.p);
	buf_release(&b);
}

static void
say_dropped(const struct enqueue *q)
{
	const struct intake_tally *t = &q->in.tally;

	if (t->dropped)
		warn_say("%lld %s of %lld %s dropped: full (max_queue)",
		    (long long)t->dropped, t->dropped == 1 ? "record" :
		    "records", (long long)t->read,
		    t->dropped == 1 ? "was" : "were");
}

static void
init(struct enqueue *q)
{
	struct intake *in = &q->in;

	memset(q, 0, sizeof(*q));
	record_init(&in->defaults);
	in->defaults.type = bytes_of(TYPE_DEFAULT);
	in->defaults.priority = 3;
	in->batch = 10000;
	in->batch_wait = 50 * NS_PER_MS;
	in->options.on_full = FULL_SETTING;
	in->stop = &stop_signal;
	in->ctx = q;
	in->refused = on_refused;
	in->committed = on_committed;
}

static int
wait_for_them(struct enqueue *q, struct err *err)
{
	struct wait w = { .what = "--wait", .ids = q->kept, .n = q->nkept,
	    .timeout = q->args.wait_timeout };
	size_t failed = 0;
	int code = wait_for(q->in.store, &w, NULL, &failed, err);

	return code ? code : failed > 0;
}

int
main(int argc, char **argv)
{
	int64_t started = clock_system.boot(NULL);
	static struct enqueue q;	/* the store stays: store_leave */
	struct err err = { 0 };
	int code = 0;

	init(&q);
	enqueue_options(&q.args, &q.in, argc, argv);
	if (!q.args.dry_run)
		code = store_open(&q.in.store, &(struct store_options){
		    .path = q.args.args.queue, .mode = STORE_CREATE, .later = true,
		    .program = q.args.args.program->name }, &err);
	catch_stops(q.in.store);
	if (code == 0)
		code = run(&q, &err);
	if (q.args.verbose)
		print_summary(&q, started);
	else
		say_dropped(&q);
	if (code == 0 && q.in.tally.rejected)
		code = EX_DATAERR;
	/* everything is on disk: from here on a signal ends us as usual */
	signals_stop(SIG_DFL);
	if (code == 0 && q.nkept && !stop_signal && !q.args.dry_run)
		code = wait_for_them(&q, &err);
	if (err.code && code == err.code)
		warn_say("%s", err.text);
	code = output_finish(code);
	store_leave(q.in.store);
	intake_release(&q.in);
	enqueue_options_release(&q.args, &q.in);
	free(q.kept);
	/* to die of the signal means that what was read is on disk */
	if (stop_signal && (code == 0 || code == EX_DATAERR))
		signal_die(stop_signal);
	return code;
}
