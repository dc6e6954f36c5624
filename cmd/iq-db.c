/* The queue as a file. */
#include <string.h>

#include "base/text.h"
#include "db.h"
#include "base/nearest.h"

enum { O_REPAIR = OPT_LONG };

static const struct opt opts[] = {
	{ O_REPAIR, "repair", NULL, "check: mend what is safe to mend", NULL,
	    false },
	REPORT_OPTIONS,
	OPT_END
};

static const char *const synopsis[] = {
	"init",
	"info",
	"check [--repair]",
	"backup FILE",
	"restore FILE",
	"prune",
	"compact",
	"trust",
	"untrust",
	NULL
};

static const char *const verbs[] = { "init", "info", "check", "backup",
	"restore", "prune", "compact", "trust", "untrust", NULL };

static const struct program program = {
	.name = "iq-db",
	.purpose = "make, check, back up, restore, prune and compact a queue",
	.synopsis = synopsis,
	.opts = opts,
	.verbs = verbs,
};

static int
say_init(struct db_program *d, struct err *err)
{
	struct buf line = { 0 };
	int from, to;
	bool upgraded = store_upgraded(d->store, &from, &to);

	(void)err;
	buf_adds(&line, store_created(d->store) ? "made " : upgraded ?
	    "upgraded " : "exists ");
	text_escape(&line, bytes_of(store_path(d->store)));
	if (upgraded)
		buf_addf(&line, " from schema %d.%d to %d.%d", from / 1000,
		    from % 1000, to / 1000, to % 1000);
	report_line(&line);
	buf_release(&line);
	return 0;
}

enum { NO_STORE = 1, ANEW = 2, REPAIRS = 4, ANY_OLDER = 8 };

static const struct {
	const char *name;
	enum store_mode mode;
	int operands;
	int (*run)(struct db_program *, struct err *);
	unsigned flags;
} table[] = {
	{ "init", STORE_CREATE, 0, say_init, ANEW },
	{ "info", STORE_READ, 0, db_info, ANY_OLDER },
	{ "check", STORE_READ, 0, db_check, REPAIRS },
	{ "backup", STORE_READ, 1, db_backup, ANY_OLDER },
	{ "restore", STORE_PLACE, 1, db_restore, 0 },
	{ "prune", STORE_WRITE, 0, db_prune, 0 },
	{ "compact", STORE_WRITE, 0, db_compact, 0 },
	{ "trust", STORE_READ, 0, db_trust, 0 },
	{ "untrust", STORE_READ, 0, db_untrust, NO_STORE },
};
#define NVERBS (sizeof(table) / sizeof(*table))

static size_t
find_verb(const struct args *a)
{
	const char *word, *near;
	size_t v = 0;

	if (a->argc == 0)
		die_usage("needs a verb");
	word = a->argv[0];
	while (v < NVERBS && strcmp(table[v].name, word) != 0)
		v++;
	near = nearest(word, verbs);
	if (v == NVERBS && near)
		die_usage("no verb '%s'; did you mean '%s'?", word, near);
	if (v == NVERBS)
		die_usage("no verb '%s'", word);
	if (a->argc - 1 < table[v].operands)
		die_usage("%s: needs a FILE", word);
	if (a->argc - 1 > table[v].operands)
		die_usage("%s: does not take '%s'", word,
		    a->argv[table[v].operands + 1]);
	if (table[v].operands && a->argv[1][0] == '\0')
		die_usage("%s: empty file name", word);
	if (table[v].operands && strcmp(a->argv[1], "-") == 0)
		die_usage("%s: a copy is checked before it gets its name, so "
		    "it needs a FILE (./- is one)", word);
	return v;
}

static size_t
parse(struct db_program *d, int argc, char **argv)
{
	const char *value;
	int id, form = 0;
	size_t verb;

	args_init(&d->args, &program, argc, argv, false);
	while ((id = args_next(&d->args, &value)) != 0)
		if (id == O_REPAIR)
			d->repair = true;
		else
			form = id;
	verb = find_verb(&d->args);
	if (d->repair && !(table[verb].flags & REPAIRS))
		die_usage("--repair: not with %s", table[verb].name);
	report_init(&d->report, form);
	return verb;
}

int
main(int argc, char **argv)
{
	struct db_program d = { 0 };
	struct err err = { 0 };
	size_t verb = parse(&d, argc, argv);
	int code = table[verb].flags & NO_STORE ? 0 : store_open(&d.store,
	    &(struct store_options){ .path = d.args.queue,
	    .mode = d.repair ? STORE_WRITE : table[verb].mode,
	    .anew = (table[verb].flags & ANEW) != 0,
	    .any_older = (table[verb].flags & ANY_OLDER) != 0,
	    .program = program.name }, &err);

	if (code == 0)
		code = table[verb].run(&d, &err);
	if (err.code)
		warn_say("%s", err.text);
	store_close(d.store);
	return output_finish(code);
}
