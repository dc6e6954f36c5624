/* Settings: what they are, where they come from, and changing them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "tune.h"
#include "type_option.h"
#include "words.h"

static const struct opt opts[] = {
	{ 't', "type", "TYPE", "of this type (default: of the whole queue)",
	    "type", false },
	REPORT_OPTIONS,
	OPT_END
};

static const char *const synopsis[] = {
	"[-t TYPE] [--text | --json]",
	"get [-t TYPE] KEY [--json]",
	"set [-t TYPE] KEY=VALUE ...",
	"unset [-t TYPE] KEY ...",
	"export",
	"import",
	NULL
};

static const char *const verbs[] = { "get", "set", "unset", "export",
	"import", NULL };
static const char *const later[] = { "preset", "explain", "advise", "bench",
	NULL };

static char settings[2048];	/* their names */

static const struct following following[] = {
	{ "get", settings }, { "set", settings }, { "unset", settings },
	{ "import", "file" }, { NULL, NULL }
};

static const struct program program = {
	.name = "iq-tune",
	.purpose = "show and change the settings of a queue and its types",
	.synopsis = synopsis,
	.opts = opts,
	.verbs = verbs,
	.following = following,
};

/* Exits with 78 when there is none of that name. */
static enum setting_key
key_of(const char *name)
{
	const char *near = setting_nearest(name);
	int k = setting_find(name);

	if (k >= 0)
		return (enum setting_key)k;
	if (near)
		die(EX_CONFIG, "no setting '%s'; did you mean '%s'?", name,
		    near);
	die(EX_CONFIG, "no setting '%s'; iq-tune alone lists them", name);
}

void
tune_add(struct tune *t, const char *type, enum setting_key k,
	const char *text)
{
	t->changes = mem_grow(t->changes, t->n + 1, sizeof(*t->changes));
	t->changes[t->n++] = (struct setting_change){ type, k, text };
}

/* ---- get, set, unset ---- */

static int
get(struct tune *t, struct err *err)
{
	enum setting_key k = key_of(t->args.argv[1]);
	struct buf line = { 0 };
	enum origin origin;
	const char *text;
	struct json j;
	int code = store_setting(t->store, t->type, k, &text, &origin, err);

	if (code)
		return code;
	if (t->form == REPORT_JSON) {
		json_init(&j, &line);
		json_begin_object(&j, NULL);
		json_put_string(&j, "key", setting_def(k)->name);
		report_setting_members(&j, k, text, origin);
		json_end_object(&j);
		report_line(&line);
	} else if (text) {
		printf("%s\n", text);
	}
	buf_release(&line);
	return text ? 0 : 1;
}

static int
change(struct tune *t, struct err *err)
{
	bool set = strcmp(t->args.argv[0], "set") == 0;

	for (int i = 1; i < t->args.argc; i++) {
		char *word = t->args.argv[i];
		char *equals = strchr(word, '=');

		if (set)
			*equals = '\0';
		tune_add(t, t->type, key_of(word), set ? equals + 1 : NULL);
	}
	return store_settings_change(t->store, t->changes, t->n, err);
}

struct own {
	const char *type;	/* NULL: of the whole queue */
	bool set[SET_COUNT];
};

static int
note_own(void *ctx, const char *type, enum setting_key k, const char *text)
{
	struct own *own = ctx;

	(void)text;
	if (type == NULL || own->type == NULL ? type == own->type :
	    strcmp(type, own->type) == 0)
		own->set[k] = true;
	return 0;
}

/* What is not set may be a slip, and is no error: it can be said again. */
static int
unset(struct tune *t, struct err *err)
{
	struct own own = { .type = t->type };
	int code = t->type ? type_known(t->store, "unset", t->type, err) : 0;

	if (code == 0)
		code = store_settings_each(t->store, note_own, &own, err);
	if (code == 0)
		code = change(t, err);
	for (size_t i = 0; i < t->n && code == 0; i++)
		if (!own.set[t->changes[i].key])
			warn_say("unset: %s is not set for %s",
			    setting_def(t->changes[i].key)->name,
			    t->type ? t->type : "the whole queue");
	return code;
}

