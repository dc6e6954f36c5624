/* The command line of iq-top. */
#include "top_options.h"

#include <string.h>
#include <unistd.h>

#include "type_option.h"

static const struct opt opts[] = {
	{ 'd', "metrics-interval", "D", "look for what is new that often "
	    "(200ms)", NULL, false },
	{ 't', "type", "TYPE", "of this type and its children only", "type",
	    false },
	OPT_END
};

static const char *const synopsis[] = {
	"[-d D] [-t TYPE]",
	NULL
};

static const struct program program = {
	.name = "iq-top",
	.purpose = "watch the queue live, and act on its jobs and types",
	.synopsis = synopsis,
	.opts = opts,
};

#define INTERVAL (200 * NS_PER_MS)
#define LEAST (50 * NS_PER_MS)

void
top_options_parse(struct top_options *o, int argc, char **argv)
{
	const char *value;
	int id;

	memset(o, 0, sizeof(*o));
	o->interval = INTERVAL;
	args_init(&o->args, &program, argc, argv, false);
	while ((id = args_next(&o->args, &value)) != 0) {
		if (id == 't')
			type_option(&o->type, value);
		else
			o->interval = arg_duration("--metrics-interval",
			    value);
	}
	if (o->interval < LEAST)
		die_usage("--metrics-interval: 50ms at least");
	if (o->args.argc)
		die_usage("does not take '%s'", o->args.argv[0]);
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		die_usage("needs a terminal for its %s; iq-stats needs none",
		    isatty(STDOUT_FILENO) ? "keys" : "screen");
}
