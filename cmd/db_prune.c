/* Retention, now and as a whole. */
#include "base/num.h"
#include "base/text.h"
#include "db.h"
#include "store/prune.h"

#define PAGE 4096

static void
print_json(const struct db_program *d, const struct prune *p, struct buf *line)
{
	struct json j;

	json_init(&j, line);
	json_begin_object(&j, NULL);
	json_put_path(&j, "queue", bytes_of(store_path(d->store)));
	json_put_int(&j, "jobs", p->jobs);
	json_put_int(&j, "attempts", p->attempts);
	json_put_int(&j, "keys", p->keys);
	json_put_int(&j, "freed_bytes", p->pages * PAGE);
	json_end_object(&j);
}

static void
print_text(const struct db_program *d, const struct prune *p, struct buf *line)
{
	text_escape(line, bytes_of(store_path(d->store)));
	buf_addf(line, ": %lld job%s and %lld key%s; ",
	    (long long)p->jobs, p->jobs == 1 ? "" : "s", (long long)p->keys,
	    p->keys == 1 ? "" : "s");
	size_human(line, p->pages * PAGE);
	buf_adds(line, " freed");
}

/* What a signal ends is done as far as it is. */
int
db_prune(struct db_program *d, struct err *err)
{
	struct prune p = { .whole = true };
	struct buf line = { 0 };
	int code;

	db_long_begin(d, store_bytes(d->store));
	do
		code = store_prune(d->store, &p, err);
	while (code == 0 && p.more && !db_stopped());
	if (code == 0)
		code = store_sync(d->store, err);
	code = db_long_end(d, db_stopped() ? EX_TEMPFAIL : code);
	if (code)
		return code;
	if (d->report.json)
		print_json(d, &p, &line);
	else
		print_text(d, &p, &line);
	report_line(&line);
	buf_release(&line);
	return 0;
}
