/* Options of all programs: parsing. What is printed of them is in help.c. */
#include "opt.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/io.h"
#include "base/nearest.h"
#include "base/num.h"
#include "help.h"

#define NAMES_MAX 64		/* options of one program */

/* A file that may not grow any more is an error of whoever writes to it
 * (EFBIG), like a full disk, and nothing to die of without a word. */
static void
block_limits(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

void
args_init(struct args *a, const struct program *p, int argc, char **argv,
	bool options_end_at_operand)
{
	struct err err;

	memset(a, 0, sizeof(*a));
	say_as(p->name);
	a->program = p;
	a->argv = argv;
	a->total = argc;
	a->next = argc > 0;
	a->argc = argc > 0;	/* operands are gathered behind argv[0] */
	a->posix = options_end_at_operand;
	block_limits();
	if (io_standard_fds(&err) != 0)
		die(err.code, "%s", err.text);
}

/* ---- finding an option ---- */

static const struct opt *
find_in(const struct opt *o, int id, const char *name, size_t n)
{
	for (; o->id != 0; o++)
		if (name == NULL ? o->id == id : o->name != NULL
				&& strlen(o->name) == n
				&& memcmp(o->name, name, n) == 0)
			return o;
	return NULL;
}

/* By id when name is NULL, else by its long name of n bytes. */
static const struct opt *
find(const struct args *a, int id, const char *name, size_t n)
{
	const struct opt *o = find_in(help_common(a->program), id, name, n);

	return o != NULL ? o : find_in(a->program->opts, id, name, n);
}

static bool
argument_optional(const struct opt *o)
{
	return o->arg != NULL && o->arg[0] == '[';
}

/* Ends the process for what asks for text; true when it was a common option,
 * which its program does not see. */
static bool
common(struct args *a, int id, const char *value)
{
	switch (id) {
	case 'h':
		help_print(a->program);
		exit(output_finish(EX_OK));
	case 'V':
		help_version(a->program);
		exit(output_finish(EX_OK));
	case HELP_DUMP:
		help_dump(a->program);
		exit(output_finish(EX_OK));
	case 'q':
		if (a->program->no_queue)
			return false;
		if (*value == '\0')
			die_usage("--queue: empty file name");
		a->queue = value;
		return true;
	default:
		return false;
	}
}

/* "-dash" is hardly -d with a value, as "-P4" is. */
static bool
is_dashed_word(const char *arg)
{
	return arg[1] != '-' && isalpha((unsigned char)arg[1]) &&
	    isalpha((unsigned char)arg[2]);
}

/* NULL: none is like it */
static const char *
nearest_option(const struct args *a, const char *option, size_t n)
{
	const struct opt *all[] = { a->program->opts,
		help_common(a->program) };
	const char *names[NAMES_MAX + 1] = { NULL };
	char word[64];
	size_t count = 0;

	if (n <= 2 || n >= sizeof(word))
		return NULL;
	for (size_t i = 0; i < 2; i++) {
		for (const struct opt *o = all[i]; o->id != 0; o++) {
			if (o->name && !o->later && count < NAMES_MAX)
				names[count++] = o->name;
		}
	}
	snprintf(word, sizeof(word), "%.*s", (int)n - 2, option + 2);
	return nearest(word, names);
}

static _Noreturn void
unknown(const struct args *a, const char *option, size_t n)
{
	const struct hint *h = a->program->hints;
	const char *arg = a->argv[a->next - 1];
	bool word = is_dashed_word(arg);
	const char *near = nearest_option(a, option, n);

	for (; h != NULL && h->option != NULL; h++) {
		if (strcmp(h->option, arg) == 0 || (!word &&
		    strlen(h->option) == n &&
		    memcmp(h->option, option, n) == 0))
			die_usage("unknown option %s: %s", h->option, h->say);
	}
	/* a path that begins with "-" */
	if (access(arg, F_OK) == 0)
		die_usage("unknown option %.*s; '%s' is a file: write it "
			"after --", (int)n, option, arg);
	if (word)
		die_usage("unknown option %.*s in '%s'; an operand that begins "
			"with a dash comes after --", (int)n, option, arg);
	if (near)
		die_usage("unknown option %.*s; did you mean --%s?", (int)n,
		    option, near);
	die_usage("unknown option %.*s", (int)n, option);
}

static const char *
next_argument(struct args *a, const char *option, const char *what)
{
	if (a->next >= a->total)
		die_usage("%s needs %s", option, what);
	return a->argv[a->next++];
}

static int
take_long(struct args *a, const char *text, const char **value)
{
	size_t n = strcspn(text, "=");
	const struct opt *o = find(a, 0, text, n);
	char option[64];

	if (o == NULL)
		unknown(a, text - 2, n + 2);
	snprintf(option, sizeof(option), "--%s", o->name);
	if (o->later)
		die_usage("%s: not in this version", option);
	if (text[n] == '=') {
		if (o->arg == NULL)
			die_usage("%s takes no value", option);
		*value = text + n + 1;
	} else if (o->arg != NULL && !argument_optional(o)) {
		*value = next_argument(a, option, o->arg);
	}
	return o->id;
}

/* The next letter of a cluster such as -vJ or -j4. */
static int
take_short(struct args *a, const char **value)
{
	char option[] = { '-', *a->cluster++, '\0' };
	const struct opt *o = find(a, (unsigned char)option[1], NULL, 0);

	if (o == NULL)
		unknown(a, option, 2);
	if (o->later)
		die_usage("%s: not in this version", option);
	if (o->arg != NULL && !argument_optional(o)) {
		*value = *a->cluster != '\0' ? a->cluster :
			next_argument(a, option, o->arg);
		a->cluster = NULL;
	}
	return o->id;
}

/* Only operands are left: they stand behind argv[0], in their order. */
static int
finish(struct args *a)
{
	while (a->next < a->total)
		a->argv[a->argc++] = a->argv[a->next++];
	if (a->argc > 0) {
		a->argv[a->argc] = NULL;
		a->argv++;
		a->argc--;
	}
	a->total = a->next = 0;
	a->only_operands = true;
	return 0;
}

/* The id of the next option, 0 after the last. */
static int
take(struct args *a, const char **value)
{
	*value = NULL;
	if (a->cluster != NULL && *a->cluster != '\0')
		return take_short(a, value);
	while (a->next < a->total) {
		char *arg = a->argv[a->next];

		if (arg[0] != '-' || arg[1] == '\0') {
			if (a->posix)
				return finish(a);
			a->argv[a->argc++] = arg;
			a->next++;
			continue;
		}
		a->next++;
		if (strcmp(arg, "--") == 0)
			return finish(a);
		if (arg[1] == '-')
			return take_long(a, arg + 2, value);
		a->cluster = arg + 1;
		return take_short(a, value);
	}
	return a->only_operands ? 0 : finish(a);
}

int
args_next(struct args *a, const char **value)
{
	int id;

	do
		id = take(a, value);
	while (id != 0 && common(a, id, *value));
	return id;
}

const char *
opt_name(const struct opt *opts, int id)
{
	while (opts->id != id)
		opts++;
	return opts->name;
}

/* ---- numbers ---- */

int64_t
arg_int(const char *option, const char *value, int64_t min, int64_t max)
{
	struct err err;
	int64_t v;

	if (int_parse(value, option, min, max, &v, &err) != 0)
		die_usage("%s", err.text);
	return v;
}

int64_t
arg_duration(const char *option, const char *value)
{
	struct err err;
	int64_t ns;

	if (duration_parse(value, &ns, &err) != 0)
		die_usage("%s: %s", option, err.text);
	return ns;
}

int64_t
arg_time(const char *option, const char *value, int64_t now)
{
	struct err err;
	int64_t at;

	if (time_parse(value, now, &at, &err) != 0)
		die_usage("%s: %s", option, err.text);
	/* nothing is from before 1 ns, either */
	return at ? at : 1;
}
