#include "findings.h"

#include <string.h>

#include "base/text.h"

void
findings_keep(void *ctx, const char *sentence)
{
	struct findings *f = ctx;

	buf_add(&f->sentences, sentence, strlen(sentence) + 1);
	f->n++;
}

void
findings_json(const struct findings *f, struct json *j)
{
	const char *at = f->sentences.p;

	json_put_bool(j, "ok", f->n == 0);
	json_begin_array(j, "findings");
	for (size_t i = 0; i < f->n; i++, at += strlen(at) + 1)
		json_put_string(j, NULL, at);
	json_end_array(j);
}

void
findings_text(const struct findings *f, const char *what, const char *good)
{
	struct buf line = { 0 };
	const char *at = f->sentences.p;

	for (size_t i = 0; i < f->n; i++, at += strlen(at) + 1) {
		text_escape(&line, bytes_of(at));
		report_line(&line);
	}
	text_escape(&line, bytes_of(what));
	if (f->n)
		buf_addf(&line, ": %zu %s", f->n, f->n == 1 ?
		    "finding" : "findings");
	else
		buf_addf(&line, ": ok%s", good);
	report_line(&line);
	buf_release(&line);
}

void
findings_release(struct findings *f)
{
	buf_release(&f->sentences);
}
