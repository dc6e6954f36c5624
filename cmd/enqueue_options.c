#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "enqueue_options.h"

enum {
	O_NO_KEY = OPT_LONG, O_ON_DUPLICATE, O_UNIQUE_FOR, O_DEBOUNCE,
	O_MAX_DELAY, O_AT, O_DELAY, O_AFTER, O_ON_PARENT_FAILURE, O_GROUP,
	O_MAX_ATTEMPTS, O_TIMEOUT, O_PAYLOAD, O_MAX_QUEUE, O_ON_FULL, O_WAIT,
	O_WAIT_TIMEOUT, O_DRY_RUN, O_RAW, O_BATCH, O_BATCH_WAIT, O_ACK
};

static const struct opt opts[] = {
	{ 't', "type", "TYPE", "type of the jobs (default)", "type", false },
	{ 'p', "priority", "PRIORITY", "critical, high, normal, low, batch "
	    "or 1 to 5 (normal)", "critical high normal low batch", false },
	{ '0', "null", NULL, "input is NUL-separated", NULL, false },
	{ 'J', "json-lines", NULL, "input is one JSON object a line", NULL,
	    false },
	{ O_RAW, "raw", NULL, "take subjects as they are: URLs, mailbox "
	    "names", NULL, false },
	{ 'k', "key", "KEY", "key of the one record (its path)", NULL, false },
	{ O_NO_KEY, "no-key", NULL, "jobs have no key: nothing is merged",
	    NULL, false },
	{ O_ON_DUPLICATE, "on-duplicate", "WHAT", "skip, replace, allow or "
	    "fail when a pending job has the key (skip)",
	    "skip replace allow fail", false },
	{ O_UNIQUE_FOR, "unique-for", "D", "a running or ended job of that "
	    "age counts as a duplicate, too", NULL, false },
	{ O_DEBOUNCE, "debounce", "D", "start D after the last repeat", NULL,
	    false },
	{ O_MAX_DELAY, "max-delay", "D", "but at most D after the first",
	    NULL, false },
	{ O_AT, "at", "TIME", "do not start before TIME", NULL, false },
	{ O_DELAY, "delay", "D", "do not start before D from now", NULL,
	    false },
	{ O_AFTER, "after", "ID[,ID]", "start after these jobs succeeded",
	    NULL, false },
	{ O_ON_PARENT_FAILURE, "on-parent-failure", "WHAT", "wait, cancel or "
	    "run when one of them fails (wait)", "wait cancel run", false },
	{ O_GROUP, "group", "G", "group of the jobs, to wait for and list",
	    NULL, false },
	{ O_MAX_ATTEMPTS, "max-attempts", "N", "charged failures before "
	    "quarantine, 1 to 100", NULL, false },
	{ O_TIMEOUT, "timeout", "D", "end an attempt after D", NULL, false },
	{ O_PAYLOAD, "payload", "JSON", "JSON for the handler", NULL, false },
	{ O_MAX_QUEUE, "max-queue", "N", "pending jobs of the type that are "
	    "enough", NULL, false },
	{ O_ON_FULL, "on-full", "WHAT", "block, fail or drop then (block)",
	    "block fail drop", false },
	{ O_BATCH, "batch", "N", "records in a transaction (10000)", NULL,
	    false },
	{ O_BATCH_WAIT, "batch-wait", "D", "silence that closes a batch "
	    "(50ms)", NULL, false },
	{ O_ACK, "ack", NULL, "print a JSON line per committed batch", NULL,
	    false },
	{ 'I', "ids", NULL, "print the id per record, - where there is none",
	    NULL, false },
	{ O_WAIT, "wait", NULL, "until the jobs have ended; exit 1 when one "
	    "did not succeed", NULL, false },
	{ O_WAIT_TIMEOUT, "wait-timeout", "D", "but at most D (exit 75)",
	    NULL, false },
	{ O_DRY_RUN, "dry-run", NULL, "check the input, print the records as "
	    "JSON, enqueue nothing", NULL, false },
	{ 'v', "verbose", NULL, "end with a JSON line on stderr", NULL,
	    false },
	OPT_END
};

