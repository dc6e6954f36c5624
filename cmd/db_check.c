/* What iq-db check has found, and what it has mended. */
#include <string.h>

#include "base/text.h"
#include "db.h"
#include "findings.h"

static void
print_json(const struct db_program *d, const struct findings *found,
	const struct findings *mended)
{
	const char *at = mended->sentences.p;
	struct buf line = { 0 };
	struct json j;

	json_init(&j, &line);
	json_begin_object(&j, NULL);
	json_put_path(&j, "queue", bytes_of(store_path(d->store)));
	findings_json(found, &j);
	if (d->repair) {
		json_begin_array(&j, "mended");
		for (size_t i = 0; i < mended->n; i++, at += strlen(at) + 1)
			json_put_string(&j, NULL, at);
		json_end_array(&j);
	}
	json_end_object(&j);
	report_line(&line);
	buf_release(&line);
}

static void
print_text(const struct db_program *d, const struct findings *found,
	const struct findings *mended)
{
	const char *at = mended->sentences.p;
	struct buf line = { 0 };

	for (size_t i = 0; i < mended->n; i++, at += strlen(at) + 1) {
		buf_adds(&line, "mended: ");
		text_escape(&line, bytes_of(at));
		report_line(&line);
	}
	findings_text(found, store_path(d->store), "");
	buf_release(&line);
}

int
db_check(struct db_program *d, struct err *err)
{
	struct findings found = { 0 }, mended = { 0 };
	size_t n;
	int code = 0;

	meter_init(&d->meter, d->store, store_bytes(d->store));
	if (d->repair)
		code = store_repair(d->store, findings_keep, &mended, &n, err);
	if (code == 0)
		code = store_check(d->store, findings_keep, &found, &n, err);
	meter_clear(&d->meter);
	if (code == 0 && d->report.json)
		print_json(d, &found, &mended);
	else if (code == 0)
		print_text(d, &found, &mended);
	findings_release(&found);
	findings_release(&mended);
	return code ? code : n ? 1 : 0;
}
