/* What a job's last attempt printed, kept while the job lives. */
#include "store/internal.h"

static int
read_output(struct store *s, int64_t id, struct buf *out, struct buf *errout,
	struct err *err)
{
	struct query q;
	struct bytes b;
	int code, got;

	code = db_start(&q, &s->db, SQL_OUTPUT_GET, err, "i", id);
	if (code)
		return code;
	got = db_row(&q, err);
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

/* Why there is none */
static int
say_none(struct store *s, int64_t id, struct err *err)
{
	int64_t state;
	int code = db_int(&s->db, SQL_JOB_STATE, &state, 0, err, "i", id);
	const char *why = "it has printed nothing";

	if (code == 0 && state == 0) {
		why = "it has ended";
		code = db_int(&s->db, SQL_ENDED_STATE, &state, 0, err, "i",
		    id);
	}
	if (code)
		return code;
	if (state == 0)
		return err_set(err, EX_NOINPUT, "show output of job %lld: no "
		    "such job", (long long)id);
	return err_set(err, EX_NOINPUT, "show output of job %lld: none is "
	    "kept, %s", (long long)id, why);
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
