/* Stream framing against a reference that sees the whole stream at once.  The
 * first three bytes: end mark, longest record, how the rest is split. */
#include "../chaos/lib/dice.h"
#include "lib/fuzz.h"
#include "rules/record.h"

static void
put_record(struct buf *said, const char *p, size_t n)
{
	buf_addf(said, "%zu:", n);
	buf_add(said, p, n);
}

static void
reference(struct bytes in, char end, size_t max, struct buf *said)
{
	size_t start = 0, i;

	for (i = 0; i <= in.n; i++) {
		if (i < in.n ? in.p[i] != end : start == in.n)
			continue;
		if (i - start > max)
			buf_addc(said, '!');
		else
			put_record(said, in.p + start, i - start);
		start = i + 1;
	}
}

static void
drain(struct framing *f, bool last, size_t most, struct buf *said)
{
	struct bytes r;

	for (; most > 0; most--) {
		switch (framing_next(f, last, &r)) {
		case FRAME_NONE:
			return;
		case FRAME_TOO_LONG:
			buf_addc(said, '!');
			break;
		case FRAME_RECORD:
			put_record(said, r.p, r.n);
			break;
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf want = { 0 }, got = { 0 };
	struct framing f;
	struct dice d;
	struct bytes in;
	size_t i, step;

	if (n < 3)
		return 0;
	in = fuzz_bytes(data + 3, n - 3);
	d = (struct dice){ data[2] };
	framing_init(&f, data[0] & 1 ? '\0' : '\n', data[1]);
	reference(in, f.end, f.max, &want);
	for (i = 0; i < in.n; i += step) {
		step = 1 + dice_below(&d, 1 + data[2] % 64);
		if (step > in.n - i)
			step = in.n - i;
		framing_feed(&f, in.p + i, step);
		drain(&f, false, dice_below(&d, 4), &got);
		must(f.pending.len - f.taken <= in.n);
	}
	drain(&f, true, SIZE_MAX, &got);
	must(want.len == got.len);
	must(want.len == 0 || memcmp(want.p, got.p, got.len) == 0);
	framing_release(&f);
	buf_release(&want);
	buf_release(&got);
	return 0;
}