static const struct hint hints[] = {
	{ "-d", "say -0 for what is NUL-separated" },
	{ "--delimiter", "say -0 for what is NUL-separated" },
	{ "-z", "say -0" },
	{ "-a", "say <FILE" },
	{ "--arg-file", "say <FILE" },
	{ "-j", "iq-work has it" },
	{ "-P", "iq-work has -j" },
	{ NULL, NULL }
};

static const char *const synopsis[] = {
	"[-t TYPE] [-p PRIORITY] [options] [PATH ...]",
	NULL
};

static const struct program enqueue_program = {
	.name = "iq-enqueue",
	.purpose = "put paths or records into the queue, durably",
	.synopsis = synopsis,
	.opts = opts,
	.hints = hints,
};

static int
choice(const char *option, const char *value, const char *const *words)
{
	struct buf known = { 0 };

	for (int i = 0; words[i]; i++) {
		if (strcmp(words[i], value) == 0) {
			buf_release(&known);
			return i;
		}
		buf_addf(&known, "%s%s", i == 0 ? "" :
		    words[i + 1] ? ", " : " or ", words[i]);
	}
	die_usage("--%s: not %s: %s", option, known.p, value);
}

static void
parse_after(struct intake *in, const char *value)
{
	char *text = mem_strdup(value), *save = NULL, *word;
	int64_t *ids = NULL;
	size_t n = 0;

	for (word = strtok_r(text, ",", &save); word;
	    word = strtok_r(NULL, ",", &save)) {
		ids = mem_grow(ids, n + 1, sizeof(*ids));
		ids[n++] = arg_int("--after", word, 1, INT64_MAX);
	}
	if (n == 0)
		die_usage("--after: needs the id of a job");
	free(text);
	free((void *)(uintptr_t)in->defaults.after);
	in->defaults.after = ids;
	in->defaults.nafter = n;
}

static int
parse_record_option(struct enqueue_args *a, struct intake *in, int id,
	const char *value)
{
	struct record *d = &in->defaults;
	struct err err;
	int code = 0;

	switch (id) {
	case 't':
		code = type_check(bytes_of(value), &err);
		d->type = bytes_of(value);
		break;
	case 'p':
		code = priority_parse(value, &d->priority, &err);
		break;
	case 'k':
		if (value[0] == '\0')
			die_usage("--key: must not be empty");
		d->key = bytes_of(value);
		in->single = true;
		break;
	case O_AT:
		code = time_parse(value, clock_system.wall(NULL), &d->run_at,
		    &err);
		break;
	case O_DELAY:
		d->delay = arg_duration("--delay", value);
		break;
	case O_AFTER:
		parse_after(in, value);
		break;
	case O_GROUP:
		d->group = bytes_of(value);
		break;
	case O_MAX_ATTEMPTS:
		d->max_attempts = (int)arg_int("--max-attempts", value, 1, 100);
		break;
	case O_TIMEOUT:
		d->timeout = arg_duration("--timeout", value);
		break;
	case O_PAYLOAD:
		code = payload_parse(bytes_of(value), &a->arena, &d->payload,
		    &err);
		break;
	default:
		return 0;
	}
	if (code)
		die_usage("--%s: %s", opt_name(opts, id), err.text);
	return 1;
}

