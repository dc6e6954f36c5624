#include "base/strings.h"

#include <stdlib.h>

#include "tap.h"

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* n strings of up to that length, of so many letters, behind one beginning */
static void
check(size_t n, unsigned length, unsigned letters, const char *beginning)
{
	const unsigned char **v = malloc((n + 1) * sizeof(*v));
	const unsigned char **same = malloc((n + 1) * sizeof(*v));
	unsigned seed = 7;
	int wrong = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char *s = malloc(strlen(beginning) + length + 1);
		size_t at = strlen(beginning);
		unsigned k;

		memcpy(s, beginning, at);
		seed = seed * 1103515245 + 12345;
		for (k = (seed >> 16) % (length + 1); k > 0; k--) {
			seed = seed * 1103515245 + 12345;
			s[at++] = (unsigned char)(255 - (seed >> 16) %
				letters);
		}
		s[at] = '\0';
		v[i] = same[i] = s;
	}
	strings_sort(v, n);
	qsort(same, n, sizeof(*same), by_bytes);
	for (size_t i = 0; i < n; i++)
		wrong += strcmp((const char *)v[i], (const char *)same[i]) !=
			0;
	is_int(wrong, 0, "%zu of up to %u of %u", n, length, letters);
	for (size_t i = 0; i < n; i++)
		free((void *)(size_t)same[i]);
	free(v);
	free(same);
}

int
main(void)
{
	check(0, 1, 1, "");
	check(1, 5, 5, "");
	check(2, 1, 2, "x");
	check(13, 3, 2, "");
	check(500, 4, 2, "");
	check(500, 0, 1, "");
	check(2000, 20, 255, "the same beginning of all ");
	check(2000, 200, 1, "");
	check(20000, 6, 10, "file-");
	return done();
}
