#include "help.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define WIDTH 79
#define INDENT 2
#define COLUMN_MAX 30		/* the widest that the column of names gets */

static const struct opt common_options[] = {
	{ 'q', "queue", "FILE", "the queue (default: $IQ_QUEUE, or the user's "
		"own)", "file", false },
	{ 'h', "help", NULL, "print this", NULL, false },
	{ 'V', "version", NULL, "print the version", NULL, false },
	{ HELP_DUMP, "iq-dump-options", NULL, NULL, NULL, false },
	OPT_END
};

const struct opt *
help_common(const struct program *p)
{
	return common_options + p->no_queue;
}

static bool
is_alias(const struct opt *o)
{
	return o->help == NULL;
}

static bool
is_shown(const struct opt *o)
{
	return !o->later && !is_alias(o);
}

/* Words of text from column at on, later lines from column indent on. */
static void
put_wrapped(struct buf *out, const char *text, size_t at, size_t indent)
{
	bool first = true;

	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (!first && at + 1 + n > WIDTH) {
			buf_addf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			buf_addc(out, ' ');
			at++;
		}
		buf_add(out, text, n);
		at += n;
		first = false;
		text += n + strspn(text + n, " ");
	}
	buf_addc(out, '\n');
}

/* "-j, --max-workers N", aliases included */
static void
put_names(struct buf *out, const struct opt *table, const struct opt *o)
{
	const struct opt *alias;
	const char *arg = o->arg != NULL ? o->arg : "";

	if (o->id < OPT_LONG)
		buf_addf(out, "-%c", o->id);
	if (o->name != NULL)
		buf_addf(out, "%s--%s", o->id < OPT_LONG ? ", " : "    ",
			o->name);
	for (alias = table; alias->id != 0; alias++)
		if (alias->id == o->id && alias != o && is_alias(alias)
				&& !alias->later)
			buf_addf(out, ", --%s", alias->name);
	if (arg[0] == '[')
		buf_addf(out, "[=%s", arg + 1);
	else if (arg[0] != '\0')
		buf_addf(out, " %s", arg);
}

/* The column at which the help of both tables starts */
static size_t
help_column(const struct opt *const tables[2])
{
	struct buf names = { 0 };
	size_t column = 0;
	int i;

	for (i = 0; i < 2; i++) {
		const struct opt *o;

		for (o = tables[i]; o->id != 0; o++) {
			if (!is_shown(o))
				continue;
			buf_reset(&names);
			put_names(&names, tables[i], o);
			if (names.len > column && names.len <= COLUMN_MAX)
				column = names.len;
		}
	}
	buf_release(&names);
	return INDENT + column + 2;
}

static void
put_options(struct buf *out, const struct opt *table, size_t column)
{
	const struct opt *o;

	for (o = table; o->id != 0; o++) {
		size_t start = out->len, at;

		if (!is_shown(o))
			continue;
		buf_addf(out, "%*s", INDENT, "");
		put_names(out, table, o);
		at = out->len - start;
		if (at + 2 > column) {
			buf_addc(out, '\n');
			at = 0;
		}
		buf_addf(out, "%*s", (int)(column - at), "");
		put_wrapped(out, o->help, column, column);
	}
}

static void
put_forms(struct buf *out, const struct program *p)
{
	const char *const *form;
	/* "usage: " or as many blanks, the name, a blank */
	size_t indent = strlen("usage: ") + strlen(p->name) + 1;

	for (form = p->synopsis; *form != NULL; form++) {
		buf_addf(out, "%s %s ", form == p->synopsis ? "usage:" :
			"      ", p->name);
		put_wrapped(out, *form, indent, indent);
	}
}

void
help_print(const struct program *p)
{
	const struct opt *tables[2] = { p->opts, help_common(p) };
	struct buf out = { 0 };
	size_t column = help_column(tables);

	put_forms(&out, p);
	buf_addc(&out, '\n');
	put_wrapped(&out, p->purpose, 0, 0);
	if (p->verbs != NULL && p->verbs[0] != NULL) {
		const char *const *verb;
		struct buf list = { 0 };

		for (verb = p->verbs; *verb != NULL; verb++)
			buf_addf(&list, "%s%s", verb == p->verbs ? "" : " ",
				*verb);
		buf_adds(&out, "\nverbs: ");
		put_wrapped(&out, list.p, strlen("verbs: "),
			strlen("verbs: "));
		buf_release(&list);
	}
	buf_addc(&out, '\n');
	put_options(&out, tables[0], column);
	put_options(&out, tables[1], column);
	fwrite(out.p, 1, out.len, stdout);
	buf_release(&out);
}

static void
dump_table(const struct opt *table, const char *whose)
{
	const struct opt *o;

	for (o = table; o->id != 0; o++) {
		const char *kind = o->arg == NULL ? "none" :
			o->arg[0] == '[' ? "optional" : "needed";
		char letter[2] = { '-', '\0' };

		if (o->later || o->id == HELP_DUMP)
			continue;
		if (o->id < OPT_LONG)
			letter[0] = (char)o->id;
		printf("option\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", letter,
			o->name != NULL ? o->name : "-", kind,
			o->arg != NULL ? o->arg : "-",
			o->values != NULL ? o->values : "-", whose,
			o->help != NULL ? o->help : "-");
	}
}

/* "iq 0.1.0", or "iq-list (iq) 0.1.0" */
void
help_version(const struct program *p)
{
	printf("%s%s %s\n", p->name, strcmp(p->name, "iq") == 0 ? "" :
	    " (iq)", IQ_VERSION);
}

void
help_dump(const struct program *p)
{
	const char *const *verb;

	printf("program\t%s\t%s\n", p->name, p->purpose);
	if (p->verbs != NULL)
		for (verb = p->verbs; *verb != NULL; verb++)
			printf("verb\t%s\n", *verb);
	for (const struct following *f = p->following; f && f->verb; f++)
		printf("after\t%s\t%s\n", f->verb, f->values);
	dump_table(p->opts, "own");
	dump_table(help_common(p), "common");
}
