/* What iq-db tells of a queue. */
#include <stdio.h>

#include "base/num.h"
#include "base/text.h"
#include "db.h"

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

int
db_info(struct db_program *d, struct err *err)
{
	struct store_info i;
	int code = store_info(d->store, &i, err);

	if (code == 0 && d->report.json)
		info_json(d, &i);
	else if (code == 0)
		info_text(d, &i);
	return code;
}
