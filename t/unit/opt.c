/*
 * The parser of options.  Linked as iq-sample it is a program with every kind
 * of option, which t/0001-options.bats and t/0003-completion.bats run.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "opt.h"
#include "tap.h"

enum { LONG_ON_FULL = OPT_LONG, LONG_DRAIN, LONG_WAIT, LONG_FUTURE };

static const struct opt opts[] = {
	{ 'j', "max-workers", "N", "how many jobs at once, which needs a line "
		"of help that is long enough to be wrapped", NULL, false },
	{ 'j', "jobs", "N", NULL, NULL, false },
	{ 't', "type", "TYPE", "type of the jobs", "type", false },
	{ 'v', "verbose", NULL, "say more", NULL, false },
	{ 'J', "json-lines", NULL, "records are [JSON]: 'objects'", NULL,
		false },
	{ 'o', "output", "DIR", "where results go", "dir", false },
	{ LONG_ON_FULL, "on-full", "HOW", "what a full queue means",
		"block fail drop", false },
	{ LONG_DRAIN, "drain", "[all]", "end when nothing is left", "all",
		false },
	{ LONG_WAIT, "wait", "D", "at most this long", NULL, false },
	{ LONG_FUTURE, "future", NULL, "later", NULL, true },
	OPT_END
};

static const char *const synopsis[] = { "[-vJ] [-j N] [-t TYPE] [PATH ...]",
	"--wait D", NULL };
static const char *const verbs[] = { "add", "list", "rm", NULL };

static const struct following following[] = { { "add", "one two" },
	{ NULL, NULL } };

static const struct program sample = {
	.name = "iq-sample",
	.purpose = "shows every kind of option",
	.synopsis = synopsis,
	.opts = opts,
	.verbs = verbs,
	.following = following,
};

/* What the parser gives, as text: "j=4 v | a b" */
static void
parse(int argc, char **argv, bool posix, struct buf *out)
{
	struct args a;
	const char *value;
	int id, i;

	args_init(&a, &sample, argc, argv, posix);
	while ((id = args_next(&a, &value)) != 0) {
		if (id < OPT_LONG)
			buf_addf(out, "%c", id);
		else
			buf_addf(out, "%d", id - OPT_LONG);
		if (value != NULL)
			buf_addf(out, "=%s", value);
		buf_addc(out, ' ');
	}
	if (args_next(&a, &value) != 0)
		buf_adds(out, "more ");
	if (a.queue != NULL)
		buf_addf(out, "queue=%s ", a.queue);
	buf_addc(out, '|');
	for (i = 0; i < a.argc; i++)
		buf_addf(out, " %s", a.argv[i]);
	if (a.argv[a.argc] != NULL)
		buf_adds(out, " not ended");
}

static const struct {
	const char *name, *line, *want;
	bool posix;
} cases[] = {
	{ "nothing", "", "|", false },
	{ "short cluster", "-vJ", "v J |", false },
	{ "value in the cluster", "-vj4", "v j=4 |", false },
	{ "value in the next word", "-j 4", "j=4 |", false },
	{ "long with =", "--max-workers=4", "j=4 |", false },
	{ "long with a word", "--max-workers 4", "j=4 |", false },
	{ "alias", "--jobs=4", "j=4 |", false },
	{ "empty value", "--max-workers=", "j= |", false },
	{ "value with =", "--type=a=b", "t=a=b |", false },
	{ "value that looks like an option", "-j -v", "j=-v |", false },
	{ "optional value", "--drain --drain=all", "1 1=all |", false },
	{ "optional value is never the next word", "--drain all",
		"1 | all", false },
	{ "operands anywhere", "a -v b --wait 1s c", "v 2=1s | a b c", false },
	{ "operands in front end options", "-v cmd -j 4", "v | cmd -j 4",
		true },
	{ "-- ends options", "-v -- -j x", "v | -j x", false },
	{ "-- once", "a -- -- b", "| a -- b", false },
	{ "-- before a command", "-v -- cmd -- x", "v | cmd -- x", true },
	{ "- is an operand", "- -v", "v | -", false },
	{ "queue is kept", "-q f a --queue=g", "queue=g | a", false },
};

static void
check(size_t i)
{
	struct buf got = { 0 }, line = { 0 };
	char *argv[16] = { NULL }, *at, *rest;
	int argc = 0;

	buf_addf(&line, "iq-sample %s", cases[i].line);
	for (at = line.p; (at = strtok_r(at, " ", &rest)) != NULL; at = NULL)
		argv[argc++] = at;
	parse(argc, argv, cases[i].posix, &got);
	is_str(got.p, cases[i].want, "%s", cases[i].name);
	buf_release(&got);
	buf_release(&line);
}

static int
run_sample(int argc, char **argv)
{
	struct buf out = { 0 };
	struct args a;
	const char *value;
	int id;

	args_init(&a, &sample, argc, argv, false);
	while ((id = args_next(&a, &value)) != 0) {
		if (id == 'j')
			buf_addf(&out, "workers %" PRId64 "\n",
				arg_int("--max-workers", value, 1, 64));
		else if (id == LONG_WAIT)
			buf_addf(&out, "wait %" PRId64 "\n",
				arg_duration("--wait", value));
	}
	if (a.argc > 0)
		die(1, "operand %s", a.argv[0]);
	fwrite(out.p, 1, out.len, stdout);
	buf_release(&out);
	return output_finish(0);
}

int
main(int argc, char **argv)
{
	size_t i;

	if (argc > 0 && strstr(argv[0], "iq-sample") != NULL)
		return run_sample(argc, argv);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(i);
	return done();
}
