/* Durations and sizes: a number and a unit, in integers throughout. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"

#define BILLION UINT64_C(1000000000)

static int
refuse(struct err *err, const char *what, const char *s, const char *why)
{
	return err_value(err, EX_USAGE, what, s, why);
}

/* Whole part and billionths of "12", "1.5" or ".5"; further digits of the
 * fraction are dropped. Returns what follows, or NULL. */
static const char *
number(const char *s, uint64_t *whole, uint64_t *billionths, bool *too_big)
{
	const char *start = s;
	uint64_t scale = BILLION;

	*whole = *billionths = 0;
	for (; *s >= '0' && *s <= '9'; s++) {
		uint64_t digit = (uint64_t)(*s - '0');

		if (*whole > (INT64_MAX - digit) / 10)
			*too_big = true;
		else
			*whole = *whole * 10 + digit;
	}
	if (*s != '.')
		return s == start ? NULL : s;
	for (start = ++s; *s >= '0' && *s <= '9'; s++) {
		scale /= 10;
		*billionths += (uint64_t)(*s - '0') * scale;
	}
	return s == start ? NULL : s;
}

/* sum + (whole + billionths) * unit, unit < 2^62; false when over 2^63-1 */
static bool
add_scaled(uint64_t *sum, uint64_t whole, uint64_t billionths, uint64_t unit)
{
	/* billionths * unit may need 90 bits: divide the unit first */
	uint64_t part = billionths * (unit / BILLION)
		+ billionths * (unit % BILLION) / BILLION;

	if (whole > (INT64_MAX - part) / unit)
		return false;
	part += whole * unit;
	if (part > INT64_MAX - *sum)
		return false;
	*sum += part;
	return true;
}

struct unit {
	const char *name;
	int64_t size;
};

static const struct unit duration_units[] = {	/* large to small */
	{ "w", 7 * 24 * 3600 * NS_PER_S },
	{ "d", 24 * 3600 * NS_PER_S },
	{ "h", 3600 * NS_PER_S },
	{ "m", 60 * NS_PER_S },
	{ "s", NS_PER_S },
	{ "ms", NS_PER_MS },
	{ "us", NS_PER_US },
};
#define DURATION_UNITS (sizeof(duration_units) / sizeof(duration_units[0]))

/* Index of the unit that starts s, and its length; DURATION_UNITS if none */
static size_t
duration_unit(const char *s, size_t *n)
{
	size_t i;

	*n = strspn(s, "abcdefghijklmnopqrstuvwxyz");
	for (i = 0; i < DURATION_UNITS; i++)
		if (strlen(duration_units[i].name) == *n
				&& memcmp(duration_units[i].name, s, *n) == 0)
			break;
	return i;
}

int
duration_parse(const char *s, int64_t *ns, struct err *err)
{
	static const char what[] = "duration";
	static const char form[] = "not like 500ms, 1.5s, 5m, 1h30m or 7d";
	const char *at = s;
	uint64_t sum = 0, whole, billionths;
	bool too_big = false;
	size_t next = 0;	/* units before this one are used up */

	if (*s == '-')
		return refuse(err, what, s, "negative");
	do {
		bool first = at == s;
		size_t unit, n;

		at = number(at, &whole, &billionths, &too_big);
		if (at == NULL)
			return refuse(err, what, s, form);
		unit = duration_unit(at, &n);
		if (n == 0 && *at == '\0' && first)
			unit = 4;	/* a bare number is seconds */
		if (unit == DURATION_UNITS || unit < next)
			return refuse(err, what, s, form);
		at += n;
		if (billionths != 0 && *at != '\0')
			return refuse(err, what, s,
				"only the last number may have a fraction");
		if (too_big || !add_scaled(&sum, whole, billionths,
				(uint64_t)duration_units[unit].size))
			return refuse(err, what, s, "over 292 years");
		next = unit + 1;
	} while (*at != '\0');
	*ns = (int64_t)sum;
	return 0;
}

/* "", "K", "KB", "KiB" and so on: the power of two, or -1 */
static int
size_shift(const char *s)
{
	static const char letters[] = "KMGTPE";
	const char *letter;
	int shift = 0;

	if (*s != '\0') {
		char upper = *s >= 'a' && *s <= 'z' ? (char)(*s - 32) : *s;

		letter = strchr(letters, upper);
		if (letter != NULL) {
			shift = 10 * (int)(letter - letters + 1);
			s++;
			if (s[0] == 'i' && s[1] == 'B')
				s++;
		}
	}
	if (*s == 'B')
		s++;
	return *s == '\0' ? shift : -1;
}

