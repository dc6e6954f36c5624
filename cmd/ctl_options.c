/* The command line of iq-ctl. */
#include "ctl_options.h"

#include <string.h>

#include "base/nearest.h"
#include "base/num.h"
#include "report.h"
#include "type_option.h"

enum { O_KILL = OPT_LONG, O_TIMEOUT, O_GROUP, O_REASON, O_FOR };

static const struct opt opts[] = {
	{ O_KILL, "kill", NULL, "cancel: running jobs, too", NULL, false },
	{ O_TIMEOUT, "timeout", "D", "wait: at most D (exit 75)", NULL,
	    false },
	{ O_GROUP, "group", "G", "wait: for the jobs of a group", NULL,
	    false },
	{ 't', "type", "TYPE", "pause, resume: this type and its children "
	    "(everything)", "type", false },
	{ O_REASON, "reason", "TEXT", "pause: why, for whoever asks", NULL,
	    false },
	{ O_FOR, "for", "D", "pause: for that long", NULL, false },
	REPORT_OPTIONS,
	OPT_END
};

static const char *const synopsis[] = {
	"retry|release|quarantine|discard [ID ...]",
	"cancel [--kill] [ID ...]",
	"priority PRIORITY [ID ...]",
	"wait [--timeout D] [--group G | ID ...]",
	"pause [-t TYPE] [--reason TEXT] [--for D]",
	"resume [-t TYPE]",
	NULL
};

static const char *const verbs[] = { "retry", "cancel", "release",
	"quarantine", "discard", "priority", "wait", "pause", "resume",
	NULL };

static const struct following following[] = {
	{ "priority", "critical high normal low batch" }, { NULL, NULL }
};

static const struct program program = {
	.name = "iq-ctl",
	.purpose = "retry, cancel, release and discard jobs; pause and resume "
	    "types",
	.synopsis = synopsis,
	.opts = opts,
	.verbs = verbs,
	.following = following,
};

bool
ctl_is(const struct ctl_options *c, const char *verb)
{
	return strcmp(c->verb, verb) == 0;
}

static void
parse_option(struct ctl_options *c, int id, const char *value)
{
	switch (id) {
	case O_KILL:
		c->kill = true;
		break;
	case O_TIMEOUT:
		c->timeout = arg_duration("--timeout", value);
		if (c->timeout == 0)
			c->timeout = 1;
		break;
	case O_GROUP:
		if (*value == '\0')
			die_usage("--group: empty");
		c->group = value;
		break;
	case 't':
		type_option(&c->type, value);
		break;
	case O_REASON:
		c->reason = value;
		break;
	case O_FOR:
		c->pause_for = arg_duration("--for", value);
		if (c->pause_for == 0)
			die_usage("--for: a pause of no time is none; without "
			    "--for it lasts until resume");
		break;
	default:
		c->form = id;
	}
}

static void
only_for(const struct ctl_options *c, bool given, const char *option,
	const char *verb, const char *other)
{
	if (given && !ctl_is(c, verb) && !(other && ctl_is(c, other)))
		die_usage("--%s: not with %s", option, c->verb);
}

/* Which verb it is, and what that one takes */
static void
parse_verb(struct ctl_options *c)
{
	static const enum job_verb of_verb[] = { JOB_RETRY, JOB_CANCEL,
	    JOB_RELEASE, JOB_QUARANTINE, JOB_DISCARD, JOB_PRIORITY };
	const char *near;
	struct err err;
	size_t v = 0;

	if (c->args.argc == 0)
		die_usage("needs a verb; --help lists them");
	c->verb = c->args.argv[0];
	while (verbs[v] && !ctl_is(c, verbs[v]))
		v++;
	near = verbs[v] ? NULL : nearest(c->verb, verbs);
	if (near)
		die_usage("no verb '%s'; did you mean '%s'?", c->verb, near);
	if (verbs[v] == NULL)
		die_usage("no verb '%s'", c->verb);
	if (v < sizeof(of_verb) / sizeof(*of_verb))
		c->job_verb = of_verb[v];
	if (c->kill)
		c->job_verb = JOB_KILL;
	only_for(c, c->kill, "kill", "cancel", NULL);
	only_for(c, c->timeout != 0, "timeout", "wait", NULL);
	only_for(c, c->group != NULL, "group", "wait", NULL);
	only_for(c, c->type != NULL, "type", "pause", "resume");
	only_for(c, c->reason != NULL, "reason", "pause", NULL);
	only_for(c, c->pause_for != 0, "for", "pause", NULL);
	c->first = 1;
	if (!ctl_is(c, "priority"))
		return;
	if (c->args.argc < 2)
		die_usage("priority: needs a priority");
	if (priority_parse(c->args.argv[1], &c->priority, &err) != 0)
		die_usage("%s", err.text);
	c->first = 2;
}

void
ctl_options_parse(struct ctl_options *c, int argc, char **argv)
{
	const char *value;
	int id;

	memset(c, 0, sizeof(*c));
	args_init(&c->args, &program, argc, argv, false);
	while ((id = args_next(&c->args, &value)) != 0)
		parse_option(c, id, value);
	parse_verb(c);
	c->types = ctl_is(c, "pause") || ctl_is(c, "resume");
	if (c->types && c->args.argc > c->first)
		die_usage("%s: a type is said with -t: -t %s", c->verb,
		    c->args.argv[c->first]);
	if (c->group && c->args.argc > c->first)
		die_usage("%s: takes --group or an ID, not both", c->verb);
}
