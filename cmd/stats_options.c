/* The command line of iq-stats. */
#include "stats_options.h"

#include <string.h>

#include "base/num.h"
#include "type_option.h"

enum {
	O_SINCE = OPT_LONG, O_BY, O_FAILURES, O_HEALTH, O_PROMETHEUS, O_HTML
};

static const struct opt opts[] = {
	{ 't', "type", "TYPE", "of this type and its children only", "type",
	    false },
	{ O_SINCE, "since", "TIME", "what happened since TIME (-1h)", NULL,
	    false },
	{ O_BY, "by", "WHAT", "break down by type or host (type)",
	    "type host", false },
	{ O_FAILURES, "failures", NULL, "group the attempts that failed",
	    NULL, false },
	{ O_HEALTH, "health", NULL, "one line and an exit status, as a "
	    "monitoring plugin", NULL, false },
	{ O_PROMETHEUS, "prometheus", NULL, "Prometheus text, of all that was "
	    "ever counted", NULL, false },
	{ O_HTML, "html", NULL, "one page with plots", NULL, false },
	REPORT_OPTIONS,
	OPT_END
};

static const char *const synopsis[] = {
	"[-t TYPE] [--since TIME] [--by type|host | --failures] "
	    "[--text | --json]",
	"--health [-t TYPE] [--since TIME] [--text | --json]",
	"--prometheus [-t TYPE]",
	"--html [-t TYPE] [--since TIME]",
	NULL
};

static const struct program program = {
	.name = "iq-stats",
	.purpose = "report what the queue holds, what it did and how fast",
	.synopsis = synopsis,
	.opts = opts,
};

#define HOUR (3600 * NS_PER_S)

static void
break_down(struct stats_options *o, const char *what)
{
	if (strcmp(what, "host") != 0 && strcmp(what, "type") != 0)
		die_usage("--by: type or host, not '%s'", what);
	o->by = what[0] == 'h' ? BY_HOST : BY_TYPE;
}

static void
set_form(struct stats_options *o, enum stats_form form)
{
	if (o->form != STATS_REPORT && o->form != form)
		die_usage("takes one of --health, --prometheus and --html");
	o->form = form;
}

void
stats_options_parse(struct stats_options *o, int argc, char **argv)
{
	int64_t now = clock_system.wall(NULL);
	bool by = false, failures = false, since = false;
	const char *value;
	int id;

	memset(o, 0, sizeof(*o));
	o->since = now - HOUR;
	args_init(&o->args, &program, argc, argv, false);
	while ((id = args_next(&o->args, &value)) != 0) {
		failures |= id == O_FAILURES;
		by |= id == O_BY;
		since |= id == O_SINCE;
		if (id == 't')
			type_option(&o->type, value);
		else if (id == O_SINCE)
			o->since = arg_time("--since", value, now);
		else if (id == O_BY)
			break_down(o, value);
		else if (id == O_FAILURES)
			o->by = BY_FAILURE;
		else if (id == O_HEALTH)
			set_form(o, STATS_HEALTH);
		else if (id == O_PROMETHEUS)
			set_form(o, STATS_PROMETHEUS);
		else if (id == O_HTML)
			set_form(o, STATS_HTML);
		else if (id == REPORT_TEXT || id == REPORT_JSON)
			o->print = id;
	}
	/* who has written + for - would be told that all is well */
	if (o->since > now)
		die_usage("--since: that is still to come; the last hour is "
		    "-1h");
	if (by && failures)
		die_usage("takes one of --by and --failures");
	if (o->form != STATS_REPORT && (by || failures))
		die_usage("--by and --failures go with the report only");
	if (o->form == STATS_PROMETHEUS && (since || o->print))
		die_usage("--prometheus: takes --type only; its counters are of "
		    "all that was ever counted");
	if (o->form == STATS_HTML && o->print)
		die_usage("--html: goes neither with --text nor with --json");
	if (o->args.argc)
		die_usage("does not take '%s'", o->args.argv[0]);
}
