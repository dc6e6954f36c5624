/*
 * What the measuring programs share: the clock, samples and their percentiles,
 * and a way to die.  They are yardsticks, so they check everything.
 */
#ifndef IQ_PERF_H
#define IQ_PERF_H

#include <err.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct samples {
	int64_t *v;		/* ns */
	size_t n, cap;
};

static inline int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline void
samples_add(struct samples *s, int64_t v)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 256;
		s->v = realloc(s->v, s->cap * sizeof(*s->v));
		if (s->v == NULL)
			errx(71, "out of memory");
	}
	s->v[s->n++] = v;
}

static inline int
samples_order(const void *va, const void *vb)
{
	const int64_t *a = va, *b = vb;

	return *a < *b ? -1 : *a > *b;
}

static inline void
samples_sort(struct samples *s)
{
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), samples_order);
}

/* Of sorted samples, by the nearest rank; in us */
static inline double
samples_us(const struct samples *s, double percentile)
{
	size_t rank = (size_t)((double)s->n * percentile / 100);

	if (s->n == 0)
		return 0;
	return (double)s->v[rank < s->n ? rank : s->n - 1] / 1000;
}

/* "RATE MEDIAN P99 WORST", per second and in us; sorts */
static inline void
samples_print_rate(struct samples *s, int64_t ns)
{
	samples_sort(s);
	printf("%.0f %.0f %.0f %.0f\n", (double)s->n * 1e9 / (double)ns,
	    samples_us(s, 50), samples_us(s, 99), samples_us(s, 100));
}

/* The whole of a decimal operand that must be at least 1 */
static inline long
count_of(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (n < 1 || *text == '\0' || *end)
		errx(64, "not a count: %s", text);
	return n;
}

#endif
