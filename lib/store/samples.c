/*
 * What attempts took, on its way into the distributions.  To add to those is a
 * lot of work for one attempt: each metric has a row whose buckets are read,
 * merged and written.  So a transaction that ends a few attempts only writes
 * down what they took, and when there are many such rows somebody adds them up,
 * in his own transaction, and learns from them.  Whoever reads telemetry counts
 * those that are left.
 */
#include "rules/period.h"
#include "store/averages.h"

/* Attempts of a transaction, from which on a row each is the dearer way */
#define DEARER 8
/* Rows that are added up at once */
#define FULL 64

void
tx_sample(struct store *s, const struct sample *v)
{
	struct tx *tx = &s->tx;

	if (tx->nsamples == tx->cap_samples) {
		tx->cap_samples = tx->cap_samples ? 2 * tx->cap_samples :
		    DEARER;
		tx->samples = mem_grow(tx->samples, tx->cap_samples,
		    sizeof(*tx->samples));
	}
	tx->samples[tx->nsamples] = *v;
	tx->samples[tx->nsamples++].at = tx->now;
}

/* *id: of its row; they are numbered from 1 on whenever there were none. */
static int
write_row(struct store *s, const struct sample *p, int64_t *id,
	struct err *err)
{
	const int64_t *v = p->v;
	int code = db_run(&s->db, SQL_SAMPLE_INSERT, err, "iitzooooooooo",
	    p->at, p->type, p->host, p->ingested, v[METRIC_WAIT],
	    v[METRIC_DURATION], v[METRIC_CPU], v[METRIC_MAX_RSS],
	    v[METRIC_READ], v[METRIC_WRITTEN], v[METRIC_PERMIT_CPU],
	    v[METRIC_PERMIT_IO], v[METRIC_INPUT]);

	*id = db_last_id(&s->db);
	return code;
}

int
samples_start(struct query *q, struct store *s, struct err *err)
{
	return db_start(q, &s->db, SQL_SAMPLES, err, "");
}

int
sample_next(struct query *q, struct sample *v, struct err *err)
{
	int got = db_row(q, err);

	if (got != 1)
		return got;
	v->at = db_column_int(q, 0);
	v->type = db_column_int(q, 1);
	v->host = db_column_text(q, 2);
	v->ingested = db_column_int(q, 3);
	for (int m = 1; m < METRIC_DISTRIBUTIONS; m++)
		v->v[m] = db_column_or(q, m + 3, -1);
	return 1;
}

struct fold {
	struct store *store;
	int64_t minute;		/* of those that were added last; 0: none */
	struct learning learned;
};

static int
add(struct fold *f, const struct sample *p, struct err *err)
{
	struct store *s = f->store;
	int64_t its = period_of(PERIOD_IS_MINUTE, p->at);
	struct type *t = catalog_type(s, p->type);
	int code = f->minute && f->minute != its ? metrics_spread(s,
	    f->minute, err) : 0;

	f->minute = its;
	if (t == NULL || code)
		return code;
	if (p->ingested)
		tx_count(s, t, METRIC_INGESTED, p->ingested);
	for (int m = 1; m < METRIC_DISTRIBUTIONS; m++)
		if (p->v[m] >= 0)
			metric_value(s, t, m, p->v[m]);
	return learn(s, &f->learned, p, err);
}

static int
add_rows(struct fold *f, struct err *err)
{
	struct sample v;
	struct query q;
	int code = samples_start(&q, f->store, err), got = 0;

	while (code == 0 && (got = sample_next(&q, &v, err)) == 1) {
		code = add(f, &v, err);
		if (code)
			db_end(&q);
	}
	return got < 0 ? err->code : code;
}

int
samples_fold(struct store *s, struct err *err)
{
	struct fold f = { .store = s };
	struct tx *tx = &s->tx;
	int code = add_rows(&f, err);

	if (code == 0 && f.minute)
		code = db_run(&s->db, SQL_SAMPLES_DELETE, err, "");
	for (size_t i = 0; i < tx->nsamples && code == 0; i++)
		code = add(&f, &tx->samples[i], err);
	tx->nsamples = 0;
	if (code == 0 && f.minute)
		code = metrics_spread(s, f.minute, err);
	if (code == 0)
		code = learning_write(s, &f.learned, err);
	learning_release(&f.learned);
	return code;
}

int
samples_flush(struct store *s, struct err *err)
{
	struct tx *tx = &s->tx;
	int64_t last = 0;
	int code = 0;

	if (tx->nsamples == 0)
		return 0;
	if (tx->nsamples < DEARER) {
		for (size_t i = 0; i < tx->nsamples && code == 0; i++)
			code = write_row(s, &tx->samples[i], &last, err);
		tx->nsamples = 0;
		if (code || last < FULL)
			return code;
	}
	return samples_fold(s, err);
}
