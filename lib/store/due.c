/* Delayed jobs whose time has come. */
#include "store/claim.h"

/* How many one transaction promotes */
#define PROMOTE_MAX 256

struct due {
	int64_t id, lane, older, run_at;
};

/* It could have been started since it is due, although nobody looked then. */
static int
promote_one(struct store *s, const struct due *d, struct lane *lane,
	struct err *err)
{
	enum state to;
	int code = job_place(s, d->id, d->older, 0, false, &to, err);

	if (code == 0)
		code = tx_move(s, NULL, d->id, lane, STATE_DELAYED, VERB_DUE,
		    to, REASON_NONE, 0, 0, err);
	return code ? code : db_run(&s->db, SQL_JOB_PLACE, err, "iiz", d->id,
	    (int64_t)to, to == STATE_READY ? d->run_at : INT64_C(0));
}

int
promote_due(struct store *s, struct err *err)
{
	struct due due[PROMOTE_MAX];
	struct query q;
	size_t n = 0;
	int code, got;

	code = db_start(&q, &s->db, SQL_JOB_DUE, err, "ii", s->tx.now,
	    (int64_t)PROMOTE_MAX);
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1)
		due[n++] = (struct due){ db_column_int(&q, 0),
		    db_column_int(&q, 1), db_column_or(&q, 2, 0),
		    db_column_int(&q, 3) };
	if (got < 0)
		return err->code;
	for (size_t i = 0; i < n && code == 0; i++) {
		struct lane *lane = catalog_lane(s, due[i].lane);
		code = lane ? promote_one(s, &due[i], lane, err) :
			err_set(err, EX_SOFTWARE, "promote job %lld: no such "
			"lane", (long long)due[i].id);
	}
	return code;
}
