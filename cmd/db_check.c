/* What iq-db check has found. */
#include "db.h"
#include "findings.h"

static void
print_json(const struct db_program *d, const struct findings *f)
{
	struct buf line = { 0 };
	struct json j;

	json_init(&j, &line);
	json_begin_object(&j, NULL);
	json_put_path(&j, "queue", bytes_of(store_path(d->store)));
	findings_json(f, &j);
	json_end_object(&j);
	report_line(&line);
	buf_release(&line);
}

int
db_check(struct db_program *d, struct err *err)
{
	struct findings f = { 0 };
	size_t n;
	int code;

	meter_init(&d->meter, d->store, store_bytes(d->store));
	code = store_check(d->store, findings_keep, &f, &n, err);
	meter_clear(&d->meter);
	if (code == 0 && d->report.json)
		print_json(d, &f);
	else if (code == 0)
		findings_text(&f, store_path(d->store), "");
	findings_release(&f);
	return code ? code : n ? 1 : 0;
}
