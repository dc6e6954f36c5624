#include "base/num.h"

#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 0, 1 not a number, 2 does not fit */
static int
integer(const char *s, int64_t *out)
{
	bool negative = *s == '-';
	uint64_t v = 0, most = (uint64_t)INT64_MAX + negative;

	s += negative;
	if (*s == '\0')
		return 1;
	for (; *s != '\0'; s++) {
		unsigned digit = (unsigned)(*s - '0');

		if (*s < '0' || *s > '9')
			return 1;
		if (v > (most - digit) / 10)
			return 2;
		v = v * 10 + digit;
	}
	*out = negative ? (v == most ? INT64_MIN : -(int64_t)v) : (int64_t)v;
	return 0;
}

int
int_parse(const char *s, const char *what, int64_t min, int64_t max,
	int64_t *out, struct err *err)
{
	int64_t v = 0;
	int bad = integer(s, &v);
	char why[96];

	if (bad == 1)
		return err_value(err, EX_USAGE, what, s, "not a whole number");
	/* that nothing is too large needs no telling */
	if (bad != 2 && v < min && max == INT64_MAX) {
		snprintf(why, sizeof(why), "less than %lld", (long long)min);
		return err_value(err, EX_USAGE, what, s, why);
	}
	if (bad == 2 || v < min || v > max) {
		snprintf(why, sizeof(why), "not within %lld to %lld",
			(long long)min, (long long)max);
		return err_value(err, EX_USAGE, what, s, why);
	}
	*out = v;
	return 0;
}

/* [+-] digits [. digits] [e [+-] digits], with a digit somewhere before e:
 * keeps strtod(3) from hexadecimal, nan, inf and leading blanks. */
static bool
looks_decimal(const char *s)
{
	size_t digits, part;

	s += *s == '-' || *s == '+';
	digits = strspn(s, "0123456789");
	s += digits;
	if (*s == '.') {
		part = strspn(++s, "0123456789");
		digits += part;
		s += part;
	}
	if (digits == 0)
		return false;
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '-' || *s == '+';
		part = strspn(s, "0123456789");
		if (part == 0)
			return false;
		s += part;
	}
	return *s == '\0';
}

/* strtod(3) as the C locale has it, whatever the program's locale says */
static double
decimal(const char *s)
{
	const char *point = localeconv()->decimal_point;
	const char *dot = strchr(s, '.');
	struct buf local = { 0 };
	double v;

	if (dot == NULL || strcmp(point, ".") == 0)
		return strtod(s, NULL);
	buf_add(&local, s, (size_t)(dot - s));
	buf_adds(&local, point);
	buf_adds(&local, dot + 1);
	v = strtod(local.p, NULL);
	buf_release(&local);
	return v;
}

int
float_parse(const char *s, const char *what, double min, double max,
	double *out, struct err *err)
{
	char why[96];
	double v;

	if (!looks_decimal(s))
		return err_value(err, EX_USAGE, what, s, "not a number");
	v = decimal(s);
	if (!(v >= min && v <= max) || !isfinite(v)) {
		snprintf(why, sizeof(why), "not within %.10g to %.10g", min,
			max);
		return err_value(err, EX_USAGE, what, s, why);
	}
	*out = v;
	return 0;
}

void
float_format(struct buf *b, double v)
{
	const char *point = localeconv()->decimal_point;
	char text[48];
	char *at;
	int digits;

	for (digits = 15; digits < 18; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	at = strcmp(point, ".") == 0 ? NULL : strstr(text, point);
	if (at == NULL) {
		buf_adds(b, text);
		return;
	}
	buf_add(b, text, (size_t)(at - text));
	buf_addc(b, '.');
	buf_adds(b, at + strlen(point));
}

static const char *const priorities[] = {
	NULL, "critical", "high", "normal", "low", "batch",
};
#define PRIORITY_LAST 5

int
priority_parse(const char *s, int *out, struct err *err)
{
	int i;

	if (s[0] >= '1' && s[0] <= '0' + PRIORITY_LAST && s[1] == '\0') {
		*out = s[0] - '0';
		return 0;
	}
	for (i = 1; i <= PRIORITY_LAST; i++) {
		if (strcmp(s, priorities[i]) == 0) {
			*out = i;
			return 0;
		}
	}
	return err_value(err, EX_USAGE, "priority", s,
		"not critical, high, normal, low, batch or 1 to 5");
}

const char *
priority_name(int priority)
{
	if (priority < 1 || priority > PRIORITY_LAST)
		return NULL;
	return priorities[priority];
}

void
varint_put(struct buf *b, uint64_t v)
{
	unsigned char bytes[10];
	size_t n = 0;

	while (v >= 0x80) {
		bytes[n++] = (unsigned char)(v | 0x80);
		v >>= 7;
	}
	bytes[n++] = (unsigned char)v;
	buf_add(b, bytes, n);
}

int
varint_get(const unsigned char **p, const unsigned char *end, uint64_t *v)
{
	const unsigned char *at = *p;
	uint64_t sum = 0;
	int shift;

	for (shift = 0; shift < 64; shift += 7) {
		uint64_t part;

		if (at == end)
			return -1;
		part = *at & 0x7f;
		if (shift == 63 && part > 1)
			return -1;
		sum |= part << shift;
		if ((*at++ & 0x80) == 0) {
			*p = at;
			*v = sum;
			return 0;
		}
	}
	return -1;
}
