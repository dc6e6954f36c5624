/* Times in and out: RFC 3339, relative to now, and seconds since 1970. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/num.h"

static const char out_of_range[] = "outside the years 1677 to 2262";

/* Fields as written: month 1..12 */
struct civil {
	int year, month, day, hour, minute, second;
	int64_t fraction;	/* ns */
};

static bool
leap_year(int y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int
month_length(int year, int month)
{
	static const char days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
	};

	return days[month - 1] + (month == 2 && leap_year(year));
}

/* Days from 1970-01-01 in the Gregorian calendar, for years 1 to 9999 */
static int64_t
days_of(int year, int month, int day)
{
	static const int before[] = {	/* days before the month's first */
		0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334,
	};
	int y = year - 1;
	int64_t days = (int64_t)y * 365 + y / 4 - y / 100 + y / 400;

	days += before[month - 1] + (month > 2 && leap_year(year)) + day - 1;
	return days - 719162;	/* 0001-01-01 to 1970-01-01 */
}

/* Exactly n digits at *s, within min..max; steps over them. */
static bool
digits(const char **s, int n, int min, int max, int *out)
{
	int v = 0;

	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		v = v * 10 + (**s - '0');
	}
	*out = v;
	return v >= min && v <= max;
}

static bool
step(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

/* ".digits" in ns; what is finer is dropped */
static bool
fraction(const char **s, int64_t *ns)
{
	int64_t scale = NS_PER_S;
	const char *start;

	*ns = 0;
	if (!step(s, '.'))
		return true;
	for (start = *s; **s >= '0' && **s <= '9'; (*s)++) {
		scale /= 10;
		*ns += (**s - '0') * scale;
	}
	return *s != start;
}

static bool
date_part(const char **s, struct civil *c)
{
	return digits(s, 4, 1, 9999, &c->year) && step(s, '-')
		&& digits(s, 2, 1, 12, &c->month) && step(s, '-')
		&& digits(s, 2, 1, 31, &c->day);
}

static bool
clock_part(const char **s, struct civil *c)
{
	if (!digits(s, 2, 0, 23, &c->hour) || !step(s, ':')
			|| !digits(s, 2, 0, 59, &c->minute))
		return false;
	if (!step(s, ':'))
		return true;
	/* 60 is a leap second, and falls together with the next one */
	return digits(s, 2, 0, c->minute == 59 ? 60 : 59, &c->second)
		&& fraction(s, &c->fraction);
}

/* "Z", "+01:00", "-05:30", or nothing: then *local */
static bool
zone_part(const char **s, int *offset, bool *local)
{
	int sign, hours, minutes;

	*offset = 0;
	*local = **s == '\0';
	if (*local || step(s, 'Z') || step(s, 'z'))
		return true;
	sign = **s == '-' ? -1 : 1;
	if ((!step(s, '+') && !step(s, '-')) || !digits(s, 2, 0, 23, &hours)
			|| !step(s, ':') || !digits(s, 2, 0, 59, &minutes))
		return false;
	*offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* seconds * 10^9 + ns, unless that is too far from 1970 */
static bool
join(int64_t seconds, int64_t ns, int64_t *out)
{
	const int64_t most = INT64_MAX / NS_PER_S, rest = INT64_MAX % NS_PER_S;

	if (seconds < 0 && ns > 0) {	/* the same with one sign */
		seconds++;
		ns -= NS_PER_S;
	}
	if (seconds > most || (seconds == most && ns > rest)
			|| seconds < -most || (seconds == -most && ns < -rest))
		return false;
	*out = seconds * NS_PER_S + ns;
	return true;
}

/* As mktime(3) takes it: a time that the clocks skip is moved on by the gap,
 * one that they repeat is the earlier or the later as the system chooses. */
static bool
local_seconds(const struct civil *c, int64_t *seconds)
{
	struct tm tm = {
		.tm_year = c->year - 1900, .tm_mon = c->month - 1,
		.tm_mday = c->day, .tm_hour = c->hour, .tm_min = c->minute,
		.tm_sec = c->second, .tm_isdst = -1, .tm_wday = -1,
	};
	time_t t = mktime(&tm);

	if (tm.tm_wday < 0)
		return false;
	*seconds = (int64_t)t;
	return true;
}

static int
calendar_parse(const char *s, int64_t *ns, struct err *err)
{
	static const char form[] =
		"not RFC 3339, now, +5m, -24h or @SECONDS";
	struct civil c = { 0 };
	const char *at = s;
	bool local = true, ok;
	int offset = 0;
	int64_t seconds = 0;

	if (!date_part(&at, &c))
		return err_value(err, EX_USAGE, "time", s, form);
	if (c.day > month_length(c.year, c.month))
		return err_value(err, EX_USAGE, "time", s,
			"there is no such day");
	if (*at != '\0' && ((!step(&at, 'T') && !step(&at, 't')
			&& !step(&at, ' ')) || !clock_part(&at, &c)
			|| !zone_part(&at, &offset, &local) || *at != '\0'))
		return err_value(err, EX_USAGE, "time", s, form);
	ok = c.year >= 1677 && c.year <= 2262;
	if (ok && local)
		ok = local_seconds(&c, &seconds);
	else if (ok)
		seconds = days_of(c.year, c.month, c.day) * 86400
			+ c.hour * 3600 + c.minute * 60 + c.second - offset;
	if (!ok || !join(seconds, c.fraction, ns))
		return err_value(err, EX_USAGE, "time", s, out_of_range);
	return 0;
}

static int
epoch_parse(const char *s, int64_t *ns, struct err *err)
{
	const char *at = s + 1;
	bool negative = step(&at, '-');
	int64_t seconds = 0, part = 0;
	const char *start = at;

	for (; *at >= '0' && *at <= '9'; at++) {
		if (seconds < INT64_MAX / NS_PER_S)
			seconds = seconds * 10 + (*at - '0');
	}
	if (at == start || !fraction(&at, &part) || *at != '\0')
		return err_value(err, EX_USAGE, "time", s,
			"not @SECONDS or @SECONDS.FRACTION");
	if (!join(negative ? -seconds : seconds, negative ? -part : part, ns))
		return err_value(err, EX_USAGE, "time", s, out_of_range);
	return 0;
}

static int
relative_parse(const char *s, int64_t now, int64_t *ns, struct err *err)
{
	int64_t d;
	int rc = duration_parse(s + 1, &d, err);

	if (rc != 0)
		return rc;
	if (*s == '-')
		d = -d;
	if (d > 0 ? now > INT64_MAX - d : now < -INT64_MAX - d)
		return err_value(err, EX_USAGE, "time", s, out_of_range);
	*ns = now + d;
	return 0;
}

/* 1h30m: from now on, or until now? */
static bool
is_unsigned(const char *s)
{
	struct err ignored;
	size_t n = strlen(s);
	int64_t d;

	return n > 0 && n < 32 && isalpha((unsigned char)s[n - 1]) &&
		duration_parse(s, &d, &ignored) == 0;
}

int
time_parse(const char *s, int64_t now, int64_t *ns, struct err *err)
{
	if (strcmp(s, "now") == 0) {
		*ns = now;
		return 0;
	}
	if (*s == '+' || *s == '-')
		return relative_parse(s, now, ns, err);
	if (*s == '@')
		return epoch_parse(s, ns, err);
	if (is_unsigned(s))
		return err_set(err, EX_USAGE, "time '%s': say -%s for the "
			"past or +%s for the future", s, s, s);
	return calendar_parse(s, ns, err);
}

void
time_format(struct buf *b, int64_t ns)
{
	int64_t ms = ns / NS_PER_MS - (ns % NS_PER_MS < 0);
	time_t t = (time_t)(ms / 1000 - (ms % 1000 < 0));
	int rest = (int)(ms - (int64_t)t * 1000);
	struct tm tm;

	gmtime_r(&t, &tm);
	buf_addf(b, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		rest);
}
