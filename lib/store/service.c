/* What lanes are given: charged when jobs are claimed, settled when they end,
 * and written with the lane's counts (tx_flush.c). */
#include "store/claiming.h"

void
service_take(struct claiming *c, int k, bool first)
{
	const struct turn_lane *t = &c->order.lanes[k];
	struct lane *l = c->sources[k].lane;
	double charge = turn_charge(&c->order, k);
	double cost = turn_take(&c->order, k, first);

	l->rate = charge / cost;
	l->joined = c->order.scheduler == SCHEDULER_SIMPLE;
	l->service.claimed += cost;
	l->service.owed += cost;
	l->service.nowed++;
	l->service.start = t->start;
	l->service.served = t->vtime - l->stands.vtime;
}

/* What a job was charged is what others had cost, of which there may be none
 * or few: it pays the difference to what it has cost.  Which job was charged
 * what evens out. */
static void
settle_charge(struct lane *l, double cost)
{
	struct lane *other = l->type->lanes[!l->class][l->priority - 1];
	int64_t n = l->nowed + l->service.nowed;
	double charged;

	if (n == 0)
		return;
	charged = (l->owed + l->service.owed) / (double)n;
	l->service.owed -= charged;
	l->service.nowed--;
	l->service.served += (cost - charged) * l->rate;
	if (l->joined && other) {
		other->service.served += (cost - charged) * l->rate;
		other->touched = true;
	}
}

void
service_return(struct lane *l)
{
	settle_charge(l, 0);
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
		settle_charge(l, cost);
	}
}
