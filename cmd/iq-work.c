/* iq-work: run the queue's jobs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/keeper.h"
#include "engine/worker.h"
#include "opt.h"
#include "rules/type.h"
#include "store/store.h"

#define STANDARD_GRACE (10 * NS_PER_S)

enum {
	OPT_DRAIN = OPT_LONG,
	OPT_TIMEOUT,
	OPT_GRACE,
	OPT_LEASE,
	OPT_OUTPUT,
	OPT_JSON,
	OPT_RESULTS,
	OPT_PROGRESS,
	OPT_STDIN,
	OPT_FORMAT,
	OPT_CPU_TOKENS,
	OPT_IO_TOKENS,
	OPT_STORAGE_TYPE,
	OPT_OPTIMIZE,
	OPT_SCHEDULER,
	OPT_FIXED,
	OPT_JOBLOG,
	OPT_THEN,
};

static const struct opt options[] = {
	{ 't', "type", "TYPE", "only this type and its children; may be given "
		"again", "type", false },
	{ 'j', "max-workers", "N", "run at most N jobs at once (the setting "
		"workers, else the cores)", NULL, false },
	{ OPT_DRAIN, "drain", "[all]", "end when nothing can start or runs; "
		"all: nor is delayed", "all", false },
	{ 'n', "attempts", "N", "end after N attempts", NULL, false },
	{ OPT_TIMEOUT, "timeout", "D", "end an attempt after D; 0: never",
		NULL, false },
	{ OPT_GRACE, "grace", "D", "between TERM and KILL (10s)", NULL,
		false },
	{ OPT_LEASE, "lease", "D", "count as hung after D of silence (60s)",
		NULL, false },
	{ OPT_OUTPUT, "output", "MODE", "what becomes of a job's output "
		"(group)", "group inherit discard", false },
	{ OPT_JSON, "json", NULL, "one result object per attempt on stdout, "
		"and nothing else", NULL, false },
	{ OPT_RESULTS, "results", "DIR", "stdout, stderr and exit in files: "
		"DIR/ID/ATTEMPT/stdout ...", "dir", false },
	{ OPT_PROGRESS, "progress", NULL, "a bar on stderr, when that is a "
		"terminal", NULL, false },
	{ 'b', "batch", "N", "up to N jobs per invocation", NULL, true },
	{ 'c', "coprocess", NULL, "COMMAND answers jobs until it is ended",
		NULL, true },
	{ OPT_FORMAT, "format", "FORMAT", "what a co-process speaks",
		"lines json", true },
	{ OPT_STDIN, "stdin", "WHAT", "what a job reads from stdin",
		"none payload json paths", true },
	{ OPT_CPU_TOKENS, "cpu-tokens", "N", "CPU tokens of this machine",
		NULL, true },
	{ OPT_IO_TOKENS, "io-tokens", "N", "IO tokens of each device", NULL,
		true },
	{ OPT_IO_TOKENS, "io-qdepth", "N", NULL, NULL, true },
	{ OPT_STORAGE_TYPE, "storage-type", "KIND", "what the data is on",
		"nvme ssd hdd auto", true },
	{ OPT_OPTIMIZE, "optimize", "GOAL", "what limits are tuned for",
		"throughput latency resources", true },
	{ OPT_SCHEDULER, "scheduler", "NAME", "whose turn it is",
		"simple fair", true },
	{ OPT_FIXED, "fixed", NULL, "no adaptive limits", NULL, true },
	{ OPT_JOBLOG, "joblog", "FILE", "GNU parallel's job log", "file",
		true },
	{ OPT_THEN, "then", "TYPE", "enqueue what succeeded as TYPE", "type",
		true },
	OPT_END
};

static const char *const synopsis[] = {
	"[-t TYPE]... [-j N] [options] [--] COMMAND [ARG ...]",
	NULL
};

static const struct program program = {
	.name = "iq-work",
	.purpose = "run jobs of the queue, each as one COMMAND",
	.synopsis = synopsis,
	.opts = options,
};

struct request {
	const char **types;
	struct selection selection;
	struct worker_options worker;
};

static void
add_type(struct request *r, const char *type)
{
	struct err err;

	if (type_check(bytes_of(type), &err) != 0)
		die_usage("%s", err.text);
	r->types = mem_grow(r->types, r->selection.n + 1, sizeof(char *));
	r->types[r->selection.n++] = type;
}

static enum run_output
output_mode(const char *value)
{
	if (strcmp(value, "group") == 0)
		return RUN_GROUP;
	if (strcmp(value, "inherit") == 0)
		return RUN_INHERIT;
	if (strcmp(value, "discard") == 0)
		return RUN_DISCARD;
	die_usage("--output: %s is not group, inherit or discard", value);
}

static enum drain
drain_mode(const char *value)
{
	if (value != NULL && strcmp(value, "all") != 0)
		die_usage("--drain=%s: only all is known", value);
	return value ? DRAIN_ALL : DRAIN_READY;
}

static void
set_option(struct request *r, int id, const char *value)
{
	struct worker_options *w = &r->worker;

	switch (id) {
	case 't':
		add_type(r, value);
		break;
	case 'j':
		w->limit = (int)arg_int("--max-workers", value, 1,
			STORE_SLOTS / 2);
		break;
	case 'n':
		w->attempts = arg_int("--attempts", value, 1, INT64_MAX);
		break;
	case OPT_DRAIN:
		w->drain = drain_mode(value);
		break;
	case OPT_TIMEOUT:
		w->timeout = arg_duration("--timeout", value);
		break;
	case OPT_GRACE:
		w->grace = arg_duration("--grace", value);
		break;
	case OPT_LEASE:
		w->lease = arg_duration("--lease", value);
		if (w->lease < NS_PER_S)
			die_usage("--lease: at least 1s");
		break;
	case OPT_OUTPUT:
		w->output = output_mode(value);
		break;
	case OPT_RESULTS:
		w->results = value;
		break;
	case OPT_JSON:
		w->json = true;
		break;
	case OPT_PROGRESS:
		w->progress = isatty(STDERR_FILENO) == 1;
		break;
	default:
		break;
	}
}

static void
parse(struct request *r, int argc, char **argv, struct args *a)
{
	const char *value;
	int id;

	args_init(a, &program, argc, argv, true);
	while ((id = args_next(a, &value)) != 0)
		set_option(r, id, value);
	if (r->worker.results != NULL && r->worker.output != RUN_GROUP)
		die_usage("--results keeps the output in files: it goes with "
			"--output group only");
	if (r->worker.json && r->worker.output == RUN_INHERIT)
		die_usage("--json is alone on stdout: it does not go with "
			"--output inherit");
	r->selection.types = r->types;
	r->selection.own_command = a->argc > 0;
	if (a->argc > 0)
		r->worker.command = (const char *const *)a->argv;
}

static void
say(void *ctx, const char *sentence)
{
	(void)ctx;
	warn_say("%s", sentence);
}

/* ---- without COMMAND ---- */

