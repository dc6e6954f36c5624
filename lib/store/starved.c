/* Who is starved: given so little, of what its weight would give it, that
 * somebody should look.  Lanes say what their last claim took. */
#include <stdlib.h>

#include "store/claim.h"
#include "store/reading.h"
#include "store/schema.h"

/* A type's jobs of one priority, small and large */
struct queue {
	struct type *type;	/* NULL: no lane is kept here */
	int priority;
	int64_t ready, running;	/* jobs */
	int64_t since;		/* wall: the oldest of them could start */
	int64_t claimed_at;	/* wall: the last one was, */
	double claimed;		/* and what was taken then cost, s */
	double cost;		/* of a job, s */
};

struct looking {
	struct store *store;
	const struct worker_stats *crew;
	size_t ncrew;
	int64_t now;
	struct queue *queues;	/* as the lanes of the catalogue */
	const struct queue **dear;	/* that many, the dearest jobs first */
	size_t ndear;
	double weights;		/* of those that have something to do */
};

static int64_t
slots_for(const struct looking *k, struct type *t)
{
	int64_t n = 0;

	for (size_t i = 0; i < k->ncrew; i++)
		if (worker_able(k->store, &k->crew[i], t))
			n += k->crew[i].limit;
	return n;
}

static struct queue *
queue_of(struct looking *k, const struct lane *l)
{
	const struct lane *small = l->type->lanes[0][l->priority - 1];

	return &k->queues[(small ? small : l)->place];
}

static int
add_lane(struct looking *k, struct query *q, struct err *err)
{
	struct lane *l = catalog_lane(k->store, db_column_int(q, 0));
	int64_t ready = db_column_int(q, 1), since = 0;
	int64_t claimed_at = db_column_or(q, 3, 0);
	double cost = db_column_double(q, 5, 0);
	struct queue *to;
	int code = 0;

	if (l == NULL)
		return 0;
	if (ready > 0)
		code = db_int(&k->store->db, SQL_STATS_HEAD, &since, 0, err,
		    "i", l->id);
	to = queue_of(k, l);
	to->type = l->type;
	to->priority = l->priority;
	to->ready += ready;
	to->running += db_column_int(q, 2);
	if (since && (to->since == 0 || since < to->since))
		to->since = since;
	if (claimed_at > to->claimed_at) {
		to->claimed_at = claimed_at;
		to->claimed = db_column_double(q, 4, 0);
	}
	if (cost > to->cost)
		to->cost = cost;
	return code;
}

static int
dearest_first(const void *va, const void *vb)
{
	const struct queue *a = *(const struct queue *const *)va;
	const struct queue *b = *(const struct queue *const *)vb;

	return (a->cost < b->cost) - (a->cost > b->cost);
}

static void
sort_queues(struct looking *k, size_t n)
{
	k->dear = mem_alloc((n + 1) * sizeof(*k->dear));
	for (size_t i = 0; i < n; i++)
		if (k->queues[i].cost > 0)
			k->dear[k->ndear++] = &k->queues[i];
	qsort(k->dear, k->ndear, sizeof(*k->dear), dearest_first);
}

static int
read_queues(struct looking *k, struct err *err)
{
	struct catalog *c = &k->store->catalog;
	struct query q;
	int code = db_start(&q, &k->store->db, SQL_SERVICE, err, ""), got = 0;

	k->queues = mem_zero(c->nlanes + 1, sizeof(*k->queues));
	for (size_t i = 0; i < c->nlanes; i++)
		c->lanes[i]->place = i;
	while (code == 0 && (got = db_row(&q, err)) == 1)
		code = add_lane(k, &q, err);
	if (code)
		db_end(&q);
	for (size_t i = 0; i < c->nlanes; i++)
		if (k->queues[i].ready + k->queues[i].running > 0)
			k->weights += type_terms(k->store,
			    k->queues[i].type)->weight;
	sort_queues(k, c->nlanes);
	return code ? code : got < 0 ? err->code : 0;
}

/* What is held back otherwise is not starved. */
static bool
could_start(const struct looking *k, const struct queue *q)
{
	int64_t cap;

	return q->ready > 0 && q->since > 0 &&
	    !catalog_paused(k->store, q->type, k->now) &&
	    throttle_until(k->store, q->type, k->now) == 0 &&
	    type_capped(k->store, q->type, &cap) == NULL;
}

static bool
share_worker(const struct looking *k, struct type *a, struct type *b)
{
	for (size_t i = 0; i < k->ncrew; i++)
		if (worker_able(k->store, &k->crew[i], a) &&
		    worker_able(k->store, &k->crew[i], b))
			return true;
	return false;
}

/* s, that a job of those costs that have had the slots of this one since then:
 * as long as it runs nobody else can. */
static double
longest_since(const struct looking *k, const struct queue *q, int64_t then)
{
	for (size_t i = 0; i < k->ndear; i++) {
		const struct queue *o = k->dear[i];
		double s = o->claimed > o->cost ? o->claimed : o->cost;
		int64_t ended = o->claimed_at + (int64_t)(s * NS_PER_S);

		if ((o->running > 0 || ended >= then) &&
		    share_worker(k, q->type, o->type))
			return o->cost;
	}
	return 0;
}

/* What runs has kept its slots since the last claim, or for longer. */
static bool
is_starved(const struct looking *k, const struct queue *q,
	struct starving *out)
{
	bool since_claim = q->claimed_at >= q->since;
	int64_t then = since_claim ? q->claimed_at : q->since;
	int64_t waited = k->now - then;
	int64_t runs = q->running < q->type->slots ? q->running :
	    q->type->slots;
	double s = (double)waited / NS_PER_S;
	struct turn_service v = {
		.share = type_terms(k->store, q->type)->weight / k->weights,
		.slots = (double)slots_for(k, q->type), .waited = s,
		.got = (since_claim ? q->claimed : 0) + (double)runs * s };

	*out = (struct starving){ .type = q->type, .priority = q->priority,
	    .waited = waited };
	if (!turn_starved(&v, &out->percent))
		return false;
	v.longest = longest_since(k, q, then);
	return turn_starved(&v, &out->percent);
}

int
starved_read(struct store *s, const struct worker_stats *crew, size_t ncrew,
	int64_t now, struct starving **v, size_t *n, struct err *err)
{
	struct looking k = { .store = s, .crew = crew, .ncrew = ncrew,
	    .now = now };
	int code = 0;

	*v = mem_zero(s->catalog.nlanes + 1, sizeof(**v));
	*n = 0;
	if (s->version < SCHEMA_SERVICE)
		return 0;
	code = throttles_read(s, err);
	if (code == 0)
		code = count_running(s, err);
	if (code == 0)
		code = read_queues(&k, err);
	for (size_t i = 0; i < s->catalog.nlanes && code == 0; i++)
		if (could_start(&k, &k.queues[i]) &&
		    is_starved(&k, &k.queues[i], &(*v)[*n]))
			++*n;
	free(k.dear);
	free(k.queues);
	return code;
}
