/* The options of iq-work. */
#include "work_options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "rules/command.h"
#include "rules/type.h"

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
	{ 'b', "batch", "N", "up to N jobs of one type per run of COMMAND",
		NULL, false },
	{ 'c', "coprocess", NULL, "COMMAND stays, reads jobs from stdin and "
		"answers each on stdout", NULL, false },
	{ OPT_FORMAT, "format", "FORMAT", "what a co-process speaks (lines)",
		"lines json", false },
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
	{ OPT_STDIN, "stdin", "WHAT", "what a job reads from stdin (none)",
		"none payload json paths", false },
	{ OPT_JOBLOG, "joblog", "FILE", "append a line per attempt, as GNU "
		"parallel does", "file", false },
	{ OPT_THEN, "then", "TYPE", "enqueue the path of what succeeded to "
		"TYPE", "type", false },
	{ OPT_CPU_TOKENS, "cpu-tokens", "N", "CPU tokens of this machine",
		NULL, true },
	{ OPT_IO_TOKENS, "io-tokens", "N", "IO tokens of each device", NULL,
		true },
	{ OPT_IO_TOKENS, "io-qdepth", "N", NULL, NULL, true },
	{ OPT_STORAGE_TYPE, "storage-type", "KIND", "what the data is on",
		"nvme ssd hdd auto", true },
	{ OPT_OPTIMIZE, "optimize", "GOAL", "what limits are tuned for",
		"throughput latency resources", true },
	{ OPT_SCHEDULER, "scheduler", "NAME", "fair: small and large inputs "
		"share the time 3:1 (the setting scheduler, else simple)",
		"simple fair", false },
	{ OPT_FIXED, "fixed", NULL, "no adaptive limits", NULL, true },
	OPT_END
};

static const char *const synopsis[] = {
	"[-t TYPE]... [-j N] [options] [--] [COMMAND [ARG ...]]",
	NULL
};

static const struct hint hints[] = {
	{ "-P", "say -j" },
	{ "--max-procs", "say -j" },
	{ "--jobs", "say -j" },
	{ "-I", "{} in COMMAND is the path anyway" },
	{ "-i", "{} in COMMAND is the path anyway" },
	{ "--replace", "{} in COMMAND is the path anyway" },
	{ "-0", "the paths are in the queue; iq-enqueue has -0" },
	{ "--null", "the paths are in the queue; iq-enqueue has -0" },
	{ "-a", "the paths are in the queue; iq-enqueue reads them" },
	{ "--arg-file", "the paths are in the queue; iq-enqueue reads them" },
	{ "-L", "say -b: jobs for each run" },
	{ "--max-lines", "say -b: jobs for each run" },
	{ "--max-args", "say -b: jobs for each run" },
	{ "-r", "nothing is run without a job" },
	{ "--no-run-if-empty", "nothing is run without a job" },
	{ "--bar", "say --progress" },
	{ "--eta", "say --progress" },
	{ "--retries", "iq-tune set max_attempts=N" },
	{ NULL, NULL }
};

static const struct program program = {
	.name = "iq-work",
	.purpose = "run jobs of the queue, each as one COMMAND",
	.synopsis = synopsis,
	.opts = options,
	.hints = hints,
};

static void
add_type(struct work *r, const char *type)
{
	struct err err;

	if (type_check(bytes_of(type), &err) != 0)
		die_usage("%s", err.text);
	r->types = mem_grow(r->types, r->selection.n + 1, sizeof(char *));
	r->types[r->selection.n++] = type;
}

static const char *
then_type(const char *type)
{
	struct err err;

	if (type_check(bytes_of(type), &err) != 0)
		die_usage("--then: %s", err.text);
	return type;
}

static const enum scheduler *
scheduler_named(const char *value)
{
	static const enum scheduler simple = SCHEDULER_SIMPLE;
	static const enum scheduler fair = SCHEDULER_FAIR;

	if (strcmp(value, "simple") == 0)
		return &simple;
	if (strcmp(value, "fair") == 0)
		return &fair;
	die_usage("--scheduler: %s is not simple or fair", value);
}

static enum feed
feed_kind(const char *value)
{
	static const char *const words[] = { "none", "payload", "json",
		"paths" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(value, words[i]) == 0)
			return (enum feed)i;
	die_usage("--stdin: %s is not none, payload, json or paths", value);
}