static void
parse_queue_option(struct intake *in, int id, const char *value)
{
	static const char *const duplicate[] = { "skip", "replace", "allow",
	    "fail", NULL };
	static const char *const parent[] = { "wait", "cancel", "run", NULL };
	static const char *const full[] = { "block", "fail", "drop", NULL };

	switch (id) {
	case O_NO_KEY:
		in->options.no_key = true;
		break;
	case O_ON_DUPLICATE:
		in->options.on_duplicate = (enum on_duplicate)choice(
		    "on-duplicate", value, duplicate);
		break;
	case O_UNIQUE_FOR:
		in->options.unique_for = arg_duration("--unique-for", value);
		break;
	case O_DEBOUNCE:
		in->options.debounce = arg_duration("--debounce", value);
		break;
	case O_MAX_DELAY:
		in->options.max_delay = arg_duration("--max-delay", value);
		break;
	case O_ON_PARENT_FAILURE:
		in->options.on_parent_failure = (enum on_parent_failure)choice(
		    "on-parent-failure", value, parent);
		break;
	case O_MAX_QUEUE:
		in->options.max_queue = arg_int("--max-queue", value, 1,
		    INT64_MAX);
		break;
	case O_ON_FULL:
		in->options.on_full = (enum on_full)choice("on-full", value, full);
		break;
	case O_BATCH:
		in->batch = (size_t)arg_int("--batch", value, 1, 1000000);
		break;
	case O_BATCH_WAIT:
		in->batch_wait = arg_duration("--batch-wait", value);
		break;
	default:
		break;
	}
}

static void
check_options(const struct enqueue_args *a, const struct intake *in)
{
	bool keyless = in->options.no_key ||
	    in->options.on_duplicate == DUPLICATE_ALLOW;

	if (in->defaults.run_at != RECORD_UNSET &&
	    in->defaults.delay != RECORD_UNSET)
		die_usage("--at and --delay: say one of them");
	if (in->single && a->args.argc > 1)
		die_usage("--key: one key cannot stand for several paths");
	if (in->single && in->options.no_key)
		die_usage("--key and --no-key: say one of them");
	if (in->options.max_delay && !in->options.debounce)
		die_usage("--max-delay: only with --debounce");
	if ((in->options.unique_for || in->options.debounce) && keyless)
		die_usage("%s: needs keys, and %s has none",
		    in->options.unique_for ? "--unique-for" : "--debounce",
		    in->options.no_key ? "--no-key" : "--on-duplicate allow");
	if (a->args.argc > 0 && in->format != STREAM_LINES)
		warn_say("%s: is for standard input, and not for operands, "
		    "which are paths; to read a file: <%s",
		    in->format == STREAM_NUL ? "--null" : "--json-lines",
		    a->args.argv[0]);
	if (a->wait_timeout && !a->wait)
		die_usage("--wait-timeout: only with --wait");
}

/* "-" is standard input, as almost everywhere; it goes with nothing else. */
static void
take_dash(struct args *a)
{
	for (int i = 0; i < a->argc; i++) {
		if (strcmp(a->argv[i], "-") != 0)
			continue;
		if (a->argc > 1)
			die_usage("-: standard input stands alone; a file of "
			    "that name is ./-");
		a->argc = 0;
	}
}

/* Options that only set what they say */
static int
parse_flag(struct enqueue_args *a, struct intake *in, int id)
{
	bool *flags[] = { &a->ids, &a->verbose, &in->raw, &a->ack, &a->wait,
	    &a->dry_run };
	static const int ids[] = { 'I', 'v', O_RAW, O_ACK, O_WAIT,
	    O_DRY_RUN };

	if (id == '0' || id == 'J') {
		in->format = id == '0' ? STREAM_NUL : STREAM_JSON;
		return 1;
	}
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (ids[i] == id) {
			*flags[i] = true;
			return 1;
		}
	return 0;
}

void
enqueue_options(struct enqueue_args *a, struct intake *in, int argc,
	char **argv)
{
	const char *value;
	int id;

	args_init(&a->args, &enqueue_program, argc, argv, false);
	while ((id = args_next(&a->args, &value)) != 0) {
		if (id == O_WAIT_TIMEOUT) {
			a->wait_timeout = arg_duration("--wait-timeout", value);
			if (a->wait_timeout == 0)
				a->wait_timeout = 1;
		} else if (!parse_flag(a, in, id) &&
		    !parse_record_option(a, in, id, value))
			parse_queue_option(in, id, value);
	}
	take_dash(&a->args);
	check_options(a, in);
}

void
enqueue_options_release(struct enqueue_args *a, struct intake *in)
{
	free((void *)(uintptr_t)in->defaults.after);
	arena_release(&a->arena);
}
