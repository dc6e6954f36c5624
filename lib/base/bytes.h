/* A borrowed run of bytes: paths and keys are bytes, never text. p == NULL
 * means absent, which differs from present and empty (n == 0). */
#ifndef IQ_BYTES_H
#define IQ_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct bytes {
	const char *p;
	size_t n;
};

#define BYTES_NONE ((struct bytes){ NULL, 0 })

static inline struct bytes
bytes_of(const char *s)
{
	return (struct bytes){ s, s ? strlen(s) : 0 };
}

static inline bool
bytes_equal(struct bytes a, struct bytes b)
{
	if (a.p == NULL || b.p == NULL)
		return a.p == b.p;
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* As memcmp, and the shorter of two that begin alike is before the other */
static inline int
bytes_compare(struct bytes a, struct bytes b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

#endif