/* ---- the command line ---- */

static const struct {
	const char *name;
	enum store_mode mode;
	int min, max;		/* operands */
	int (*run)(struct tune *, struct err *);
} table_of_verbs[] = {
	{ "get", STORE_READ, 1, 1, get },
	{ "set", STORE_CREATE, 1, 10000, change },
	{ "unset", STORE_WRITE, 1, 10000, unset },
	{ "export", STORE_READ, 0, 0, tune_export },
	{ "import", STORE_CREATE, 0, 0, tune_import },
	{ NULL, STORE_READ, 0, 0, tune_show },
};

static size_t
find_verb(const struct args *a)
{
	const char *word = a->argc ? a->argv[0] : NULL, *near;
	size_t v = 0;

	for (size_t i = 0; word && later[i]; i++)
		if (strcmp(word, later[i]) == 0)
			die_usage("%s: not in this version", word);
	while (table_of_verbs[v].name && (word == NULL ||
	    strcmp(word, table_of_verbs[v].name) != 0))
		v++;
	if (word == NULL)
		return v;
	near = table_of_verbs[v].name ? NULL : nearest(word, verbs);
	if (near)
		die_usage("no verb '%s'; did you mean '%s'?", word, near);
	if (table_of_verbs[v].name == NULL)
		die_usage("no verb '%s'", word);
	if (a->argc - 1 < table_of_verbs[v].min)
		die_usage("%s: needs a KEY", word);
	if (a->argc - 1 > table_of_verbs[v].max)
		die_usage("%s: does not take '%s'", word,
		    a->argv[table_of_verbs[v].max + 1]);
	return v;
}

/* Wrong words are refused before a queue is made for them. */
static void
check_words(const struct args *a)
{
	const char *verb = a->argc ? a->argv[0] : "";
	bool set = strcmp(verb, "set") == 0;

	for (int i = 1; i < a->argc; i++) {
		char *word = a->argv[i];
		char *equals = strchr(word, '=');
		enum setting_key k;
		struct err err;

		if (set && (equals == NULL || equals == word))
			die_usage("set: '%s' is not KEY=VALUE; that is one "
			    "word, without spaces around '='", word);
		if (!set && equals)
			die_usage("%s: takes a KEY, and no value: '%s'", verb,
			    word);
		if (equals)
			*equals = '\0';
		k = key_of(word);
		if (equals && equals[1] == '\0')
			die(EX_CONFIG, "%s: no value; write KEY=VALUE without "
			    "spaces, or: unset %s", word, word);
		if (equals && setting_parse(k, equals + 1, NULL, &err) != 0)
			die(err.code, "%s", err.text);
		if (equals)
			*equals = '=';
	}
}

static void
parse_options(struct tune *t, int argc, char **argv)
{
	const char *value;
	int id;

	for (int k = 0; k < SET_COUNT; k++)
		words_add(settings, sizeof(settings), setting_def(k)->name);
	args_init(&t->args, &program, argc, argv, false);
	while ((id = args_next(&t->args, &value)) != 0) {
		if (id != 't') {
			t->form = id;
			continue;
		}
		type_option(&t->type, value);
	}
}

int
main(int argc, char **argv)
{
	struct tune t = { 0 };
	struct err err = { 0 };
	size_t verb;
	int code;

	parse_options(&t, argc, argv);
	verb = find_verb(&t.args);
	if (t.type && table_of_verbs[verb].run != tune_show &&
	    table_of_verbs[verb].min == 0)
		die_usage("%s: takes all types", t.args.argv[0]);
	report_init(&t.report, t.form);
	check_words(&t.args);
	code = store_open(&t.store, &(struct store_options){
	    .path = t.args.queue, .mode = table_of_verbs[verb].mode,
	    .program = program.name }, &err);
	if (code == 0)
		code = table_of_verbs[verb].run(&t, &err);
	if (err.code)
		warn_say("%s", err.text);
	store_close(t.store);
	arena_release(&t.arena);
	free(t.changes);
	return output_finish(code);
}
