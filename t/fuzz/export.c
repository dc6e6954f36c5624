/* Lines that say what the audit log was, and the bytes in them. */
#include "rules/export.h"

#include "lib/fuzz.h"
#include "rules/chain.h"

/* What is taken for an event is said back as the same bytes. */
static void
check_canonical(struct bytes canonical)
{
	struct buf again = { 0 };
	struct entry e, same;

	if (canonical.p == NULL || entry_parse(canonical, &e) < 0)
		return;
	entry_canonical(&again, &e);
	must(entry_parse(fuzz_said(&again), &same) == 0);
	must(same.seq == e.seq && same.at == e.at && same.kind == e.kind &&
		bytes_equal(same.actor, e.actor) &&
		bytes_equal(same.moves, e.moves) &&
		bytes_equal(same.detail, e.detail));
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes line = fuzz_bytes(data, n);
	struct arena arena = { 0 };
	struct exported x;
	struct err err = { 0 };

	if (export_parse(line, &arena, &x, &err) != 0)
		must_say(&err, EX_DATAERR);
	else
		check_canonical(x.canonical);
	check_canonical(line);
	arena_release(&arena);
	return 0;
}
