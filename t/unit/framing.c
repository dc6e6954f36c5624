#include "rules/record.h"

#include <stdlib.h>

#include "base/clock.h"
#include "random.h"
#include "tap.h"

/* Everything that comes out, as text: "[record]" or "!" for one too long */
static void
drain(struct framing *f, bool last, struct buf *said)
{
	struct bytes r;
	enum frame got;

	while ((got = framing_next(f, last, &r)) != FRAME_NONE) {
		if (got == FRAME_TOO_LONG) {
			buf_addc(said, '!');
			continue;
		}
		buf_addc(said, '[');
		buf_add(said, r.p, r.n);
		buf_addc(said, ']');
	}
}

/* The reference: the whole input at once, with no state */
static void
expect(const char *p, size_t n, char end, size_t max, struct buf *said)
{
	size_t i = 0, k;

	while (i < n) {
		for (k = i; k < n && p[k] != end; k++)
			;
		if (k - i > max) {
			buf_addc(said, '!');
		} else {
			buf_addc(said, '[');
			buf_add(said, p + i, k - i);
			buf_addc(said, ']');
		}
		i = k + 1;
	}
}

static void
random_splits(char end, size_t max, const char *what)
{
	struct buf in = { 0 }, want = { 0 }, got = { 0 };
	int round, wrong = 0;

	for (round = 0; round < 3000; round++) {
		struct framing f;
		size_t n = next_random() % 200, i, step;

		buf_reset(&in);
		buf_reset(&want);
		buf_reset(&got);
		for (i = 0; i < n; i++)
			buf_addc(&in, next_random() % 5 == 0 ? end
				: (char)('a' + next_random() % 26));
		expect(in.p, in.len, end, max, &want);
		framing_init(&f, end, max);
		for (i = 0; i < n; i += step) {
			step = 1 + next_random() % 40;
			if (step > n - i)
				step = n - i;
			framing_feed(&f, in.p + i, step);
			if (next_random() % 3 != 0)	/* or feed again */
				drain(&f, false, &got);
		}
		drain(&f, true, &got);
		drain(&f, true, &got);	/* nothing more */
		wrong += got.len != want.len || (got.len > 0
			&& memcmp(got.p, want.p, got.len) != 0);
		framing_release(&f);
	}
	is_int(wrong, 0, "%s: 3000 inputs, split anywhere", what);
	buf_release(&in);
	buf_release(&want);
	buf_release(&got);
}

/* One record is taken per feed, so a backlog builds up */
static void
slow_reader(void)
{
	struct framing f;
	struct bytes r;
	char text[32];
	int i, wrong = 0, n = 0;

	framing_init(&f, '\n', 100);
	for (i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text), "%d\n%d\n", 2 * i, 2 * i + 1);
		framing_feed(&f, text, strlen(text));
		if (framing_next(&f, false, &r) != FRAME_RECORD)
			break;
		snprintf(text, sizeof(text), "%d", n++);
		wrong += r.n != strlen(text) || memcmp(r.p, text, r.n) != 0;
	}
	while (framing_next(&f, true, &r) == FRAME_RECORD) {
		snprintf(text, sizeof(text), "%d", n++);
		wrong += r.n != strlen(text) || memcmp(r.p, text, r.n) != 0;
	}
	ok(n == 40000 && wrong == 0, "a reader that takes one at a time");
	framing_release(&f);
}

static void
edges(void)
{
	struct framing f;
	struct bytes r;

	framing_init(&f, '\n', 10);
	is_int(framing_next(&f, true, &r), FRAME_NONE, "no input, no record");
	framing_feed(&f, "", 0);
	is_int(framing_next(&f, true, &r), FRAME_NONE, "nothing fed");
	framing_feed(&f, "\n", 1);
	ok(framing_next(&f, false, &r) == FRAME_RECORD && r.n == 0
		&& r.p != NULL, "an empty record is one");
	framing_feed(&f, "abc", 3);
	is_int(framing_next(&f, false, &r), FRAME_NONE, "not yet ended");
	ok(framing_next(&f, true, &r) == FRAME_RECORD && r.n == 3,
		"the last may lack its mark");
	is_int(framing_next(&f, true, &r), FRAME_NONE, "and comes once");
	framing_feed(&f, "0123456789\n", 11);
	ok(framing_next(&f, false, &r) == FRAME_RECORD && r.n == 10,
		"the longest");
	framing_feed(&f, "0123456789a", 11);
	is_int(framing_next(&f, false, &r), FRAME_TOO_LONG, "one over");
	is_int(framing_next(&f, false, &r), FRAME_NONE, "said once");
	framing_feed(&f, "still", 5);
	is_int(framing_next(&f, false, &r), FRAME_NONE, "its rest");
	ok(f.pending.len - f.taken == 0, "is not kept");
	framing_feed(&f, "end\nnext\n", 9);
	ok(framing_next(&f, false, &r) == FRAME_RECORD && r.n == 4
		&& memcmp(r.p, "next", 4) == 0, "the next is itself again");
	framing_release(&f);
	framing_release(&f);
}

static void
bounded(void)
{
	struct framing f;
	struct bytes r;
	char block[4096];
	int i, records = 0;

	memset(block, 'x', sizeof(block));
	framing_init(&f, '\n', 10000);
	for (i = 0; i < 10000; i++) {	/* 40 MB without an end */
		framing_feed(&f, block, sizeof(block));
		records += framing_next(&f, false, &r) == FRAME_TOO_LONG;
	}
	ok(records == 1 && f.pending.cap < 65536,
		"a record without end takes no memory");
	framing_release(&f);

	framing_init(&f, '\n', 10000);
	memset(block + 4000, '\n', 1);
	for (i = 0; i < 10000; i++) {
		framing_feed(&f, block, sizeof(block));
		while (framing_next(&f, false, &r) == FRAME_RECORD)
			records++;
	}
	ok(records == 10001 && f.pending.cap < 65536,
		"nor does a long stream");
	framing_release(&f);
}

int
main(void)
{
	edges();
	random_splits('\n', 1000, "lines");
	random_splits('\0', 1000, "NUL");
	random_splits('\n', 5, "short lines");
	random_splits('\0', 0, "empty ones only");
	slow_reader();
	bounded();
	return done();
}
