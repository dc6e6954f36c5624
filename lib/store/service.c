/* What lanes are given: charged when jobs are claimed, measured when they end,
 * and written with the lane's counts (tx_flush.c). */
#include "store/claiming.h"

void
service_take(struct claiming *c, int k)
{
	const struct turn_lane *t = &c->order.lanes[k];
	struct lane *l = c->sources[k].lane;

	l->charge = turn_charge(&c->order, k);
	l->cost = turn_take(&c->order, k);
	if (!(t->cost > 0)) {
		l->guessed += l->cost;
		l->nguessed++;
	}
	l->service.claimed += l->cost;
	l->service.start = t->start;
	l->service.served = t->vtime - l->stands.vtime;
}

void
service_return(struct lane *l)
{
	l->service.served -= l->charge;
}

/* The first ones were charged what others cost, which may be far from it. */
static void
correct_guesses(struct lane *l, double cost)
{
	if (l->nguessed > 0)
		l->service.served += ((double)l->nguessed * cost -
		    l->guessed) * l->charge / l->cost;
	l->guessed = 0;
	l->nguessed = 0;
}

/* What is in a slot at once shares its time, what is there one after the other
 * has some of its own.  They are in the order in which they ended. */
void
service_measure(struct store *s, const struct attempt_end *e,
	const struct attempt_fate *fates, size_t n)
{
	int64_t kept = 0, until = 0;
	size_t ran = 0;
	double cost;

	for (size_t i = 0; i < n; i++) {
		int64_t from = e[i].started > until ? e[i].started : until;

		if (e[i].started == 0 || fates[i].lost)
			continue;
		ran++;
		if (e[i].finished > from)
			kept += e[i].finished - from;
		if (e[i].finished > until)
			until = e[i].finished;
	}
	cost = ran ? (double)kept / NS_PER_S / (double)ran : 0;
	for (size_t i = 0; i < n; i++) {
		struct lane *l = catalog_lane(s, e[i].job->stored.lane);

		if (l == NULL || e[i].started == 0 || fates[i].lost)
			continue;
		turn_measured(&l->service.cost, cost, 1);
		correct_guesses(l, cost);
	}
}
