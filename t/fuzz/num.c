/* Durations, sizes, times and numbers: what is read can be said and read
 * again; what is not is refused with a reason, and nothing is written. */
#include "base/num.h"

#include <time.h>

#include "base/clock.h"
#include "lib/fuzz.h"

#define NOW (INT64_C(1795248930) * NS_PER_S + 123456789)
#define UNTOUCHED INT64_C(-4242424242)

static void
duration(const char *s, struct buf *b)
{
	int64_t ns = UNTOUCHED, again = 0;
	struct err err = { 0 };

	if (duration_parse(s, &ns, &err) != 0) {
		must_say(&err, EX_USAGE);
		must(ns == UNTOUCHED);
		return;
	}
	must(ns >= 0);
	buf_reset(b);
	duration_format(b, ns);
	must(duration_parse(b->p, &again, NULL) == 0 && again == ns);
	duration_human(b, ns);
	duration_human(b, -ns);
}

static void
size(const char *s, struct buf *b)
{
	int64_t bytes = UNTOUCHED, again = 0;
	struct err err = { 0 };

	if (size_parse(s, &bytes, &err) != 0) {
		must_say(&err, EX_USAGE);
		must(bytes == UNTOUCHED);
		return;
	}
	must(bytes >= 0);
	buf_reset(b);
	size_format(b, bytes);
	must(size_parse(b->p, &again, NULL) == 0 && again == bytes);
	size_human(b, bytes);
}

/* Times are said in milliseconds. */
static void
instant(const char *s, struct buf *b)
{
	int64_t ns = UNTOUCHED, again = 0;
	struct err err = { 0 };

	if (time_parse(s, NOW, &ns, &err) != 0) {
		must_say(&err, EX_USAGE);
		must(ns == UNTOUCHED);
		return;
	}
	buf_reset(b);
	time_format(b, ns);
	must(b->len == strlen("2026-11-21T08:15:30.123Z"));
	if (ns < INT64_MIN + NS_PER_MS)
		return;		/* its millisecond starts before all times */
	must(time_parse(b->p, 0, &again, NULL) == 0);
	must(again <= ns && ns - again < NS_PER_MS && again % NS_PER_MS == 0);
}

static void
integer(const char *s, struct buf *b)
{
	int64_t v = UNTOUCHED, again = 0;
	struct err err = { 0 };

	if (int_parse(s, "number", INT64_MIN, INT64_MAX, &v, &err) != 0) {
		must_say(&err, EX_USAGE);
		must(v == UNTOUCHED);
		return;
	}
	buf_reset(b);
	buf_addf(b, "%lld", (long long)v);
	must(int_parse(b->p, "number", v, v, &again, NULL) == 0 && again == v);
	if (v != INT64_MAX)
		must(int_parse(s, "number", v + 1, INT64_MAX, &again, NULL)
			== EX_USAGE);
}

static void
fraction(const char *s, struct buf *b)
{
	double v = -42, again = 0;
	struct err err = { 0 };

	if (float_parse(s, "number", -1e300, 1e300, &v, &err) != 0) {
		must_say(&err, EX_USAGE);
		must(v == -42);
		return;
	}
	must(v >= -1e300 && v <= 1e300);
	buf_reset(b);
	float_format(b, v);
	must(float_parse(b->p, "number", v, v, &again, NULL) == 0
		&& again == v);
}

static void
priority(const char *s)
{
	int v = -1, again = 0;
	struct err err = { 0 };

	if (priority_parse(s, &v, &err) != 0) {
		must_say(&err, EX_USAGE);
		must(v == -1);
		return;
	}
	must(v >= 1 && v <= 5);
	must(priority_parse(priority_name(v), &again, NULL) == 0 && again == v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *s = mem_dup(data, n);
	struct buf b = { 0 };

	setenv("TZ", "UTC0", 1);
	duration(s, &b);
	size(s, &b);
	instant(s, &b);
	integer(s, &b);
	fraction(s, &b);
	priority(s);
	buf_release(&b);
	free(s);
	return 0;
}
