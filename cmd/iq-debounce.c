/* Lets a record of a stream through when its path has been quiet. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "engine/debouncer.h"
#include "report.h"
#include "rules/json.h"
#include "terminal.h"
#include "type_option.h"

/* What is held: so many bytes at most */
#define HELD_BYTES ((size_t)256 << 20)

enum {
	O_MAX_DELAY = OPT_LONG, O_RATE, O_BOUNDARIES, O_MAX_PENDING
};

static const struct opt opts[] = {
	{ 'w', "debounce", "D", "let a path through when it has been quiet "
	    "for D (2s); 0: at once", NULL, false },
	{ 'n', "batch", "N", "or when N paths wait: all of them (500)", NULL,
	    false },
	{ O_MAX_DELAY, "max-delay", "D", "or when it has waited for D (60s)",
	    NULL, false },
	{ O_RATE, "rate", "N[:BURST]", "at most N records a second, and BURST "
	    "at once after a silence (N)", NULL, false },
	{ O_BOUNDARIES, "boundaries", NULL, "print an empty record, or "
	    "{\"flush\":true}, after each batch", NULL, false },
	{ O_MAX_PENDING, "max-pending", "N", "hold at most N paths, then read "
	    "no more (1000000)", NULL, false },
	{ '0', "null", NULL, "input and output are NUL-separated", NULL,
	    false },
	{ 'J', "json-lines", NULL, "input and output are one JSON object a "
	    "line", NULL, false },
	{ 'v', "verbose", NULL, "end with a JSON line on stderr: what came "
	    "and what was saved", NULL, false },
	{ 'q', "queue", "FILE", "count what passes in this queue (none)",
	    "file", false },
	{ 't', "type", "TYPE", "as of this type (default)", "type", false },
	OPT_END
};

static const struct hint hints[] = {
	{ "-d", "say -0 for what is NUL-separated" },
	{ "-z", "say -0" },
	{ NULL, NULL }
};

static const char *const synopsis[] = {
	"[-w D] [-n N] [--max-delay D] [--rate N[:BURST]] [--boundaries] "
	    "[options]",
	NULL
};

static const struct program program = {
	.name = "iq-debounce",
	.purpose = "deduplicate, settle and batch a stream of paths",
	.synopsis = synopsis,
	.opts = opts,
	.no_queue = true,	/* none but the one that -q says */
	.hints = hints,
};

struct debounce_args {
	struct args args;
	const char *queue;
	bool verbose;
};

static void
parse_option(struct debounce_args *a, struct debouncer *d, int id,
	const char *value)
{
	struct stage_options *o = &d->options;
	struct err err;

	switch (id) {
	case 'w':
		o->debounce.window = arg_duration("--debounce", value);
		break;
	case 'n':
		o->debounce.batch = (size_t)arg_int("--batch", value, 1,
		    1000000);
		break;
	case O_MAX_DELAY:
		o->debounce.max_delay = arg_duration("--max-delay", value);
		break;
	case O_RATE:
		if (rate_parse(value, &o->rate, &err))
			die_usage("--rate: %s", err.text);
		break;
	case O_BOUNDARIES:
		o->boundaries = true;
		break;
	case O_MAX_PENDING:
		o->debounce.max_records = (size_t)arg_int("--max-pending",
		    value, 1, 100000000);
		break;
	case '0':
	case 'J':
		o->format = id == '0' ? STREAM_NUL : STREAM_JSON;
		break;
	case 'v':
		a->verbose = true;
		break;
	case 'q':
		if (*value == '\0')
			die_usage("--queue: empty file name");
		a->queue = value;
		break;
	default:
		type_option(&d->type, value);
		break;
	}
}

static void
parse(struct debounce_args *a, struct debouncer *d, int argc, char **argv)
{
	const char *value;
	int id;

	args_init(&a->args, &program, argc, argv, false);
	while ((id = args_next(&a->args, &value)) != 0)
		parse_option(a, d, id, value);
	if (a->args.argc > 0)
		die_usage("%s: takes no operands, only standard input",
		    a->args.argv[0]);
	if (d->type && a->queue == NULL)
		die_usage("--type: only with --queue");
	if (d->type == NULL)
		d->type = TYPE_DEFAULT;
}

static void
on_refused(void *ctx, uint64_t number, const char *why)
{
	(void)ctx;
	warn_say("record %llu: %s", (unsigned long long)number, why);
}

static void
print_report(void *ctx)
{
	const struct debouncer *d = ctx;
	const struct debounce_options *o = &d->options.debounce;
	const struct stage_tally *t = &d->stage.tally;
	struct buf b = { 0 };
	struct json j;

	json_init(&j, &b);
	json_begin_object(&j, NULL);
	json_put_int(&j, "events", t->events);
	json_put_int(&j, "deduplicated", t->deduplicated);
	report_percent(&j, "deduplication_percent", t->events ? 100.0 *
	    (double)t->deduplicated / (double)t->events : -1);
	json_put_int(&j, "pending_files", (int64_t)stage_pending(&d->stage));
	json_put_int(&j, "batches", t->batches);
	json_put_seconds(&j, "debounce_seconds", o->window);
	json_put_int(&j, "batch_threshold", (int64_t)o->batch);
	json_end_object(&j);
	fprintf(stderr, "%s\n", b.p);
	buf_release(&b);
}

/* The counters are no reason to fail what passed. */
static void
save_counters(struct debouncer *d)
{
	struct err err;

	if (d->store && debouncer_save(d, &err))
		warn_say("count what passed: %s", err.text);
	store_close(d->store);
}

int
main(int argc, char **argv)
{
	struct debounce_args a = { 0 };
	struct debouncer d = {
		.options.debounce = {
			.window = 2 * NS_PER_S,
			.max_delay = 60 * NS_PER_S,
			.batch = 500,
			.max_records = 1000000,
			.max_bytes = HELD_BYTES,
		},
		.refused = on_refused,
		.report = print_report,
		.ctx = &d,
	};
	struct err err = { 0 };
	int code = 0, failed, stopped;

	parse(&a, &d, argc, argv);
	if (a.queue)
		code = store_open(&d.store, &(struct store_options){
		    .path = a.queue, .mode = STORE_CREATE,
		    .program = program.name, .deadline = NS_PER_S / 4 },
		    &err);
	if (code)
		die(code, "%s", err.text);
	terminal_tell_stream(d.options.format);
	code = debouncer_run(&d, STDIN_FILENO, STDOUT_FILENO, &err);
	if (code)
		warn_say("%s", err.text);
	if (a.verbose)
		print_report(&d);
	save_counters(&d);
	failed = d.stage.out.failed;
	stopped = d.stopped;
	if (code == 0 && d.refusals)
		code = EX_DATAERR;
	debouncer_release(&d);
	if (failed == EPIPE && !signal_ignored(SIGPIPE))
		signal_die(SIGPIPE);
	code = output_finish(code);
	if (stopped && (code == 0 || code == EX_DATAERR))
		signal_die(stopped);
	return code;
}
