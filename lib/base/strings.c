#include "base/strings.h"

#include <string.h>

/* So few are sorted by insertion. */
#define FEW 12

static void
swap(const unsigned char **a, const unsigned char **b)
{
	const unsigned char *keep = *a;

	*a = *b;
	*b = keep;
}

static void
insert_each(const unsigned char **v, size_t n, size_t depth)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && strcmp(
		    (const char *)v[k - 1] + depth,
		    (const char *)v[k] + depth) > 0; k--)
			swap(&v[k - 1], &v[k]);
}

static unsigned char
middle(unsigned char a, unsigned char b, unsigned char c)
{
	if (a < b)
		return b < c ? b : a < c ? c : a;
	return a < c ? a : b < c ? c : b;
}

/* All are the same up to depth.  Goes down by one byte value or by one place,
 * so never deeper than 256 times the longest. */
static void
sort(const unsigned char **v, size_t n, size_t depth)
{
	while (n > FEW) {
		unsigned char pivot = middle(v[0][depth], v[n / 2][depth],
		    v[n - 1][depth]);
		size_t less = 0, at = 0, more = n;

		while (at < more) {
			if (v[at][depth] < pivot)
				swap(&v[less++], &v[at++]);
			else if (v[at][depth] > pivot)
				swap(&v[--more], &v[at]);
			else
				at++;
		}
		sort(v, less, depth);
		sort(v + more, n - more, depth);
		if (pivot == '\0')
			return;
		v += less;
		n = more - less;
		depth++;
	}
	insert_each(v, n, depth);
}

void
strings_sort(const unsigned char **v, size_t n)
{
	sort(v, n, 0);
}
