#include "rules/rate.h"

#include "base/clock.h"
#include "tap.h"

#define S NS_PER_S

/* How many pass from now until then, when somebody always wants to */
static int
pass(struct rate *r, int64_t from, int64_t until)
{
	int n = 0;

	for (int64_t now = from; now < until && n < 1000000;) {
		if (rate_next(r) <= now) {
			rate_count(r, now);
			n++;
		} else {
			now = rate_next(r);
		}
	}
	return n;
}

static void
limits(void)
{
	struct rate r = { 0 };

	is_int(pass(&r, 5 * S, 5 * S + 1), 1000000, "none: as many as come");
	rate_init(&r, 10, 1);
	is_int(pass(&r, 100 * S, 110 * S), 100, "ten a second");
	is_int(pass(&r, 500 * S, 510 * S), 100, "a silence saves up nothing");
	rate_init(&r, 10, 50);
	is_int(pass(&r, 100 * S, 101 * S), 59, "fifty at once, then ten");
	is_int(pass(&r, 101 * S, 102 * S), 10, "and ten");
	is_int(pass(&r, 103 * S, 104 * S), 20, "what a second saved");
	is_int(pass(&r, 900 * S, 901 * S), 59, "no more than the burst");
	rate_return(&r);
	is_int(pass(&r, 901 * S, 902 * S), 11, "and one that was not used");
	rate_init(&r, 0.5, 1);
	is_int(pass(&r, 0, 10 * S), 5, "one in two seconds");
	rate_init(&r, 0.001, 1000000);
	is_int(pass(&r, 0, S), 1000000, "the largest burst of the slowest");
}

static void
words(void)
{
	static const char *const bad[] = { "", "0", "-1", "x", "1:", "1:0",
		"1:x", ":5", "1:2:3", "1e10", "nan", "1:1000001", "2000000000" };
	struct rate r, same;
	struct err err;

	is_int(rate_parse("10", &r, &err), 0, "a number");
	rate_init(&same, 10, 10);
	ok(r.interval == same.interval && r.tolerance == same.tolerance,
		"its burst is itself");
	is_int(rate_parse("2.5", &r, &err), 0, "a fraction");
	is_int(r.tolerance, 2 * r.interval, "whose burst is rounded up");
	is_int(rate_parse("0.1:7", &r, &err), 0, "with a burst");
	is_int(r.interval, 10 * S, "one in ten seconds");
	is_int(r.tolerance, 60 * S, "seven at once");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_int(rate_parse(bad[i], &r, &err), EX_USAGE, "'%s': %s",
			bad[i], err.text);
}

int
main(void)
{
	limits();
	words();
	return done();
}
