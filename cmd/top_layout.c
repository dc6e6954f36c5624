/* Where things stand on the screen, and when it is read anew. */
#include <locale.h>

#include "base/text.h"
#include "top.h"

#define AROUND 3		/* lines that the list needs besides its rows */
#define ROWS 3			/* that it has, if need be at the head's cost */

struct top_layout
top_layout(size_t height, size_t nhead)
{
	size_t rest = height > AROUND + ROWS ? height - AROUND - ROWS : 0;
	struct top_layout l = { .head = nhead < rest ? nhead : rest };

	l.rows = height > l.head + AROUND ? height - l.head - AROUND : 1;
	return l;
}

#define BUSY 10			/* a tenth of the time at most, */
#define IDLE 400		/* and with nothing new hardly any */

int64_t
top_next(int64_t began, int64_t cost, int64_t interval, bool changed)
{
	int64_t pause = cost * (changed ? BUSY : IDLE);

	if (!changed && pause < NS_PER_S)
		pause = NS_PER_S;
	return began + (pause > interval ? pause : interval);
}

void
top_line(struct buf *out, struct bytes line, size_t columns, bool ascii)
{
	/* widths are those of UTF-8, whatever the locale says */
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
	size_t used = 0;

	for (size_t i = 0; i < line.n;) {
		size_t n = utf8_length(line.p + i, line.n - i);
		struct bytes one = { line.p + i, n ? n : 1 };
		size_t wide = text_columns(one);

		if (used + wide > columns)
			break;
		if (!ascii || one.n == 1)
			buf_add(out, one.p, one.n);
		else
			for (size_t k = 0; k < wide; k++)
				buf_addc(out, '?');
		used += wide;
		i += one.n;
	}
	if (utf8) {
		uselocale(before);
		freelocale(utf8);
	}
}
