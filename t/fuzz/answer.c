/* What handlers say: however it is split it means the same, and what is taken
 * keeps to its bounds.  The first two bytes: the exit status, and how the rest
 * is split. */
#include "rules/answer.h"

#include "../chaos/lib/dice.h"
#include "lib/fuzz.h"

static const struct answer_ground ground = {
	.cwd = { "/home/anna", 10 }, .now = INT64_C(1795248930123456789) };

static void
must_be_sound(const struct answer *a)
{
	must(a->progress == -1 || (a->progress >= 0 && a->progress <= 1));
	must(a->bytes >= -1 && a->retry_after >= -1);
	must(a->error.len <= ANSWER_ERROR);
	must(a->error.len == 0 || utf8_valid(fuzz_said(&a->error)));
	must(!a->refined || a->outcome == OUTCOME_TRANSIENT ||
		a->outcome == OUTCOME_RATE_LIMITED ||
		a->outcome == OUTCOME_PERMANENT ||
		a->outcome == OUTCOME_SNOOZE);
	must(a->n <= ANSWER_RECORDS);
	for (size_t i = 0; i < a->n; i++) {
		must(a->records[i].number == i + 1);
		must(a->records[i].path.p == NULL ||
			a->records[i].path.p[0] == '/');
	}
	if (a->answered == ANSWERED)
		return;
	must(a->error.len > 0);
	must_be_shown(fuzz_said(&a->error));
	must(a->progress == -1 && a->bytes == -1 && a->retry_after == -1);
	must(!a->refined && a->n == 0);
}

static void
must_be_same(const struct answer *a, const struct answer *b)
{
	must(a->answered == b->answered && a->progress == b->progress);
	must(a->bytes == b->bytes && a->retry_after == b->retry_after);
	must(a->refined == b->refined && a->n == b->n);
	must(bytes_equal(fuzz_said(&a->error), fuzz_said(&b->error)) ||
		a->error.len + b->error.len == 0);
	for (size_t i = 0; i < a->n; i++) {
		must(bytes_equal(a->records[i].path, b->records[i].path));
		must(bytes_equal(a->records[i].payload,
			b->records[i].payload));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct answer whole, split;
	struct bytes in;
	struct dice d;
	size_t i, step;

	if (n < 2)
		return 0;
	in = fuzz_bytes(data + 2, n - 2);
	d = (struct dice){ data[1] };
	answer_init(&whole);
	answer_feed(&whole, in.p, in.n, &ground);
	answer_end(&whole, data[0] & 1, &ground);
	must_be_sound(&whole);
	answer_init(&split);
	for (i = 0; i < in.n; i += step) {
		step = 1 + dice_below(&d, 1 + data[1] % 64);
		if (step > in.n - i)
			step = in.n - i;
		answer_feed(&split, in.p + i, step, &ground);
	}
	answer_end(&split, data[0] & 1, &ground);
	must_be_same(&whole, &split);
	answer_release(&whole);
	answer_release(&split);
	return 0;
}
