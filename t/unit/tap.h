/*
 * Test Anything Protocol, version 12: one line per check, the plan at the end.
 *
 *	ok(n == 3, "three of them");
 *	is_int(n, 3, "the number of %s", "things");
 *	is_str(s, "x", "the text");
 *	return done();
 */
#ifndef IQ_TAP_H
#define IQ_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_run, tap_failed;

__attribute__((format(printf, 3, 0)))
static inline bool
tap_check(bool good, const char *where, const char *fmt, va_list ap)
{
	printf("%sok %d - ", good ? "" : "not ", ++tap_run);
	vprintf(fmt, ap);
	putchar('\n');
	if (!good) {
		tap_failed++;
		printf("#   at %s\n", where);
	}
	fflush(stdout);
	return good;
}

#define TAP_TEXT(x) #x
#define TAP_LINE(x) TAP_TEXT(x)
#define TAP_HERE __FILE__ ":" TAP_LINE(__LINE__)

__attribute__((format(printf, 3, 4)))
static inline bool
tap_ok(bool good, const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tap_check(good, where, fmt, ap);
	va_end(ap);
	return good;
}

__attribute__((format(printf, 4, 5)))
static inline bool
tap_is_int(long long got, long long want, const char *where, const char *fmt,
	...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!tap_check(got == want, where, fmt, ap))
		printf("#   got %lld\n#   want %lld\n", got, want);
	va_end(ap);
	return got == want;
}

__attribute__((format(printf, 4, 5)))
static inline bool
tap_is_str(const char *got, const char *want, const char *where,
	const char *fmt, ...)
{
	bool same = got == NULL || want == NULL ? got == want
		: strcmp(got, want) == 0;
	va_list ap;

	va_start(ap, fmt);
	if (!tap_check(same, where, fmt, ap))
		printf("#   got \"%s\"\n#   want \"%s\"\n",
			got ? got : "(null)", want ? want : "(null)");
	va_end(ap);
	return same;
}

#define ok(cond, ...) tap_ok(cond, TAP_HERE, __VA_ARGS__)
#define is_int(got, want, ...) tap_is_int(got, want, TAP_HERE, __VA_ARGS__)
#define is_str(got, want, ...) tap_is_str(got, want, TAP_HERE, __VA_ARGS__)

static inline int
done(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed != 0;
}

#endif
