/* The queue as a file: makes it, describes it, checks it, copies it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "nearest.h"
#include "report.h"

enum { O_REPAIR = OPT_LONG };

static const struct opt opts[] = {
	{ O_REPAIR, "repair", NULL, "check: mend what is safe to mend", NULL,
	    true },
	REPORT_OPTIONS,
	OPT_END
};

static const char *const synopsis[] = {
	"init",
	"info",
	"check",
	"backup FILE",
	NULL
};

static const char *const verbs[] = { "init", "info", "check", "backup",
	NULL };
static const char *const later[] = { "restore", "prune", "compact", "trust",
	"untrust", NULL };

static const struct program program = {
	.name = "iq-db",
	.purpose = "make, describe, check and back up a queue",
	.synopsis = synopsis,
	.opts = opts,
	.verbs = verbs,
};

struct db_program {
	struct args args;
	struct report report;
	struct store *store;
	struct buf findings;	/* sentences, each ended by NUL */
	size_t nfindings;
};

static bool
among(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

/* ---- the verbs ---- */

static int
say_init(struct db_program *d, struct err *err)
{
	struct buf line = { 0 };

	(void)err;
	buf_adds(&line, store_created(d->store) ? "made " : "exists ");
	text_escape(&line, bytes_of(store_path(d->store)));
	report_line(&line);
	buf_release(&line);
	return 0;
}

static void
info_json(struct db_program *d, const struct store_info *i)
{
	struct buf line = { 0 };
	struct json j;

	json_init(&j, &line);
	json_begin_object(&j, NULL);
	json_put_path(&j, "queue", bytes_of(store_path(d->store)));
	json_put_string(&j, "uuid", i->uuid);
	json_put_time(&j, "created_at", i->created);
	json_put_int(&j, "schema_version", i->version);
	json_put_int(&j, "sqlite_version", i->sqlite_version);
	json_put_int(&j, "file_bytes", i->db_bytes);
	json_put_int(&j, "wal_bytes", i->wal_bytes);
	json_put_int(&j, "jobs", i->jobs);
	json_put_int(&j, "history", i->history);
	json_put_int(&j, "events", i->events);
	json_end_object(&j);
	report_line(&line);
	buf_release(&line);
}

static void
info_text(struct db_program *d, const struct store_info *i)
{
	struct buf b = { 0 };

	buf_adds(&b, "queue    ");
	text_escape(&b, bytes_of(store_path(d->store)));
	buf_addf(&b, "\nuuid     %s\ncreated  ", i->uuid);
	time_format(&b, i->created);
	buf_addf(&b, "\nschema   %d.%d, SQLite %d.%d.%d\nfile     ",
	    i->version / 1000, i->version % 1000, i->sqlite_version / 1000000,
	    i->sqlite_version / 1000 % 1000, i->sqlite_version % 1000);
	size_human(&b, i->db_bytes);
	buf_adds(&b, ", WAL ");
	size_human(&b, i->wal_bytes);
	buf_addf(&b, "\njobs     %lld live, %lld ended\nevents   %lld",
	    (long long)i->jobs, (long long)i->history, (long long)i->events);
	report_line(&b);
	buf_release(&b);
}

static int
show_info(struct db_program *d, struct err *err)
{
	struct store_info i;
	int code = store_info(d->store, &i, err);

	if (code == 0 && d->report.json)
		info_json(d, &i);
	else if (code == 0)
		info_text(d, &i);
	return code;
}

/* Nothing is printed while the queue is being read. */
static void
keep_finding(void *ctx, const char *sentence)
{
	struct db_program *d = ctx;

	buf_add(&d->findings, sentence, strlen(sentence) + 1);
	d->nfindings++;
}

static void
findings_json(struct db_program *d)
{
	struct buf line = { 0 };
	const char *at = d->findings.p;
	struct json j;

	json_init(&j, &line);
	json_begin_object(&j, NULL);
	json_put_path(&j, "queue", bytes_of(store_path(d->store)));
	json_put_bool(&j, "ok", d->nfindings == 0);
	json_begin_array(&j, "findings");
	for (size_t i = 0; i < d->nfindings; i++, at += strlen(at) + 1)
		json_put_string(&j, NULL, at);
	json_end_array(&j);
	json_end_object(&j);
	report_line(&line);
	buf_release(&line);
}

static void
findings_text(struct db_program *d)
{
	struct buf line = { 0 };
	const char *at = d->findings.p;

	for (size_t i = 0; i < d->nfindings; i++, at += strlen(at) + 1) {
		text_escape(&line, bytes_of(at));
		report_line(&line);
	}
	text_escape(&line, bytes_of(store_path(d->store)));
	if (d->nfindings)
		buf_addf(&line, ": %zu %s", d->nfindings, d->nfindings == 1 ?
		    "finding" : "findings");
	else
		buf_adds(&line, ": ok");
	report_line(&line);
	buf_release(&line);
}

static int
check(struct db_program *d, struct err *err)
{
	size_t n;
	int code = store_check(d->store, keep_finding, d, &n, err);

	if (code)
		return code;
	if (d->report.json)
		findings_json(d);
	else
		findings_text(d);
	return n ? 1 : 0;
}

static int
back_up(struct db_program *d, struct err *err)
{
	return store_backup(d->store, d->args.argv[1], err);
}

static const struct {
	const char *name;
	enum store_mode mode;
	int operands;
	int (*run)(struct db_program *, struct err *);
} table[] = {
	{ "init", STORE_CREATE, 0, say_init },
	{ "info", STORE_READ, 0, show_info },
	{ "check", STORE_READ, 0, check },
	{ "backup", STORE_READ, 1, back_up },
};
#define NVERBS (sizeof(table) / sizeof(*table))

static size_t
find_verb(const struct args *a)
{
	const char *word, *near;
	size_t v = 0;

	if (a->argc == 0)
		die_usage("needs a verb: init, info, check or backup");
	word = a->argv[0];
	if (among(word, later))
		die_usage("%s: not in this version", word);
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
	return v;
}

int
main(int argc, char **argv)
{
	struct db_program d = { 0 };
	struct err err = { 0 };
	const char *value;
	int code, id, form = 0;
	size_t verb;

	args_init(&d.args, &program, argc, argv, false);
	while ((id = args_next(&d.args, &value)) != 0)
		form = id;
	verb = find_verb(&d.args);
	report_init(&d.report, form);
	code = store_open(&d.store, &(struct store_options){
	    .path = d.args.queue, .mode = table[verb].mode,
	    .program = program.name }, &err);
	if (code == 0)
		code = table[verb].run(&d, &err);
	if (err.code)
		warn_say("%s", err.text);
	store_close(d.store);
	buf_release(&d.findings);
	return output_finish(code);
}
