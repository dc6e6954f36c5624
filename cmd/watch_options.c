/* The options of iq-watch. */
#include <fcntl.h>

#include "watch.h"

#define LEAST_INTERVAL (100 * NS_PER_MS)

enum {
	O_SOURCE = OPT_LONG, O_DEBOUNCE, O_MAX_DELAY, O_SETTLE, O_BATCH,
	O_BATCH_WAIT, O_RATE, O_MAX_PENDING, O_RESCAN, O_FALLBACK,
	O_DELETIONS, O_NO_EXISTING, O_ONCE, O_TIMEOUT, O_BOUNDARIES,
	O_STATUS_FD
};

static const struct opt opts[] = {
	SOURCE_TYPE_OPTION,
	{ 'w', "debounce", "D", "print a path when it has been quiet for D "
	    "(500ms); 0: at once", NULL, false },
	{ O_MAX_DELAY, "max-delay", "D", "or when it has waited for D (60s)",
	    NULL, false },
	{ 'n', "batch", "N", "or when N paths wait: all of them (500)", NULL,
	    false },
	{ O_BATCH_WAIT, "batch-wait", "D", "print nothing before N paths are "
	    "ready or the first is so for D (0)", NULL, false },
	{ O_SETTLE, "settle", "D", "leave alone what nobody has closed and "
	    "was changed within D (2s)", NULL, false },
	{ O_RATE, "rate", "N[:BURST]", "at most N records a second, and BURST "
	    "at once after a silence (N)", NULL, false },
	{ O_MAX_PENDING, "max-pending", "N", "hold at most N paths, then look "
	    "at everything (100000)", NULL, false },
	{ O_SOURCE, "source", "WHAT", "who tells what happens (auto)",
	    "auto inotifywait fswatch scan", false },
	{ O_RESCAN, "rescan", "D", "look at everything once in D, for safety "
	    "(15m)", NULL, false },
	{ O_RESCAN, "scan-interval", "D", NULL, NULL, false },
	{ O_FALLBACK, "fallback-interval", "D", "and once in D while nobody "
	    "tells (10s)", NULL, false },
	{ O_DELETIONS, "deletions", "on|off", "print files that are gone (on)",
	    "on off", false },
	{ O_NO_EXISTING, "no-existing", NULL, "do not print what is there "
	    "already", NULL, false },
	{ O_ONCE, "once", NULL, "end after the first batch", NULL, false },
	{ O_TIMEOUT, "timeout", "D", "end after D", NULL, false },
	SOURCE_SELECT_OPTIONS,
	SOURCE_NAME_OPTION,
	{ O_BOUNDARIES, "boundaries", NULL, "print an empty record, or "
	    "{\"flush\":true}, after each batch", NULL, false },
	{ '0', "null", NULL, "print NUL-separated paths", NULL, false },
	{ 'J', "json-lines", NULL, "print one JSON object a line", NULL,
	    false },
	{ O_STATUS_FD, "status-fd", "N", "tell there, as JSON lines, how it "
	    "goes", NULL, false },
	{ 'v', "verbose", NULL, "end with a JSON line on stderr", NULL,
	    false },
	OPT_END
};

static const char *const synopsis[] = {
	"[-t TYPE] [-w D] [-n N] [--source WHAT] [options] [DIR ...]",
	NULL
};

static const struct hint hints[] = {
	{ "-m", "it goes on anyway; --once ends" },
	{ "-r", "it looks at all that is below anyway" },
	{ "-x", "say --one-file-system" },
	{ "-1", "say --once" },
	{ NULL, NULL }
};

static const struct program program = {
	.name = "iq-watch",
	.purpose = "emit changes of files as they settle",
	.synopsis = synopsis,
	.opts = opts,
	.hints = hints,
};

static enum watch_source
parse_source(const char *value)
{
	static const char *const words[] = { "auto", "inotifywait", "fswatch",
	    "scan" };

	for (int i = 0; i < 4; i++)
		if (strcmp(value, words[i]) == 0)
			return (enum watch_source)i;
	die_usage("--source '%s': not auto, inotifywait, fswatch or scan",
	    value);
}

static bool
parse_on_off(const char *option, const char *value)
{
	if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
		die_usage("%s '%s': not on or off", option, value);
	return value[1] == 'n';
}

static int
parse_fd(const char *value)
{
	int fd = (int)arg_int("--status-fd", value, 1, 1 << 20);

	if (fcntl(fd, F_GETFD) < 0)
		die_usage("--status-fd %d: it is not open", fd);
	return fd;
}

/* Of looks at everything: without a pause one would follow the other */
static int64_t
parse_interval(const char *option, const char *value)
{
	int64_t ns = arg_duration(option, value);

	if (ns < LEAST_INTERVAL)
		die_usage("%s: at least 100ms", option);
	return ns;
}

/* When things are said */
static bool
parse_times(struct watch_program_state *p, int id, const char *value)
{
	struct watch_options *o = &p->watch.options;
	struct err err;

	switch (id) {
	case 'w':
		o->changes.window = arg_duration("--debounce", value);
		p->debounce_said = true;
		break;
	case O_MAX_DELAY:
		o->changes.max_delay = arg_duration("--max-delay", value);
		p->max_delay_said = true;
		break;
	case O_RESCAN:
		o->plan.rescan = parse_interval("--rescan", value);
		p->rescan_said = true;
		break;
	case O_FALLBACK:
		o->plan.fallback = parse_interval("--fallback-interval",
		    value);
		break;
	case O_SETTLE:
		o->settle = arg_duration("--settle", value);
		break;
	case O_BATCH_WAIT:
		o->batch_wait = arg_duration("--batch-wait", value);
		break;
	case O_TIMEOUT:
		o->timeout = arg_duration("--timeout", value);
		break;
	case O_RATE:
		if (rate_parse(value, &o->rate, &err))
			die_usage("--rate: %s", err.text);
		break;
	default:
		return false;
	}
	return true;
}

static void
parse_option(struct watch_program_state *p, int id, const char *value)
{
	struct watch_options *o = &p->watch.options;

	switch (id) {
	case 'n':
		o->changes.batch = (size_t)arg_int("--batch", value, 1,
		    1000000);
		break;
	case O_MAX_PENDING:
		o->changes.max_records = (size_t)arg_int("--max-pending",
		    value, 1, 100000000);
		break;
	case O_SOURCE:
		o->source = parse_source(value);
		break;
	case O_DELETIONS:
		p->deletions = parse_on_off("--deletions", value);
		break;
	case O_NO_EXISTING:
		p->no_existing = true;
		break;
	case O_ONCE:
		o->once = true;
		break;
	case O_BOUNDARIES:
		o->boundaries = true;
		break;
	case '0':
	case 'J':
		o->format = id == '0' ? STREAM_NUL : STREAM_JSON;
		break;
	case O_STATUS_FD:
		p->status_fd = parse_fd(value);
		break;
	default:
		p->verbose = true;
		break;
	}
}

void
watch_parse(struct watch_program_state *p, int argc, char **argv)
{
	struct args *args = &p->source.args;
	const char *value;
	int id;

	args_init(args, &program, argc, argv, false);
	while ((id = args_next(args, &value)) != 0)
		if (!parse_times(p, id, value) &&
		    !scan_source_option(&p->source, id, value))
			parse_option(p, id, value);
	if (args->argc == 0 && p->source.type == NULL)
		die_usage("needs a directory, or a type that has one");
}
