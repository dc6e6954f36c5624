#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/num.h"
#include "tap.h"

#define S NS_PER_S
#define NOW (INT64_C(1795248930) * S)	/* 2026-11-21T08:15:30Z */

static void
zone(const char *tz)
{
	setenv("TZ", tz, 1);
	tzset();
}

static void
good(const char *s, int64_t want)
{
	struct err err = { 0 };
	int64_t ns = -77;

	is_int(time_parse(s, NOW, &ns, &err), 0, "time %s", s);
	is_int(ns, want, "... is its instant");
}

static void
absolute(void)
{
	good("2026-11-21T08:15:30Z", NOW);
	good("2026-11-21t08:15:30z", NOW);
	good("2026-11-21 08:15:30Z", NOW);
	good("2026-11-21T08:15Z", NOW - 30 * S);
	good("2026-11-21T09:15:30+01:00", NOW);
	good("2026-11-21T02:45:30-05:30", NOW);
	good("2026-11-21T08:15:30.123Z", NOW + 123 * NS_PER_MS);
	good("2026-11-21T08:15:30.1234567899Z", NOW + 123456789);
	good("1970-01-01T00:00:00Z", 0);
	good("1969-12-31T23:59:59.5Z", -S / 2);
	good("2024-02-29T00:00:00Z", INT64_C(1709164800) * S);
	good("2000-02-29T12:00:00Z", INT64_C(951825600) * S);
	good("2016-12-31T23:59:60Z", INT64_C(1483228800) * S);
	good("2262-04-11T23:47:15.999Z", INT64_MAX / S * S - S
		+ 999 * NS_PER_MS);
	good("2262-04-11T23:47:16.854Z", INT64_MAX - INT64_MAX % NS_PER_MS);
	good("@9223372036.854775807", INT64_MAX);
	good("@-9223372036.854775807", -INT64_MAX);
	good("1677-09-21T00:12:43.146Z", -INT64_MAX / NS_PER_MS * NS_PER_MS);
	good("1678-01-01T00:00:00Z", INT64_C(-9214560000) * S);
	good("@0", 0);
	good("@1795248930", NOW);
	good("@1795248930.25", NOW + S / 4);
	good("@-1.5", -S * 3 / 2);
}

static void
relative(void)
{
	good("now", NOW);
	good("+5m", NOW + 300 * S);
	good("-24h", NOW - 86400 * S);
	good("+0", NOW);
	good("+1.5", NOW + S * 3 / 2);
}

static void
refused(void)
{
	static const char *const bad[] = {
		"", "tomorrow", "Now", "2026", "2026-11", "2026-11-21T",
		"2026-11-21T08", "2026-11-21T08:15:30X", "2026-13-01",
		"2026-00-01", "2026-11-00", "2026-11-31", "2025-02-29",
		"1900-02-29", "2100-02-29", "2026-11-21T24:00:00Z",
		"2026-11-21T08:60:00Z", "2026-11-21T08:15:61Z",
		"2026-11-21T08:15:60Z", "2026-11-21T08:15:30.Z",
		"2026-11-21T08:15:30+0100", "2026-11-21T08:15:30+24:00",
		"2026-11-21T08:15:30+01:60", "2026-11-21T08:15:30Z ",
		" 2026-11-21", "2026/11/21", "26-11-21", "+2026-11-21",
		"2026-11-21T8:15:30Z", "2026-1-1", "-", "+", "+5x", "--5m",
		"@", "@x", "@1.", "@1x", "@+1", "@--1",
		"9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
		"2262-04-12T00:00:00Z", "1677-01-01T00:00:00Z",
		"2263-01-01", "@9223372037", "@-9223372037",
		"@9223372036.854775808", "@-9223372036.854775808",
		"1677-09-21T00:12:43.145Z",
		"@99999999999999999999999999", "+292y", "+1000000w",
		"-106751d99h99h",
	};
	struct err err;
	int64_t ns;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ns = 77;
		ok(time_parse(bad[i], NOW, &ns, &err) == EX_USAGE && ns == 77,
			"no time: \"%s\"", bad[i]);
	}
	ok(time_parse("+106751d", NOW, &ns, &err) == EX_USAGE,
		"now and 292 years is too far");
	is_str(err.text, "time \"+106751d\": outside the years 1677 to 2262",
		"and said so");
	ok(time_parse("-106751d", NOW, &ns, &err) == 0
		&& ns == NOW - INT64_C(106751) * 86400 * S, "before 1970");
}

static void
local(void)
{
	zone("CET-1CEST,M3.5.0,M10.5.0/3");
	good("2026-11-21", NOW - (9 * 3600 + 15 * 60 + 30) * S);
	good("2026-11-21T09:15:30", NOW);
	good("2026-11-21 09:15", NOW - 30 * S);
	good("2026-07-01T12:00:00", INT64_C(1782900000) * S);
	good("2026-07-01T12:00:00Z", INT64_C(1782907200) * S);
	/* 02:30 does not exist on this day: an hour on, or an hour back */
	{
		int64_t ns;

		ok(time_parse("2026-03-29T02:30:00", NOW, &ns, NULL) == 0
			&& (ns == INT64_C(1774747800) * S
			|| ns == INT64_C(1774744200) * S),
			"a time that the clocks skip");
	}
	good("1969-12-31T23:59:59", -3601 * S);
	good("1970-01-01T00:59:59", -S);	/* where mktime says -1 */
	zone("UTC0");
	good("2026-11-21T08:15:30", NOW);
}

static void
formats(void)
{
	static const struct { int64_t ns; const char *want; } cases[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ NOW + 123 * NS_PER_MS, "2026-11-21T08:15:30.123Z" },
		{ NOW + 123999999, "2026-11-21T08:15:30.123Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ -S, "1969-12-31T23:59:59.000Z" },
		{ INT64_MAX, "2262-04-11T23:47:16.854Z" },
		{ INT64_MIN, "1677-09-21T00:12:43.145Z" },
		{ INT64_C(951825600) * S, "2000-02-29T12:00:00.000Z" },
	};
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&b);
		time_format(&b, cases[i].ns);
		is_str(b.p, cases[i].want, "written: %s", cases[i].want);
	}
	buf_release(&b);
}

/* Every day of 585 years against the system's calendar */
static void
calendar(void)
{
	struct buf b = { 0 };
	int64_t day, ns;
	int wrong = 0;

	for (day = -106751; day <= 106750; day += 1) {
		buf_reset(&b);
		time_format(&b, day * 86400 * S);
		wrong += time_parse(b.p, 0, &ns, NULL) != 0
			|| ns != day * 86400 * S;
	}
	is_int(wrong, 0, "all days from 1677 to 2262 read back");
	buf_release(&b);
}

int
main(void)
{
	zone("UTC0");
	absolute();
	relative();
	refused();
	local();
	formats();
	calendar();
	return done();
}