struct handlers {
	struct store *store;
	const struct selection *selection;
	int n;
};

static void
look_for_handler(void *ctx, const char *type)
{
	struct handlers *h = ctx;
	const char *text = NULL;
	enum origin origin;
	struct err err;
	bool selected = h->selection->n == 0;

	for (size_t i = 0; i < h->selection->n; i++)
		selected = selected ||
			type_within(type, h->selection->types[i]);
	if (selected && store_setting(h->store, type, SET_HANDLER, &text,
	    &origin, &err) == 0 && text != NULL)
		h->n++;
}

/* A handler that the queue names runs only when this user trusts the queue;
 * nothing can say so yet. */
static _Noreturn void
refuse_stored_handlers(struct store *store, const struct selection *sel)
{
	struct handlers h = { store, sel, 0 };
	struct err err;

	for (size_t i = 0; i < sel->n; i++)
		look_for_handler(&h, sel->types[i]);
	if (sel->n == 0)
		look_for_handler(&h, TYPE_DEFAULT);
	if (store_types_each(store, look_for_handler, &h, &err) != 0)
		die(err.code, "%s", err.text);
	if (h.n == 0)
		die(EX_CONFIG, "nothing to run: no COMMAND was given, and no "
			"selected type has a handler");
	die(EX_NOPERM, "%s: its stored handlers are not trusted; name the "
		"COMMAND instead: iq-work -- COMMAND", store_path(store));
}

/* ---- the end ---- */

static int64_t
count_left(const struct backlog *b)
{
	return b->ready + b->delayed + b->waiting + b->running + b->held;
}

static int
drain_status(const struct worker_tally *t)
{
	const struct backlog *b = &t->left;
	int64_t left = count_left(b);

	if (t->failed == 0 && t->lost == 0 && left == 0)
		return EX_OK;
	warn_say("%lld succeeded, %lld failed, %lld left (%lld ready, "
		"%lld delayed, %lld waiting, %lld running, %lld held)",
		(long long)t->succeeded, (long long)(t->failed + t->lost),
		(long long)left, (long long)b->ready, (long long)b->delayed,
		(long long)b->waiting, (long long)b->running,
		(long long)b->held);
	return 1;
}

static int
exit_status(const struct worker_options *o, const struct worker_tally *t)
{
	int64_t bad = t->failed + t->again + t->lost + t->released;

	if (o->drain != DRAIN_NO)
		return drain_status(t);
	if (o->attempts == 0 || bad == 0)
		return EX_OK;
	warn_say("%lld succeeded, %lld failed, %lld to be tried again",
		(long long)t->succeeded, (long long)(t->failed + t->lost),
		(long long)(t->again + t->released));
	return 1;
}

int
main(int argc, char **argv)
{
	struct request r = { .worker = { .timeout = -1, .grace = -1,
		.lease = -1, .say = say } };
	struct keeper keeper = { .grace = STANDARD_GRACE, .say = say };
	struct store_options where = { .mode = STORE_CREATE,
		.program = program.name };
	struct worker_tally tally;
	struct store *store;
	struct args a;
	struct err err;
	int code;

	parse(&r, argc, argv, &a);
	if (r.worker.grace >= 0)
		keeper.grace = r.worker.grace;
	if (keeper_start(&keeper, &err) != 0)
		die(err.code, "%s", err.text);
	where.path = a.queue;
	if (store_open(&store, &where, &err) != 0)
		die(err.code, "%s", err.text);
	if (store_created(store))
		warn_say("made %s", store_path(store));
	if (r.worker.command == NULL)
		refuse_stored_handlers(store, &r.selection);
	r.worker.store = store;
	r.worker.selection = &r.selection;
	code = worker_run(&r.worker, &tally, &err);
	if (code != 0 && err.text[0] != '\0')
		warn_say("%s", err.text);
	if (code == 0)
		code = exit_status(&r.worker, &tally);
	store_close(store);
	free(r.types);
	return code;
}