static enum coproc_format
format_kind(const char *value)
{
	if (strcmp(value, "lines") == 0)
		return COPROC_LINES;
	if (strcmp(value, "json") == 0)
		return COPROC_JSON;
	die_usage("--format: %s is not lines or json", value);
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

/* What goes in and comes out */
static void
set_output(struct worker_options *w, int id, const char *value)
{
	switch (id) {
	case OPT_OUTPUT:
		w->output = output_mode(value);
		break;
	case OPT_RESULTS:
		w->results = value;
		break;
	case OPT_STDIN:
		w->feed = feed_kind(value);
		break;
	case OPT_JOBLOG:
		w->joblog = value;
		break;
	case OPT_THEN:
		w->then = then_type(value);
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
set_option(struct work *r, int id, const char *value)
{
	struct worker_options *w = &r->worker;

	switch (id) {
	case 't':
		add_type(r, value);
		break;
	case 'j':
		w->limit = (int)arg_int("--max-workers", value, 1,
			WORKERS_MAX);
		break;
	case 'b':
		w->batch = (int)arg_int("--batch", value, 1, SLOT_JOBS);
		break;
	case 'c':
		w->coprocess = true;
		break;
	case OPT_FORMAT:
		r->format = true;
		w->format = format_kind(value);
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
	case OPT_SCHEDULER:
		w->scheduler = scheduler_named(value);
		break;
	default:
		set_output(w, id, value);
		break;
	}
}

/* GNU parallel knows them, and people try them.  A word with blanks may be a
 * script in which they mean something else. */
static void
refuse_parallels_words(const char *const *argv)
{
	static const char *const words[] = { "{.}", "{/}", "{//}", "{/.}" };

	for (; *argv != NULL; argv++) {
		if (strpbrk(*argv, " \t\n") != NULL)
			continue;
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
			if (strstr(*argv, words[i]) != NULL)
				die_usage("%s: there is no %s; a shell can "
					"take the path apart: sh -c "
					"'...\"${1##*/}\"...' sh {}", *argv,
					words[i]);
		}
	}
}

static void
check_coprocess(const struct work *r)
{
	const struct worker_options *w = &r->worker;

	if (r->format && !w->coprocess)
		die_usage("--format is how a co-process speaks: say "
			"--coprocess");
	if (!w->coprocess)
		return;
	if (w->batch > 0 || w->feed != FEED_NONE)
		die_usage("--coprocess: it reads its jobs one after the other: "
			"that does not go with --batch or --stdin");
	if (w->results != NULL)
		die_usage("--coprocess: what it prints are its answers: that "
			"does not go with --results");
	if (w->command == NULL)
		die_usage("--coprocess: name the COMMAND; a handler that is "
			"stored in the queue is started for each job");
	if (command_wants_any(w->command))
		die_usage("--coprocess: COMMAND has words of a job, but it is "
			"started once for many");
}

static void
check_together(const struct work *r)
{
	if (r->worker.results != NULL && r->worker.output != RUN_GROUP)
		die_usage("--results keeps the output in files: it goes with "
			"--output group only");
	if (r->worker.json && r->worker.output == RUN_INHERIT)
		die_usage("--json is alone on stdout: it does not go with "
			"--output inherit");
	if (r->worker.then != NULL && selection_has(&r->selection,
	    r->worker.then))
		die_usage("--then %s: this worker serves that type as well, "
			"and would never be done; say with -t which it is to "
			"serve", r->worker.then);
}

void
work_options(struct work *r, int argc, char **argv)
{
	struct args *a = &r->args;
	const char *value;
	int id;

	memset(r, 0, sizeof(*r));
	r->worker.timeout = r->worker.grace = r->worker.lease = -1;
	args_init(a, &program, argc, argv, true);
	while ((id = args_next(a, &value)) != 0)
		set_option(r, id, value);
	r->selection.types = r->types;
	check_together(r);
	r->worker.selection = &r->selection;
	r->selection.own_command = a->argc > 0;
	if (a->argc > 0)
		r->worker.command = (const char *const *)a->argv;
	check_coprocess(r);
	if (a->argc == 0)
		return;
	refuse_parallels_words(r->worker.command);
	if (r->worker.batch > 1 && command_wants_one(r->worker.command))
		die_usage("--batch: COMMAND has words of one job: of several "
			"it can have {type}, and {} as an argument of its own");
}
