/* The command line of iq-log. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "log.h"
#include "type_option.h"

enum {
	O_JOB = OPT_LONG, O_KIND, O_ACTOR, O_SINCE, O_UNTIL, O_VERIFY,
	O_REPLAY, O_EXPORT, O_ANCHOR, O_OFFLINE, O_REDACT
};

#define KINDS "init migrate enqueue merge claim finish release reap cancel " \
	"retry quarantine discard priority pause resume setting " \
	"worker_join worker_leave repair breaker"

static const struct opt opts[] = {
	{ 'f', "follow", NULL, "go on with what happens from now on, after "
	    "the last ten events or those since --since", NULL, false },
	{ 't', "type", "TYPE", "of this type and its children", "type",
	    false },
	{ O_JOB, "job", "ID", "of this job (again for several)", NULL,
	    false },
	{ O_KIND, "kind", "KIND", "of this kind (again for several)", KINDS,
	    false },
	{ O_ACTOR, "actor", "GLOB", "by whom; matched with user@host pid "
	    "program, or worker N", NULL, false },
	{ O_SINCE, "since", "TIME", "at TIME or later", NULL, false },
	{ O_UNTIL, "until", "TIME", "before TIME", NULL, false },
	{ O_REDACT, "redact", "WHAT", "paths: none, hash or full (default: "
	    "the setting)", "none hash full", false },
	{ O_EXPORT, "export", NULL, "JSON for another place, where it can be "
	    "verified", NULL, false },
	{ O_ANCHOR, "anchor", NULL, "the last event and its hash, to be kept "
	    "in another place", NULL, false },
	{ O_VERIFY, "verify", NULL, "check that the log is what was written, "
	    "and what FILEs with anchors or an export say", NULL, false },
	{ O_OFFLINE, "offline", NULL, "with --verify: check an export in FILEs "
	    "by itself, without a queue", NULL, false },
	{ O_REPLAY, "replay", NULL, "the state of each job as the log has it",
	    NULL, false },
	REPORT_OPTIONS,
	OPT_END
};

static const char *const synopsis[] = {
	"[-f] [-t TYPE] [--job ID]... [--kind KIND]... [--actor GLOB] "
	    "[--since TIME] [--until TIME] [--redact WHAT]",
	"--export [--since TIME] [--until TIME] [--redact WHAT]",
	"--anchor",
	"--verify [--offline] [FILE ...]",
	"--replay [-t TYPE] [--job ID]... [--until TIME]",
	NULL
};

static const struct program program = {
	.name = "iq-log",
	.purpose = "read and verify the audit log",
	.synopsis = synopsis,
	.opts = opts,
};

static int64_t
time_of(const char *option, const char *value)
{
	struct err err;
	int64_t at;

	if (time_parse(value, clock_system.wall(NULL), &at, &err) != 0)
		die_usage("--%s: %s", option, err.text);
	return at;
}

static void
add_job(struct log_filter *f, const char *value)
{
	int64_t id = arg_int("--job", value, 1, INT64_MAX);
	size_t i = f->njobs;

	f->jobs = mem_grow(f->jobs, f->njobs + 1, sizeof(*f->jobs));
	for (; i > 0 && f->jobs[i - 1] > id; i--)
		f->jobs[i] = f->jobs[i - 1];
	f->jobs[i] = id;
	f->njobs++;
}

static void
add_kind(struct log_filter *f, const char *word)
{
	int64_t kind = event_kind_parse(word);

	if (kind == 0)
		die_usage("--kind: no kind '%s'; there are %s", word, KINDS);
	f->kinds |= UINT64_C(1) << kind;
}

static void
set_mode(struct log_program *p, enum log_mode mode)
{
	if (p->mode != LOG_READ && p->mode != mode)
		die_usage("takes one of --follow, --export, --anchor, --verify "
		    "and --replay");
	p->mode = mode;
}

static void
parse_one(struct log_program *p, int id, const char *value)
{
	struct log_filter *f = &p->filter;

	switch (id) {
	case 'f':
		set_mode(p, LOG_FOLLOW);
		break;
	case 't':
		type_option(&f->type, value);
		break;
	case O_JOB:
		add_job(f, value);
		break;
	case O_KIND:
		add_kind(f, value);
		break;
	case O_ACTOR:
		f->actor = value;
		break;
	case O_SINCE:
		f->since = time_of("since", value);
		break;
	case O_UNTIL:
		f->until = time_of("until", value);
		break;
	case O_REDACT:
		if (setting_parse(SET_REDACT, value, NULL, NULL) != 0)
			die_usage("--redact: none, hash or full, not '%s'",
			    value);
		p->redacting = value;
		break;
	case O_EXPORT:
		set_mode(p, LOG_EXPORT);
		break;
	case O_ANCHOR:
		set_mode(p, LOG_ANCHOR);
		break;
	case O_VERIFY:
		set_mode(p, LOG_VERIFY);
		break;
	case O_OFFLINE:
		p->offline = true;
		break;
	case O_REPLAY:
		set_mode(p, LOG_REPLAY);
		break;
	default:
		p->form = id;
	}
}

/* What goes with which mode */
static void
check(const struct log_program *p)
{
	const struct log_filter *f = &p->filter;
	bool jobs = f->type || f->jobs, events = f->kinds || f->actor;

	if ((p->mode == LOG_VERIFY || p->mode == LOG_ANCHOR) &&
	    (jobs || events || f->since || f->until || p->redacting))
		die_usage("--%s: is of all of the log", p->mode == LOG_ANCHOR ?
		    "anchor" : "verify");
	if (p->mode == LOG_EXPORT && (jobs || events))
		die_usage("--export: takes --since and --until only; with "
		    "gaps it could not be verified");
	if (p->mode == LOG_EXPORT && p->form == REPORT_TEXT)
		die_usage("--export: is JSON");
	if (p->mode == LOG_REPLAY && (events || f->since || p->redacting))
		die_usage("--replay: takes --type, --job and --until only; it "
		    "needs all of what happened before");
	if (p->mode == LOG_FOLLOW && f->until)
		die_usage("--follow: does not take --until");
	if (p->offline && p->mode != LOG_VERIFY)
		die_usage("--offline: goes with --verify");
	if (p->offline && p->args.argc == 0)
		die_usage("--offline: needs a FILE");
	if (p->args.argc && p->mode != LOG_VERIFY)
		die_usage("does not take '%s'", p->args.argv[0]);
}

void
log_options_parse(struct log_program *p, int argc, char **argv)
{
	const char *value;
	int id;

	args_init(&p->args, &program, argc, argv, false);
	while ((id = args_next(&p->args, &value)) != 0)
		parse_one(p, id, value);
	check(p);
	if (p->mode == LOG_EXPORT)
		p->form = REPORT_JSON;
}
