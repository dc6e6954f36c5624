/* Selects jobs; says why one does not run; shows what one printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/text.h"
#include "list_options.h"
#include "report.h"
#include "type_option.h"

struct list {
	struct list_options options;
	struct report report;
	struct store *store;
	struct table table;
	size_t rows;
	bool missing;		/* an id does not exist */
	struct buf line;
};

/* ---- jobs ---- */

#define ROWS_AT_ONCE 1000

static void
add_row(struct list *l, const struct job *j)
{
	report_jobs_add(&l->table, j, l->options.now);
	if (++l->rows % ROWS_AT_ONCE == 0)
		table_flush(&l->table);
}

static int
show_job(void *ctx, const struct job *job)
{
	struct list *l = ctx;
	struct json j;

	if (!l->report.json) {
		add_row(l, job);
		return ferror(stdout);
	}
	json_init(&j, &l->line);
	report_job_json(&j, job);
	report_line(&l->line);
	return ferror(stdout);
}

static void
say_missing(void *ctx, int64_t id)
{
	struct list *l = ctx;

	warn_say("%lld: no such job", (long long)id);
	l->missing = true;
}

static int
list_jobs(struct list *l, struct err *err)
{
	int code;

	if (l->options.filter.type) {
		code = type_known(l->store, "--type", l->options.filter.type, err);
		if (code)
			return code;
	}
	report_jobs_init(&l->table, &l->report);
	code = store_list(l->store, &l->options.filter, show_job, say_missing,
	    l, err);
	table_flush(&l->table);
	table_release(&l->table);
	return code ? code : l->missing ? EX_NOINPUT : 0;
}

/* ---- why, and output ---- */

static void
show_reason(void *ctx, const char *code, const char *sentence)
{
	struct list *l = ctx;
	struct json j;

	if (l->report.json) {
		json_init(&j, &l->line);
		json_begin_object(&j, NULL);
		json_put_string(&j, "code", code);
		json_put_string(&j, "sentence", sentence);
		json_end_object(&j);
	} else {
		text_escape(&l->line, bytes_of(sentence));
	}
	report_line(&l->line);
}

static void
json_output(struct json *j, const char *name, const struct buf *b)
{
	json_put_path(j, name, (struct bytes){ b->p ? b->p : "", b->len });
}

/* Whose bytes they are is anybody's guess, so a terminal gets none that it
 * would obey; else they are as they were printed. */
static void
put_output(FILE *to, const struct buf *b)
{
	struct bytes all = { b->p ? b->p : "", b->len };
	struct buf shown = { 0 };

	if (isatty(fileno(to))) {
		text_escape_lines(&shown, all);
		all = (struct bytes){ shown.p ? shown.p : "", shown.len };
	}
	fwrite(all.p, 1, all.n, to);
	fflush(to);
	buf_release(&shown);
}

static int
show_output(struct list *l, struct err *err)
{
	struct buf out = { 0 }, errout = { 0 };
	struct json j;
	int code = store_output(l->store, l->options.output, &out, &errout, err);

	if (code == 0 && l->report.json) {
		json_init(&j, &l->line);
		json_begin_object(&j, NULL);
		json_put_int(&j, "id", l->options.output);
		json_output(&j, "stdout", &out);
		json_output(&j, "stderr", &errout);
		json_end_object(&j);
		report_line(&l->line);
	} else if (code == 0) {
		put_output(stdout, &out);
		put_output(stderr, &errout);
	}
	buf_release(&out);
	buf_release(&errout);
	return code;
}

int
main(int argc, char **argv)
{
	struct list l = { 0 };
	struct list_options *o = &l.options;
	struct err err = { 0 };
	int code;

	list_options_parse(o, argc, argv);
	report_init(&l.report, o->form);
	code = store_open(&l.store, &(struct store_options){
	    .path = o->args.queue, .mode = STORE_READ,
	    .program = o->args.program->name }, &err);
	if (code == 0 && o->why)
		code = store_why(l.store, o->why, show_reason, &l, &err);
	else if (code == 0 && o->output)
		code = show_output(&l, &err);
	else if (code == 0)
		code = list_jobs(&l, &err);
	if (err.code)
		warn_say("%s", err.text);
	store_close(l.store);
	buf_release(&l.line);
	free(o->ids);
	return output_finish(code);
}
