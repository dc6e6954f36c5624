/* The command line of iq-log. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "log.h"
#include "log_kinds.h"
#include "type_option.h"

enum {
	O_JOB = OPT_LONG, O_KIND, O_ACTOR, O_SINCE, O_UNTIL, O_VERIFY,
	O_REPLAY, O_EXPORT, O_ANCHOR, O_OFFLINE, O_REDACT, O_SEAL,
	O_NEW_KEY, O_SEAL_KEY, O_PRUNE
};

static const struct opt opts[] = {
	{ 'f', "follow", NULL, "go on with what happens from now on, after "
	    "the last ten events or those since --since", NULL, false },
	{ 't', "type", "TYPE", "of this type and its children", "type",
	    false },
	{ O_JOB, "job", "ID", "of this job (again for several)", NULL,
	    false },
	{ O_KIND, "kind", "KIND", "of this kind (again for several)", log_kinds,
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
	{ O_SEAL, "seal", NULL, "the same, signed and kept in the log as well",
	    NULL, false },
	{ O_NEW_KEY, "new-seal-key", NULL, "make the key for seals, and print "
	    "what they can be checked with", NULL, false },
	{ O_VERIFY, "verify", NULL, "check that the log is what was written, "
	    "and what FILEs with anchors or an export say", NULL, false },
	{ O_OFFLINE, "offline", NULL, "with --verify: check an export in FILEs "
	    "by itself, without a queue", NULL, false },
	{ O_SEAL_KEY, "seal-key", "FILE", "with --verify: check the seals, "
	    "with what --new-seal-key printed", "file", false },
	{ O_PRUNE, "prune", NULL, "take the events before --until away, and "
	    "leave an anchor", NULL, false },
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
	"--new-seal-key",
	"--seal",
	"--verify [--offline] [--seal-key FILE] [FILE ...]",
	"--replay [-t TYPE] [--job ID]... [--until TIME]",
	"--prune --until TIME",
	NULL
};

static const struct program program = {
	.name = "iq-log",
	.purpose = "read and verify the audit log",
	.synopsis = synopsis,
	.opts = opts,
};

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

/* Options that say what to do */
static const struct {
	int id;
	enum log_mode mode;
	const char *name;
} modes[] = {
	{ 'f', LOG_FOLLOW, "follow" }, { O_EXPORT, LOG_EXPORT, "export" },
	{ O_ANCHOR, LOG_ANCHOR, "anchor" }, { O_SEAL, LOG_SEAL, "seal" },
	{ O_NEW_KEY, LOG_NEW_KEY, "new-seal-key" },
	{ O_VERIFY, LOG_VERIFY, "verify" },
	{ O_REPLAY, LOG_REPLAY, "replay" }, { O_PRUNE, LOG_PRUNE, "prune" },
};
#define NMODES (sizeof(modes) / sizeof(*modes))

static const char *
mode_name(enum log_mode mode)
{
	for (size_t i = 0; i < NMODES; i++)
		if (modes[i].mode == mode)
			return modes[i].name;
	return "";
}

static bool
set_mode(struct log_program *p, int id)
{
	for (size_t i = 0; i < NMODES; i++) {
		if (modes[i].id != id)
			continue;
		if (p->mode != LOG_READ && p->mode != modes[i].mode)
			die_usage("--%s: not with --%s", modes[i].name,
			    mode_name(p->mode));
		p->mode = modes[i].mode;
		return true;
	}
	return false;
}

static void
parse_one(struct log_program *p, int id, const char *value)
{
	struct log_filter *f = &p->filter;

	if (set_mode(p, id))
		return;
	switch (id) {
	case 't':
		type_option(&f->type, value);
		break;
	case O_JOB:
		add_job(f, value);
		break;
	case O_KIND:
		f->kinds |= log_kind(value);
		break;
	case O_ACTOR:
		f->actor = value;
		break;
	case O_SINCE:
		f->since = arg_time("--since", value,
		    clock_system.wall(NULL));
		break;
	case O_UNTIL:
		f->until = arg_time("--until", value,
		    clock_system.wall(NULL));
		break;
	case O_REDACT:
		if (setting_parse(SET_REDACT, value, NULL, NULL) != 0)
			die_usage("--redact: none, hash or full, not '%s'",
			    value);
		p->redacting = value;
		break;
	case O_SEAL_KEY:
		p->seal_key = value;
		break;
	case O_OFFLINE:
		p->offline = true;
		break;
	default:
		p->form = id;
	}
}

/* What goes with which mode */
enum { JOBS = 1, EVENTS = 2, SINCE = 4, UNTIL = 8, REDACT = 16, KEY = 32,
	OFFLINE = 64, FILES = 128 };

static const struct {
	unsigned takes;
	const char *why;
} rules[] = {
	[LOG_READ] = { JOBS | EVENTS | SINCE | UNTIL | REDACT, NULL },
	[LOG_FOLLOW] = { JOBS | EVENTS | SINCE | REDACT, "has no end" },
	[LOG_EXPORT] = { SINCE | UNTIL | REDACT, "takes --since and --until "
	    "only; with gaps it could not be verified" },
	[LOG_ANCHOR] = { 0, "is of all of the log" },
	[LOG_SEAL] = { 0, "is of all of the log" },
	[LOG_NEW_KEY] = { 0, "takes nothing else" },
	[LOG_VERIFY] = { KEY | OFFLINE | FILES, "reads all of the log" },
	[LOG_REPLAY] = { JOBS | UNTIL, "needs all of what happened before" },
	[LOG_PRUNE] = { UNTIL, "takes --until only" },
};

static void
check(const struct log_program *p)
{
	const struct log_filter *f = &p->filter;
	unsigned got = (f->type || f->jobs ? JOBS : 0) |
	    (f->kinds || f->actor ? EVENTS : 0) | (f->since ? SINCE : 0) |
	    (f->until ? UNTIL : 0) | (p->redacting ? REDACT : 0) |
	    (p->seal_key ? KEY : 0) | (p->offline ? OFFLINE : 0);

	if (p->args.argc && !(rules[p->mode].takes & FILES))
		die_usage("does not take '%s'", p->args.argv[0]);
	if (got & ~rules[p->mode].takes && p->mode == LOG_READ)
		die_usage("--%s: goes with --verify", p->offline ? "offline" :
		    "seal-key");
	if (got & ~rules[p->mode].takes)
		die_usage("--%s: %s", mode_name(p->mode),
		    rules[p->mode].why);
	if (p->mode == LOG_EXPORT && p->form == REPORT_TEXT)
		die_usage("--export: is JSON");
	if (p->mode == LOG_PRUNE && f->until == 0)
		die_usage("--prune: needs --until");
	if (p->offline && p->args.argc == 0)
		die_usage("--offline: needs a FILE");
	if (p->offline && p->seal_key)
		die_usage("--seal-key: seals are in the queue, not in an "
		    "export");
}

void
log_options_parse(struct log_program *p, int argc, char **argv)
{
	const char *value;
	int id;

	log_kinds_fill();
	args_init(&p->args, &program, argc, argv, false);
	while ((id = args_next(&p->args, &value)) != 0)
		parse_one(p, id, value);
	check(p);
	if (p->mode == LOG_EXPORT)
		p->form = REPORT_JSON;
}
