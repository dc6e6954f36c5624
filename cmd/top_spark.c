/* A line of bars. */
#include "top.h"

#define LEVELS 8

void
top_spark(struct buf *b, const double *v, size_t n, size_t columns, bool ascii)
{
	static const char *const blocks[LEVELS] = { "▁", "▂", "▃", "▄", "▅",
	    "▆", "▇", "█" };
	static const char *const marks[LEVELS] = { "_", ".", ":", "-", "=",
	    "+", "*", "#" };
	const char *const *bars = ascii ? marks : blocks;
	size_t from = n > columns ? n - columns : 0;
	double most = 0;

	for (size_t i = from; i < n; i++)
		if (v[i] > most)
			most = v[i];
	for (size_t i = from; i < n; i++) {
		size_t level = most > 0 && v[i] > 0 ?
		    (size_t)(v[i] / most * (LEVELS - 1) + 0.999999) : 0;

		buf_adds(b, v[i] < 0 ? " " : bars[level < LEVELS ? level :
		    LEVELS - 1]);
	}
}
