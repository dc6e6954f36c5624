/*
 * What is learned of a type on a host, from attempts in the order in which they
 * were committed.  It is written when the attempts are added up (samples.c);
 * whoever reads it learns from those that are not yet.
 */
#include <stdlib.h>
#include <string.h>

#include "store/averages.h"
#include "store/schema.h"

void
learning_release(struct learning *l)
{
	free(l->v);
	*l = (struct learning){ NULL, 0 };
}

static struct learned *
append(struct learning *l, int64_t type, const char *host)
{
	struct learned *p;

	l->v = mem_grow(l->v, l->n + 1, sizeof(*l->v));
	p = &l->v[l->n++];
	*p = (struct learned){ type, { .average = AVERAGE_NONE } };
	snprintf(p->on.host, sizeof(p->on.host), "%s", host ? host : "");
	return p;
}

/* From a row of updated_at, duration, cpu_percent and memory */
static void
take_average(struct query *q, int col, struct average *a)
{
	a->updated = db_column_int(q, col);
	a->duration = db_column_double(q, col + 1, -1);
	a->cpu_percent = db_column_double(q, col + 2, -1);
	a->memory = db_column_double(q, col + 3, -1);
}

/* As it is stored, where it is not in the list yet */
static int
find(struct store *s, struct learning *l, int64_t type, const char *host,
	struct learned **out, struct err *err)
{
	struct query q;
	int got;

	for (size_t i = 0; i < l->n; i++) {
		*out = &l->v[i];
		if ((*out)->type == type && strcmp((*out)->on.host, host) == 0)
			return 0;
	}
	*out = append(l, type, host);
	got = db_first(&q, &s->db, SQL_AVERAGE, err, "it", type, host);
	if (got < 0)
		return err->code;
	if (got == 0)
		return 0;
	take_average(&q, 0, &(*out)->on.average);
	db_end(&q);
	return 0;
}

int
learn(struct store *s, struct learning *l, const struct sample *p,
	struct err *err)
{
	struct learned *known;
	int code;

	if (p->host == NULL)
		return 0;
	code = find(s, l, p->type, p->host, &known, err);
	if (code == 0)
		average_add(&known->on.average, p->at, p->v[METRIC_DURATION],
		    p->v[METRIC_CPU], p->v[METRIC_MAX_RSS]);
	return code;
}

int
learning_write(struct store *s, const struct learning *l, struct err *err)
{
	int code = 0;

	for (size_t i = 0; i < l->n && code == 0; i++) {
		const struct learned *p = &l->v[i];
		const struct average *a = &p->on.average;

		code = db_run(&s->db, SQL_AVERAGE_SET, err, "itifff", p->type,
		    p->on.host, a->updated, a->duration, a->cpu_percent,
		    a->memory);
	}
	return code;
}

static int
read_rows(struct store *s, struct learning *l, struct err *err)
{
	struct query q;
	int code = db_start(&q, &s->db, SQL_AVERAGES, err, ""), got = 0;

	while (code == 0 && (got = db_row(&q, err)) == 1)
		take_average(&q, 2, &append(l, db_column_int(&q, 0),
		    db_column_text(&q, 1))->on.average);
	return got < 0 ? err->code : code;
}

static int
read_samples(struct store *s, struct learning *l, struct err *err)
{
	struct sample v;
	struct query q;
	int code = samples_start(&q, s, err), got = 0;

	while (code == 0 && (got = sample_next(&q, &v, err)) == 1) {
		code = learn(s, l, &v, err);
		if (code)
			db_end(&q);
	}
	return got < 0 ? err->code : code;
}

int
learning_read(struct store *s, struct learning *l, struct err *err)
{
	int code;

	*l = (struct learning){ NULL, 0 };
	if (s->version < SCHEMA_SAMPLES)
		return 0;
	code = read_rows(s, l, err);
	return code ? code : read_samples(s, l, err);
}

void
averages_add(struct type_stats *t, const struct host_average *v)
{
	struct host_average *last;

	t->averages = mem_grow(t->averages, t->naverages + 1,
	    sizeof(*t->averages));
	last = &t->averages[t->naverages++];
	*last = *v;
	if (v->average.updated > t->averages[0].average.updated) {
		*last = t->averages[0];
		t->averages[0] = *v;
	}
}
