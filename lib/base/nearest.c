#include "base/nearest.h"

#include <stddef.h>
#include <string.h>

#define LONGEST 32
#define SLIPS 2
#define SHORT 4			/* letters: of these one slip leaves enough */

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* How many letters have to be added, removed, changed or swapped to get from
 * a to b (optimal string alignment; Damerau 1964). Both short. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[3][LONGEST + 1];	/* of i-2, i-1 and i, by i % 3 */
	size_t la = strlen(a), lb = strlen(b), i, j;

	if (la > LONGEST || lb > LONGEST)
		return la + lb;
	for (j = 0; j <= lb; j++)
		row[0][j] = j;
	for (i = 1; i <= la; i++) {
		size_t *now = row[i % 3], *before = row[(i - 1) % 3];

		now[0] = i;
		for (j = 1; j <= lb; j++) {
			now[j] = min3(before[j] + 1, now[j - 1] + 1,
				before[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2]
					&& a[i - 2] == b[j - 1]
					&& row[(i - 2) % 3][j - 2] < now[j])
				now[j] = row[(i - 2) % 3][j - 2] + 1;
		}
	}
	return row[la % 3][lb];
}

const char *
nearest(const char *word, const char *const *list)
{
	const char *best = NULL;
	size_t least = SLIPS + 1;

	for (; *list != NULL; list++) {
		size_t d = distance(word, *list);

		/* something of the word has to be left */
		if (d < least && d < strlen(*list) && (d < SLIPS ||
		    strlen(*list) > SHORT || strlen(word) > SHORT)) {
			least = d;
			best = *list;
		}
	}
	return best;
}
