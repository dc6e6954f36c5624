/* Copies of a queue: to a backup, from one, and onto itself. */
#include <sys/stat.h>

#include "base/num.h"
#include "base/text.h"
#include "db.h"

int
db_backup(struct db_program *d, struct err *err)
{
	db_long_begin(d, store_bytes(d->store));
	return db_long_end(d, store_backup(d->store, d->args.argv[1], err));
}

/* ---- restore ---- */

static void
put_known(struct json *j, const char *name, const struct restored *r,
	int64_t n)
{
	if (r->known)
		json_put_int(j, name, n);
	else
		json_put_null(j, name);
}

static void
restored_json(const struct db_program *d, const struct restored *r,
	struct buf *line)
{
	struct json j;

	json_init(&j, line);
	json_begin_object(&j, NULL);
	json_put_path(&j, "queue", bytes_of(store_path(d->store)));
	json_put_path(&j, "from", bytes_of(d->args.argv[1]));
	json_put_time(&j, "as_of_at", r->as_of);
	if (r->kept.len)
		json_put_path(&j, "kept", (struct bytes){ r->kept.p,
		    r->kept.len });
	else
		json_put_null(&j, "kept");
	put_known(&j, "lost_jobs", r, r->jobs);
	put_known(&j, "again_jobs", r, r->again);
	put_known(&j, "lost_events", r, r->events);
	json_end_object(&j);
}

static const char *
plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

static void
restored_text(const struct db_program *d, const struct restored *r,
	struct buf *line)
{
	buf_adds(line, "restored ");
	text_escape(line, bytes_of(store_path(d->store)));
	buf_adds(line, ", as it was at ");
	time_format(line, r->as_of);
	if (r->kept.len == 0)
		return;
	buf_adds(line, "\nkept     ");
	text_escape(line, (struct bytes){ r->kept.p, r->kept.len });
	if (r->known)
		buf_addf(line, "\nlost     %lld job%s put in since; %lld that "
		    "ended since will run again", (long long)r->jobs,
		    plural(r->jobs), (long long)r->again);
	else
		buf_adds(line, "\nlost     cannot be told: what was there is "
		    "damaged, or no later state of this backup");
}

int
db_restore(struct db_program *d, struct err *err)
{
	struct buf line = { 0 };
	struct restored r;
	struct stat st;
	int64_t bytes = store_bytes(d->store);
	int code;

	if (stat(d->args.argv[1], &st) == 0)
		bytes += (int64_t)st.st_size;
	db_long_begin(d, bytes);
	code = db_long_end(d, store_restore(d->store, d->args.argv[1], &r,
	    err));
	if (code == 0 && r.other[0])
		warn_say("restore %s: what was there is another queue (%s) "
		    "than that of the backup; it is %s now",
		    store_path(d->store), r.other, r.kept.p);
	if (code == 0) {
		if (d->report.json)
			restored_json(d, &r, &line);
		else
			restored_text(d, &r, &line);
		report_line(&line);
	}
	buf_release(&line);
	buf_release(&r.kept);
	return code;
}

/* ---- compact ---- */

int
db_compact(struct db_program *d, struct err *err)
{
	int64_t before, after;
	struct buf line = { 0 };
	struct json j;
	int code;

	db_long_begin(d, store_bytes(d->store));
	code = db_long_end(d, store_compact(d->store, &before, &after, err));
	if (code)
		return code;
	if (d->report.json) {
		json_init(&j, &line);
		json_begin_object(&j, NULL);
		json_put_path(&j, "queue", bytes_of(store_path(d->store)));
		json_put_int(&j, "before_bytes", before);
		json_put_int(&j, "after_bytes", after);
		json_end_object(&j);
	} else {
		text_escape(&line, bytes_of(store_path(d->store)));
		buf_adds(&line, ": ");
		size_human(&line, before);
		buf_adds(&line, " -> ");
		size_human(&line, after);
	}
	report_line(&line);
	buf_release(&line);
	return 0;
}
