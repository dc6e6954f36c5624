/* What a job's last attempt printed, kept while the job lives. */
#include "store/internal.h"

static int
read_output(struct store *s, int64_t id, struct buf *out, struct buf *errout,
	struct err *err)
{
	struct query q;
	struct bytes b;
	int got = db_first(&q, &s->db, SQL_OUTPUT_GET, err, "i", id);

	if (got < 0)
		return err->code;
	if (got == 0)
		return EX_NOINPUT;
	b = db_column_bytes(&q, 0);
	buf_add(out, b.p, b.n);
	b = db_column_bytes(&q, 1);
	buf_add(errout, b.p, b.n);
	db_end(&q);
	return 0;
}

/* The queue does not know what the worker was told to do with it. */
static const char *
why_none(enum state state, int64_t attempt)
{
	if (state == STATE_RUNNING && attempt == 1)
		return "it is running; this comes when the attempt has ended";
	if (attempt == 0)
		return "it was not started yet";
	return "its last attempt printed nothing, or its worker did not keep "
	    "it here (--results, --output)";
}

static int
say_none(struct store *s, int64_t id, struct err *err)
{
	struct query q;
	const char *why;
	int64_t state = 0;
	int got = db_first(&q, &s->db, SQL_OUTPUT_JOB, err, "i", id);
	int code;

	if (got < 0)
		return err->code;
	if (got == 1) {
		why = why_none((enum state)db_column_int(&q, 0),
		    db_column_int(&q, 1));
		db_end(&q);
	} else {
		why = "it has ended, and output is kept until then only";
		code = db_int(&s->db, SQL_ENDED_STATE, &state, 0, err, "i",
		    id);
		if (code)
			return code;
		if (state == 0)
			return err_set(err, EX_NOINPUT, "show output of job "
			    "%lld: no such job", (long long)id);
	}
	return err_set(err, EX_NOINPUT, "show output of job %lld: there is "
	    "none: %s", (long long)id, why);
}

int
store_output(struct store *s, int64_t id, struct buf *out,
	struct buf *errout, struct err *err)
{
	int code = read_begin(s, err);

	if (code)
		return code;
	code = read_output(s, id, out, errout, err);
	if (code == EX_NOINPUT)
		code = say_none(s, id, err);
	read_end(s);
	return code;
}
