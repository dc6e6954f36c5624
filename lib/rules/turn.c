#include "rules/turn.h"

#include <math.h>

#include "rules/average.h"

#define LARGE_BYTES (INT64_C(10) << 20)
#define SMALL_SHARE 0.75
/* What a job costs at the least, however short it is: it was claimed, handed
 * in, and kept a slot meanwhile. */
#define COST_MIN 1e-5
/* And before anything has ended.  What was charged too little is paid when it
 * has; too much would be lost when the worker dies before that. */
#define COST_UNKNOWN 0.01

/* Below this nobody is starved. */
#define STARVED_AFTER 10.0
#define STARVED_SHARE 0.1

int
turn_class(int64_t bytes)
{
	return bytes >= LARGE_BYTES;
}

void
turn_see(struct turn_order *t, int priority, double start, double cost)
{
	if (start > t->clock[priority])
		t->clock[priority] = start;
	if (cost > 0) {
		t->known += cost;
		t->nknown++;
	}
}

static struct turn_lane *
sibling_of(const struct turn_order *t, const struct turn_lane *l)
{
	return l->sibling == TURN_NOBODY ? NULL : &t->lanes[l->sibling];
}

/* One queue has one virtual time. */
static void
join_siblings(struct turn_order *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct turn_lane *s = sibling_of(t, &t->lanes[i]);

		if (s && s->vtime > t->lanes[i].vtime)
			t->lanes[i].vtime = s->vtime;
	}
}

void
turn_begin(struct turn_order *t)
{
	if (t->scheduler == SCHEDULER_SIMPLE)
		join_siblings(t);
}

/* Of the same priority */
static bool
goes_before(const struct turn_lane *a, const struct turn_lane *b)
{
	if (a->level != b->level)
		return a->level < b->level;
	return a->vtime < b->vtime || (a->vtime == b->vtime && a->id < b->id);
}

int
turn_choose(const struct turn_order *t)
{
	const struct turn_lane *of[TURN_PRIORITIES + 1] = { NULL };
	const struct turn_lane *best = NULL;

	for (size_t i = 0; i < t->n; i++) {
		const struct turn_lane *l = &t->lanes[i];
		const struct turn_lane **first = &of[l->priority];

		if (l->held || l->elsewhere || l->ready <= 0)
			continue;
		if (*first == NULL || goes_before(l, *first))
			*first = l;
	}
	for (int p = 1; p <= TURN_PRIORITIES; p++)
		if (of[p] && (best == NULL || of[p]->level < best->level ||
		    (of[p]->level == best->level &&
		    of[p]->eligible < best->eligible)))
			best = of[p];
	return best ? (int)(best - t->lanes) : TURN_NOBODY;
}

bool
turn_outranked(const struct turn_order *t, int k)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct turn_lane *l = &t->lanes[i];

		if (l->elsewhere && !l->held && l->ready > 0 &&
		    l->level < t->lanes[k].level)
			return true;
	}
	return false;
}

/* Until one has ended a job is taken for what jobs cost here. */
static double
cost_of(const struct turn_order *t, const struct turn_lane *l)
{
	if (l->cost > 0)
		return l->cost;
	return t->nknown ? t->known / (double)t->nknown :
	    COST_UNKNOWN;
}

/* The part of a lane that shares with another one is its type's as long as
 * that has nothing. */
static double
weight_of(const struct turn_order *t, const struct turn_lane *l)
{
	const struct turn_lane *s = sibling_of(t, l);

	if (t->scheduler == SCHEDULER_SIMPLE || s == NULL || s->held ||
	    s->ready <= 0)
		return l->weight;
	return l->weight * (l->large ? 1 - SMALL_SHARE : SMALL_SHARE);
}

double
turn_charge(const struct turn_order *t, int k)
{
	const struct turn_lane *l = &t->lanes[k];

	return cost_of(t, l) / weight_of(t, l);
}

double
turn_take(struct turn_order *t, int k, bool first)
{
	struct turn_lane *l = &t->lanes[k];
	struct turn_lane *s = sibling_of(t, l);
	double *clock = &t->clock[l->priority];
	double start = l->vtime > *clock ? l->vtime : *clock;

	l->vtime = start + turn_charge(t, k);
	l->ready--;
	if (first)
		*clock = l->start = start;
	if (s && t->scheduler == SCHEDULER_SIMPLE)
		s->vtime = l->vtime;
	return cost_of(t, l);
}

int
turn_level(int priority, int64_t waited, int64_t aging)
{
	int64_t steps = aging > 0 && waited > 0 ? waited / aging : 0;

	return steps < priority ? priority - (int)steps : 1;
}

void
turn_measured(struct turn_average *a, double cost, size_t n)
{
	double keep = pow(1 - AVERAGE_ALPHA, (double)n);

	if (n == 0)
		return;
	if (cost < COST_MIN)
		cost = COST_MIN;
	a->first = a->forget > 0 ? a->first * keep + cost * (1 - keep) : cost;
	a->add = a->add * keep + cost * (1 - keep);
	a->forget = 1 - (1 - a->forget) * keep;
}

double
turn_average(const struct turn_average *a, double before)
{
	return before > 0 ? (1 - a->forget) * before + a->add : a->first;
}

bool
turn_starved(const struct turn_service *v, double *percent)
{
	double due = v->share * v->slots * v->waited;
	double got = v->got > v->longest ? v->got : v->longest;

	if (!(due > 0) || v->waited < STARVED_AFTER)
		return false;
	*percent = 100 * got / due;
	return got < STARVED_SHARE * due;
}
