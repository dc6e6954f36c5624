/* The command line of iq-list. */
#include "list_options.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "report.h"
#include "type_option.h"
#include "words.h"

enum {
	O_WHY = OPT_LONG, O_OUTPUT, O_PATH, O_KEY, O_GROUP, O_SINCE, O_UNTIL,
	O_REASON, O_LIMIT, O_SORT
};

#define STATES "pending running succeeded quarantined cancelled ready " \
	"delayed retrying waiting"

static char reasons[512], fields[1024];	/* all that there are */

static const struct opt opts[] = {
	{ 't', "type", "TYPE", "of this type and its children", "type",
	    false },
	{ 's', "state", "STATE", "in this state (again for several): "
	    "pending, running, succeeded, quarantined, cancelled; or ready, "
	    "delayed, retrying, waiting (default: all that live)", STATES,
	    false },
	{ O_PATH, "path", "GLOB", "whose path matches; * also matches /",
	    NULL, false },
	{ O_KEY, "key", "K", "with this key", NULL, false },
	{ O_GROUP, "group", "G", "of this group", NULL, false },
	{ O_SINCE, "since", "TIME", "enqueued at TIME or later", NULL,
	    false },
	{ O_UNTIL, "until", "TIME", "enqueued before TIME", NULL, false },
	{ O_REASON, "reason", "R", "whose last failure has this reason",
	    reasons, false },
	{ O_LIMIT, "limit", "N", "at most N jobs", NULL, false },
	{ O_SORT, "sort", "FIELD", "by a field of the job object; -FIELD for "
	    "descending (default: id)", fields, false },
	{ O_WHY, "why", "ID", "what holds this job back now", NULL, false },
	{ O_OUTPUT, "output", "ID", "what its last attempt printed", NULL,
	    false },
	REPORT_OPTIONS,
	OPT_END
};

static const char *const synopsis[] = {
	"[-t TYPE] [-s STATE]... [options] [ID ...]",
	"--why ID",
	"--output ID",
	NULL
};

static const struct program program = {
	.name = "iq-list",
	.purpose = "show jobs, why one does not run, and what one printed",
	.synopsis = synopsis,
	.opts = opts,
};

static void
fill_words(void)
{
	const char *name;

	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++)
		words_add(reasons, sizeof(reasons),
		    reason_name((enum reason)i));
	for (int i = 0; (name = job_order_name(i)) != NULL; i++)
		words_add(fields, sizeof(fields), name);
}

static void
add_state(struct list_options *l, const char *word)
{
	static const struct {
		const char *word;
		unsigned states;
	} words[] = {
		{ "pending", 1u << STATE_READY | 1u << STATE_DELAYED |
		    1u << STATE_WAITING },
		{ "ready", 1u << STATE_READY },
		{ "delayed", 1u << STATE_DELAYED },
		{ "waiting", 1u << STATE_WAITING },
		{ "running", 1u << STATE_RUNNING },
		{ "succeeded", 1u << STATE_SUCCEEDED },
		{ "quarantined", 1u << STATE_QUARANTINED },
		{ "cancelled", 1u << STATE_CANCELLED },
	};

	if (strcmp(word, "retrying") == 0) {
		l->filter.states |= 1u << STATE_DELAYED;
		l->filter.retrying = true;
		return;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i].word, word) == 0) {
			l->filter.states |= words[i].states;
			l->all_delayed |= (words[i].states &
			    1u << STATE_DELAYED) != 0;
			return;
		}
	die_usage("--state: no state '%s'; there are %s", word, STATES);
}

static enum reason
reason_of(const char *word)
{
	enum reason r = reason_parse(word);

	if (r == REASON_NONE)
		die_usage("--reason: no reason '%s'; there are %s", word,
		    reasons);
	return r;
}

static void
parse_filter(struct list_options *l, int id, const char *value)
{
	struct job_filter *f = &l->filter;

	l->filtered = true;
	switch (id) {
	case 't':
		type_option(&f->type, value);
		break;
	case 's':
		add_state(l, value);
		break;
	case O_PATH:
		f->path_glob = value;
		break;
	case O_KEY:
		f->key = bytes_of(value);
		break;
	case O_GROUP:
		f->group = bytes_of(value);
		break;
	case O_SINCE:
		f->since = arg_time("--since", value, l->now);
		break;
	case O_UNTIL:
		f->until = arg_time("--until", value, l->now);
		break;
	case O_REASON:
		f->reason = reason_of(value);
		break;
	case O_LIMIT:
		f->limit = arg_int("--limit", value, 1, INT64_MAX);
		break;
	default:
		f->sort = value;
	}
}

static void
parse_ids(struct list_options *l)
{
	size_t n = (size_t)l->args.argc;

	if (n == 0)
		return;
	l->ids = mem_alloc(n * sizeof(*l->ids));
	for (size_t i = 0; i < n; i++)
		l->ids[i] = arg_int("ID", l->args.argv[i], 1, INT64_MAX);
	l->filter.ids = l->ids;
	l->filter.nids = n;
}

void
list_options_parse(struct list_options *l, int argc, char **argv)
{
	const char *value;
	int id;

	memset(l, 0, sizeof(*l));
	l->now = clock_system.wall(NULL);
	fill_words();
	args_init(&l->args, &program, argc, argv, false);
	while ((id = args_next(&l->args, &value)) != 0) {
		if (id == REPORT_TEXT || id == REPORT_JSON)
			l->form = id;
		else if (id == O_WHY)
			l->why = arg_int("--why", value, 1, INT64_MAX);
		else if (id == O_OUTPUT)
			l->output = arg_int("--output", value, 1, INT64_MAX);
		else
			parse_filter(l, id, value);
	}
	if (l->all_delayed)
		l->filter.retrying = false;
	if ((l->why || l->output) && (l->filtered || l->args.argc ||
	    (l->why && l->output)))
		die_usage("--%s: takes one job, and nothing else",
		    l->why ? "why" : "output");
	parse_ids(l);
}
