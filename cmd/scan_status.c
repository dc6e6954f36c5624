/* What iq-scan says besides the paths, and iq-watch of its scans. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/directory.h"
#include "base/num.h"
#include "rules/json.h"
#include "scan.h"

static const struct column columns[] = {
	{ "NAME", false, 24 }, { "FILES", true, 0 }, { "OFFERED", true, 0 },
	{ "FINISHED", false, 0 }, { "MORE", false, 0 },
	{ "DIRECTORY", false, 0 },
};

struct listing {
	struct scan_program *program;
	struct table table;
	struct buf line;
	size_t found;
	bool *known;		/* the directories that are asked for */
};

static bool
is_wanted(struct listing *l, const struct scan_state *s)
{
	const struct scan_program *p = l->program;
	const char *name = p->name ? p->name : p->type;
	bool wanted = p->nroots == 0;

	if (name && !bytes_equal(s->name, bytes_of(name)))
		return false;
	for (size_t i = 0; i < p->nroots; i++)
		if (bytes_equal(p->roots[i], s->root))
			wanted = l->known[i] = true;
	return wanted;
}

static struct bytes
shown_root(const struct scan_state *s)
{
	return s->root.n ? s->root : bytes_of("/");
}

static void
put_json(struct listing *l, const struct scan_state *s)
{
	struct json j;

	json_init(&j, &l->line);
	json_begin_object(&j, NULL);
	json_put_path(&j, "path", shown_root(s));
	json_put_bytes(&j, "name", s->name);
	json_put_string(&j, "type", s->type[0] ? s->type : NULL);
	json_put_int(&j, "files", s->files);
	json_put_int(&j, "offered", s->offered);
	json_put_bool(&j, "more", s->from_key.p != NULL);
	json_put_time(&j, "started_at", s->started);
	json_put_time(&j, "finished_at", s->finished);
	json_put_time(&j, "completed_at", s->completed);
	json_end_object(&j);
	report_line(&l->line);
}

static void
put_row(struct listing *l, const struct scan_state *s)
{
	struct buf at = { 0 };

	if (s->finished)
		time_format(&at, s->finished);
	table_bytes(&l->table, s->name.n ? s->name : bytes_of("-"));
	table_cell(&l->table, "%lld", (long long)s->files);
	table_cell(&l->table, "%lld", (long long)s->offered);
	table_cell(&l->table, "%s", at.len ? at.p : "-");
	table_cell(&l->table, "%s", s->from_key.p ? "yes" : "no");
	table_bytes(&l->table, shown_root(s));
	buf_release(&at);
}

static void
put(void *ctx, const struct scan_state *s)
{
	struct listing *l = ctx;

	if (!is_wanted(l, s))
		return;
	l->found++;
	if (l->program->report.json)
		put_json(l, s);
	else
		put_row(l, s);
}

/* Each directory that is asked for, or a name: of all there may be none. */
static int
check_found(const struct listing *l, struct err *err)
{
	const struct scan_program *p = l->program;
	const char *name = p->name ? p->name : p->type;
	int code = 0;

	for (size_t i = 0; i < p->nroots; i++) {
		if (l->known[i])
			continue;
		if (code)
			warn_say("%s", err->text);
		code = err_set(err, EX_NOINPUT, "no scan of %s has been made",
		    directory_name(p->roots[i]));
	}
	if (p->nroots == 0 && name && l->found == 0)
		code = err_set(err, EX_NOINPUT, "no scan has been made under "
		    "the name %s", name);
	return code;
}

int
scan_status(struct scan_program *p, struct err *err)
{
	struct listing l = { .program = p,
	    .known = mem_zero(p->nroots + 1, sizeof(*l.known)) };
	int code;

	report_init(&p->report, p->form);
	table_init(&l.table, columns, sizeof(columns) / sizeof(*columns),
	    &p->report);
	code = store_scan_each(p->scan.store, put, &l, err);
	if (code == 0 && !p->report.json)
		table_flush(&l.table);
	if (code == 0)
		code = check_found(&l, err);
	table_release(&l.table);
	buf_release(&l.line);
	free(l.known);
	return code;
}

void
scan_print_summary(const struct scan_program *p, int64_t started)
{
	const struct scan_tally *t = &p->scan.tally;
	struct buf b = { 0 };
	struct json j;

	json_init(&j, &b);
	json_begin_object(&j, NULL);
	json_put_int(&j, "files", t->files);
	json_put_int(&j, "directories", t->directories);
	json_put_int(&j, "new", t->created);
	json_put_int(&j, "changed", t->modified);
	json_put_int(&j, "deleted", t->deleted);
	json_put_int(&j, "again", t->again);
	json_put_int(&j, "unsettled", t->unsettled);
	json_put_int(&j, "unread", t->unread);
	json_put_bool(&j, "more", t->more);
	json_put_seconds(&j, "seconds", clock_system.boot(NULL) - started);
	json_end_object(&j);
	fprintf(stderr, "%s\n", b.p);
	buf_release(&b);
}

void
scan_tell_unsettled(const struct scan_program *p)
{
	const struct scan_tally *t = &p->scan.tally;
	struct buf settle = { 0 };

	if (t->unsettled == 0 || !isatty(STDERR_FILENO))
		return;
	duration_format(&settle, p->scan.policy.settle);
	warn_say("%lld %s changed within the last %s, and left for the next "
	    "scan", (long long)t->unsettled, t->unsettled == 1 ?
	    "file was" : "files were", settle.p);
	buf_release(&settle);
}

void
scan_warn_unread(struct bytes path, int why)
{
	if (why)
		warn_say("read %.*s: %s", (int)path.n, path.p, strerror(why));
	else
		warn_say("%.*s: not the directory that was there before; what "
		    "is missing in it is not taken for deleted", (int)path.n,
		    path.p);
}

void
scan_warn_unsayable(struct bytes path)
{
	warn_say("%.*s: its path holds a newline; say -0 or -J", (int)path.n,
	    path.p);
}
