#include "rules/rate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"

#define BURST_MAX 1000000

void
rate_init(struct rate *r, double per_second, int64_t burst)
{
	r->interval = llround(1e9 / per_second);
	r->tolerance = (burst - 1) * r->interval;
	r->expected = 0;
}

int
rate_parse(const char *s, struct rate *out, struct err *err)
{
	char *text = mem_strdup(s), *colon = strchr(text, ':');
	int64_t burst = 0;
	double n;
	int code;

	if (colon)
		*colon = '\0';
	code = float_parse(text, "rate", 0.001, 1e9, &n, err);
	if (code == 0 && colon)
		code = int_parse(colon + 1, "burst", 1, BURST_MAX, &burst,
		    err);
	if (code == 0 && colon == NULL)
		burst = n >= BURST_MAX ? BURST_MAX : (int64_t)ceil(n);
	if (code == 0)
		rate_init(out, n, burst);
	free(text);
	return code;
}

int64_t
rate_next(const struct rate *r)
{
	return r->expected - r->tolerance;
}

void
rate_count(struct rate *r, int64_t now)
{
	if (r->expected < now)
		r->expected = now;
	r->expected += r->interval;
}

void
rate_return(struct rate *r)
{
	r->expected -= r->interval;
}
