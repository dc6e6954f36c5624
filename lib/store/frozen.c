#include <inttypes.h>

#include "store/frozen.h"

int
frozen_read(struct store *s, struct query *q, struct frozen *f,
	struct err *err)
{
	int64_t lane = db_column_int(q, 2);

	f->id = db_column_int(q, 0);
	f->type = db_column_int(q, 1);
	f->lane = catalog_lane(s, lane);
	f->created = db_column_int(q, 3);
	f->key = db_column_bytes(q, 4);
	f->path = db_column_bytes(q, 5);
	f->no_path = db_column_or(q, 6, 0);
	f->event = db_column_or(q, 7, EVENT_NONE);
	f->attempt = db_column_int(q, 8);
	f->attempts = db_column_int(q, 9);
	f->crashes = db_column_int(q, 10);
	f->alone = db_column_or(q, 11, 0);
	f->run_at = db_column_or(q, 12, 0);
	f->eligible = db_column_or(q, 13, 0);
	f->newer = db_column_or(q, 14, 0);
	f->older = db_column_or(q, 15, 0);
	f->size = db_column_or(q, 16, -1);
	f->max_attempts = db_column_or(q, 17, 0);
	f->timeout = db_column_or(q, 18, 0);
	f->group = db_column_bytes(q, 19);
	f->payload = db_column_bytes(q, 20);
	f->reason = db_column_or(q, 21, REASON_NONE);
	f->has_exit = !db_column_null(q, 22);
	f->exit = db_column_or(q, 22, 0);
	f->started = db_column_or(q, 23, 0);
	f->finished = db_column_or(q, 24, 0);
	f->error = db_column_bytes(q, 25);
	f->mtime = db_column_or(q, 26, 0);
	f->parent_failure = db_column_or(q, 27, PARENT_WAIT);
	f->ordered = db_column_or(q, 28, 0);
	if (f->lane == NULL) {
		db_end(q);
		return err_set(err, EX_SOFTWARE, "use job %" PRId64
		    ": its lane %" PRId64 " does not exist", f->id, lane);
	}
	return 0;
}
