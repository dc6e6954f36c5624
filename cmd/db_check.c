/* What iq-db check has found. */
#include <string.h>

#include "base/text.h"
#include "db.h"
#include "meter.h"

struct findings {
	struct buf sentences;	/* each ended by NUL */
	size_t n;
};

/* Nothing is printed while the queue is being read. */
static void
keep_finding(void *ctx, const char *sentence)
{
	struct findings *f = ctx;

	buf_add(&f->sentences, sentence, strlen(sentence) + 1);
	f->n++;
}

static void
findings_json(const struct db_program *d, const struct findings *f)
{
	struct buf line = { 0 };
	const char *at = f->sentences.p;
	struct json j;

	json_init(&j, &line);
	json_begin_object(&j, NULL);
	json_put_path(&j, "queue", bytes_of(store_path(d->store)));
	json_put_bool(&j, "ok", f->n == 0);
	json_begin_array(&j, "findings");
	for (size_t i = 0; i < f->n; i++, at += strlen(at) + 1)
		json_put_string(&j, NULL, at);
	json_end_array(&j);
	json_end_object(&j);
	report_line(&line);
	buf_release(&line);
}

static void
findings_text(const struct db_program *d, const struct findings *f)
{
	struct buf line = { 0 };
	const char *at = f->sentences.p;

	for (size_t i = 0; i < f->n; i++, at += strlen(at) + 1) {
		text_escape(&line, bytes_of(at));
		report_line(&line);
	}
	text_escape(&line, bytes_of(store_path(d->store)));
	if (f->n)
		buf_addf(&line, ": %zu %s", f->n, f->n == 1 ?
		    "finding" : "findings");
	else
		buf_adds(&line, ": ok");
	report_line(&line);
	buf_release(&line);
}

int
db_check(struct db_program *d, struct err *err)
{
	struct findings f = { 0 };
	struct meter m;
	size_t n;
	int code;

	meter_init(&m, d->store);
	code = store_check(d->store, keep_finding, &f, &n, err);
	meter_clear(&m);
	if (code == 0 && d->report.json)
		findings_json(d, &f);
	else if (code == 0)
		findings_text(d, &f);
	buf_release(&f.sentences);
	return code ? code : n ? 1 : 0;
}
