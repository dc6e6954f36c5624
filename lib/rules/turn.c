#include "rules/turn.h"

int
turn_choose(const struct turn_lane *lanes, size_t n)
{
	int best = -1;

	for (size_t i = 0; i < n; i++) {
		const struct turn_lane *l = &lanes[i];
		const struct turn_lane *b = best < 0 ? NULL : &lanes[best];

		if (l->held || l->ready <= 0)
			continue;
		if (b == NULL || l->priority < b->priority ||
		    (l->priority == b->priority && (l->vtime < b->vtime ||
		    (l->vtime == b->vtime && l->id < b->id))))
			best = (int)i;
	}
	return best;
}

double
turn_cost(double cost, double weight)
{
	return cost / (weight > 0 ? weight : 1);
}
