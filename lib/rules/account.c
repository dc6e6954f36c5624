#include "rules/account.h"

#include <stdlib.h>

#include "rules/json_text.h"

/* In the order of the JSON */
static const enum state states[] = { STATE_READY, STATE_RUNNING,
	STATE_QUARANTINED, STATE_SUCCEEDED, STATE_CANCELLED };
#define NSTATES (sizeof(states) / sizeof(*states))

struct account *
account_of(struct accounts *a, int64_t type)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].type == type)
			return &a->v[i];
	a->v = mem_grow(a->v, a->n + 1, sizeof(*a->v));
	a->v[a->n] = (struct account){ .type = type };
	return &a->v[a->n++];
}

static enum state
pooled(enum state s)
{
	return s == STATE_DELAYED || s == STATE_WAITING ? STATE_READY : s;
}

int
account_moves(struct accounts *a, struct bytes moves)
{
	size_t pos = 0;
	int64_t end = 0;
	struct move m;
	int got;

	while ((got = event_next_move(moves, &pos, &end, &m)) == 1) {
		struct account *of;

		if (m.from >= STATE_COUNT || m.to >= STATE_COUNT)
			return -1;
		of = account_of(a, m.type);
		of->n[pooled(m.from)] -= m.count;
		of->n[pooled(m.to)] += m.count;
	}
	return got;
}

void
accounts_put(const struct accounts *a, struct buf *out)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < a->n; i++) {
		buf_addf(out, "%s[%lld", i ? "," : "",
		    (long long)a->v[i].type);
		for (size_t k = 0; k < NSTATES; k++)
			buf_addf(out, ",%lld",
			    (long long)a->v[i].n[states[k]]);
		buf_addc(out, ']');
	}
	buf_addc(out, ']');
}

static int
get_one(struct accounts *a, const json_t *row)
{
	struct account *of;

	if (json_array_size(row) != NSTATES + 1)
		return -1;
	for (size_t k = 0; k <= NSTATES; k++)
		if (!json_is_integer(json_array_get(row, k)))
			return -1;
	of = account_of(a, json_integer_value(json_array_get(row, 0)));
	for (size_t k = 0; k < NSTATES; k++)
		of->n[states[k]] += json_integer_value(json_array_get(row,
		    k + 1));
	return 0;
}

int
accounts_get(struct accounts *a, struct bytes detail)
{
	struct err err;
	json_t *v = detail.n ? json_read(detail, 0, &err) : NULL;
	const json_t *jobs = json_object_get(json_array_get(v, 0), "jobs");
	int bad = json_is_array(jobs) ? 0 : -1;

	for (size_t i = 0; bad == 0 && i < json_array_size(jobs); i++)
		bad = get_one(a, json_array_get(jobs, i));
	json_decref(v);
	return bad;
}

void
accounts_release(struct accounts *a)
{
	free(a->v);
	*a = (struct accounts){ 0 };
}
