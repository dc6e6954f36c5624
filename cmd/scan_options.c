/* The options of iq-scan. */
#include "scan.h"

enum {
	O_NEW = OPT_LONG, O_CHANGED, O_DELETED, O_ALL, O_IDENTITY, O_SETTLE,
	O_LIMIT, O_MAX_TIME, O_FOLLOW, O_ACK, O_STATUS, O_RESET
};

static const struct opt opts[] = {
	{ O_NEW, "new", NULL, "print new files", NULL, false },
	{ O_CHANGED, "changed", NULL, "print changed files (without one of "
	    "these: new and changed ones)", NULL, false },
	{ O_DELETED, "deleted", NULL, "print files that are gone", NULL,
	    false },
	{ O_ALL, "all", NULL, "print all of them, and files that have not "
	    "changed", NULL, false },
	SOURCE_TYPE_OPTION,
	SOURCE_NAME_OPTION,
	{ O_IDENTITY, "identity", "WHAT", "what differs when a file has "
	    "changed (default: size, mtime, inode)",
	    "default strict mtime", false },
	{ O_SETTLE, "settle", "D", "leave alone what was changed within D "
	    "(2s)", NULL, false },
	{ O_LIMIT, "limit", "N", "end after N records; the next scan goes on "
	    "from there", NULL, false },
	{ O_LIMIT, "max-files-per-batch", "N", NULL, NULL, false },
	{ O_MAX_TIME, "max-time", "D", "or after D", NULL, false },
	SOURCE_SELECT_OPTIONS,
	{ O_FOLLOW, "follow", NULL, "follow symbolic links", NULL, false },
	{ '0', "null", NULL, "print NUL-separated paths", NULL, false },
	{ 'J', "json-lines", NULL, "print one JSON object a line", NULL,
	    false },
	{ 'v', "verbose", NULL, "end with a JSON line on stderr", NULL,
	    false },
	{ O_ACK, "ack", NULL, "all that was printed before has been taken",
	    NULL, false },
	{ O_STATUS, "status", NULL, "report what is known", NULL, false },
	{ O_RESET, "reset", NULL, "forget what is known", NULL, false },
	REPORT_OPTIONS,
	OPT_END
};

static const char *const synopsis[] = {
	"[--new] [--changed] [--deleted] [--all] [-t TYPE] [options] "
	    "[DIR ...]",
	"--ack | --reset [--name S] [-t TYPE] [DIR ...]",
	"--status [--name S] [-t TYPE] [DIR ...]",
	NULL
};

static const struct hint hints[] = {
	{ "-x", "say --one-file-system" },
	{ "-L", "say --follow" },
	{ "-print0", "say -0" },
	{ "--print0", "say -0" },
	{ "-n", "say --limit" },
	{ NULL, NULL }
};

static const struct program program = {
	.name = "iq-scan",
	.purpose = "find new, changed and deleted files since the last scan",
	.synopsis = synopsis,
	.opts = opts,
	.hints = hints,
};

static void
set_mode(struct scan_program *p, enum scan_mode mode)
{
	if (p->mode != SCAN_RUN && p->mode != mode)
		die_usage("--ack, --status and --reset: say one of them");
	p->mode = mode;
}

static enum seen_identity
parse_identity(const char *value)
{
	static const char *const words[] = { "default", "strict", "mtime" };

	for (int i = 0; i < 3; i++)
		if (strcmp(value, words[i]) == 0)
			return (enum seen_identity)i;
	die_usage("--identity '%s': not default, strict or mtime", value);
}

/* What is printed, and how */
static bool
parse_output(struct scan_program *p, int id)
{
	struct seen_policy *want = &p->scan.policy;

	switch (id) {
	case O_NEW:
		want->created = true;
		break;
	case O_CHANGED:
		want->modified = true;
		break;
	case O_DELETED:
		want->deleted = true;
		break;
	case O_ALL:
		want->created = want->modified = want->deleted =
		    want->unchanged = true;
		break;
	case '0':
		p->scan.format = STREAM_NUL;
		break;
	case 'J':
		p->scan.format = STREAM_JSON;
		break;
	case 'v':
		p->verbose = true;
		break;
	default:
		return false;
	}
	return true;
}

static void
parse_option(struct scan_program *p, int id, const char *value)
{
	switch (id) {
	case O_IDENTITY:
		p->scan.policy.identity = parse_identity(value);
		break;
	case O_SETTLE:
		p->scan.policy.settle = arg_duration("--settle", value);
		break;
	case O_LIMIT:
		p->scan.limit = arg_int("--limit", value, 1, INT64_MAX);
		break;
	case O_MAX_TIME:
		p->max_time = arg_duration("--max-time", value);
		break;
	case O_FOLLOW:
		p->scan.walk.follow = true;
		break;
	case O_ACK:
		set_mode(p, SCAN_ACK);
		break;
	case O_STATUS:
		set_mode(p, SCAN_STATUS);
		break;
	case O_RESET:
		set_mode(p, SCAN_RESET);
		break;
	default:
		p->form = id;
		break;
	}
}

/* What has a meaning whatever is asked for */
static bool
is_for_all(int id)
{
	return id == O_ACK || id == O_STATUS || id == O_RESET || id == 't' ||
	    id == SOURCE_NAME || id == REPORT_JSON || id == REPORT_TEXT;
}

void
scan_options(struct scan_program *p, int argc, char **argv)
{
	static const int modes[] = { [SCAN_ACK] = O_ACK,
	    [SCAN_STATUS] = O_STATUS, [SCAN_RESET] = O_RESET };
	struct seen_policy *want = &p->scan.policy;
	const char *value;
	int id, of_scan = 0;

	args_init(&p->args, &program, argc, argv, false);
	while ((id = args_next(&p->args, &value)) != 0) {
		if (!is_for_all(id))
			of_scan = id;
		if (!parse_output(p, id) && !scan_source_option(p, id, value))
			parse_option(p, id, value);
	}
	if (of_scan && p->mode != SCAN_RUN)
		die_usage("--%s: not with --%s", opt_name(opts, of_scan),
		    opt_name(opts, modes[p->mode]));
	if (!want->created && !want->modified && !want->deleted)
		want->created = want->modified = true;
	if (p->form && p->mode != SCAN_STATUS)
		die_usage("--%s: only with --status", p->form == REPORT_JSON ?
		    "json" : "text");
	if (p->args.argc == 0 && p->type == NULL && p->mode != SCAN_STATUS)
		die_usage("needs a directory, or a type that has one");
}