int
size_parse(const char *s, int64_t *bytes, struct err *err)
{
	static const char what[] = "size";
	uint64_t sum = 0, whole, billionths;
	bool too_big = false;
	const char *at;
	int shift;

	if (*s == '-')
		return refuse(err, what, s, "negative");
	at = number(s, &whole, &billionths, &too_big);
	shift = at == NULL ? -1 : size_shift(at);
	if (shift < 0)
		return refuse(err, what, s,
			"not like 1000, 64K, 4M or 1.5G");
	if (too_big || !add_scaled(&sum, whole, billionths,
			UINT64_C(1) << shift))
		return refuse(err, what, s, "over 2^63-1 bytes");
	*bytes = (int64_t)sum;
	return 0;
}

/* v / unit without trailing zeros; digits: how many the fraction has */
static void
add_fraction(struct buf *b, uint64_t v, uint64_t unit, int digits)
{
	char text[24];
	uint64_t rest = v % unit;
	size_t n;

	buf_addf(b, "%llu", (unsigned long long)(v / unit));
	if (rest == 0)
		return;
	n = (size_t)snprintf(text, sizeof(text), ".%0*llu", digits,
		(unsigned long long)rest);
	while (text[n - 1] == '0')
		n--;
	buf_add(b, text, n);
}

void
duration_format(struct buf *b, int64_t ns)
{
	uint64_t rest = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	size_t i;

	if (ns < 0)
		buf_addc(b, '-');
	for (i = 1; i < 4; i++) {	/* days, hours, minutes */
		uint64_t size = (uint64_t)duration_units[i].size;

		if (rest < size)
			continue;
		buf_addf(b, "%llu%s", (unsigned long long)(rest / size),
			duration_units[i].name);
		rest %= size;
		if (rest == 0)
			return;
	}
	if (rest >= NS_PER_S || rest == 0) {
		add_fraction(b, rest, NS_PER_S, 9);
		buf_addc(b, 's');
	} else if (rest >= NS_PER_MS) {
		add_fraction(b, rest, NS_PER_MS, 6);
		buf_adds(b, "ms");
	} else {
		add_fraction(b, rest, NS_PER_US, 3);
		buf_adds(b, "us");
	}
}

void
duration_human(struct buf *b, int64_t ns)
{
	uint64_t v = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	unsigned long long s = (v + NS_PER_S / 2) / NS_PER_S;

	if (ns < 0)
		buf_addc(b, '-');
	/* the bounds are where rounding reaches the next unit */
	if (v < NS_PER_US)
		buf_addf(b, "%d ns", (int)v);
	else if (v < NS_PER_MS - NS_PER_US / 2)
		buf_addf(b, "%d us", (int)((v + NS_PER_US / 2) / NS_PER_US));
	else if (v < NS_PER_S - NS_PER_MS / 2)
		buf_addf(b, "%d ms", (int)((v + NS_PER_MS / 2) / NS_PER_MS));
	else if (v < 60 * NS_PER_S - NS_PER_S / 20)
		buf_addf(b, "%.1f s", (double)v / NS_PER_S);
	else if (s < 3600)
		buf_addf(b, "%llum%02llus", s / 60, s % 60);
	else if (s < 24 * 3600)
		buf_addf(b, "%lluh%02llum", s / 3600, s / 60 % 60);
	else
		buf_addf(b, "%llud%02lluh", s / 86400, s / 3600 % 24);
}

static const char *const size_letters[] = { "", "K", "M", "G", "T", "P", "E" };

void
size_format(struct buf *b, int64_t bytes)
{
	size_t i = 0;

	while (bytes != 0 && bytes % 1024 == 0 && i < 6) {
		bytes /= 1024;
		i++;
	}
	buf_addf(b, "%lld%s", (long long)bytes, size_letters[i]);
}

void
size_human(struct buf *b, int64_t bytes)
{
	double v = (double)bytes;
	size_t i = 0;

	/* from 1023.95 on it would be said as 1024.0 */
	while ((v >= 1023.95 || v <= -1023.95) && i < 6) {
		v /= 1024;
		i++;
	}
	if (i == 0)
		buf_addf(b, "%lld B", (long long)bytes);
	else
		buf_addf(b, "%.1f %siB", v, size_letters[i]);
}
