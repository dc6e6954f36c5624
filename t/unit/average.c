/* Exponential averages of what attempts take. */
#include <math.h>

#include "rules/average.h"
#include "tap.h"

static bool
near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

int
main(void)
{
	struct average a = AVERAGE_NONE;

	average_add(&a, 5, -1, 7, -1);
	ok(a.duration < 0 && a.cpu_percent < 0 && a.memory < 0,
	    "nothing is known of what says nothing");
	average_add(&a, 10, 1000, 500, 40);
	ok(near(a.duration, 1000) && near(a.cpu_percent, 50) &&
	    near(a.memory, 40), "the first one is the average");
	average_add(&a, 20, 2000, 4000, 140);
	ok(near(a.duration, 1300), "the next one counts for 0.3");
	ok(near(a.cpu_percent, 95), "of how busy it was, too");
	ok(near(a.memory, 70), "and how large");
	is_int(a.updated, 20, "when that was");
	average_add(&a, 30, 2300, -1, -1);
	ok(near(a.duration, 1600), "what is known counts");
	ok(near(a.cpu_percent, 95) && near(a.memory, 70),
	    "and what is not changes nothing");
	average_add(&a, 40, 0, 0, 0);
	ok(near(a.duration, 1120) && near(a.memory, 49), "0 is a value");
	ok(near(a.cpu_percent, 95), "but no time to be busy in");
	return done();
}
