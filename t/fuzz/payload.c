/* Payloads: what is kept is the text as it was written but for the blanks
 * outside of strings, by itself and as a member of a record. */
#include "lib/fuzz.h"
#include "rules/record.h"

#define NESTED 1000	/* bytes that cannot reach the parser's deepest level */

static void
without_blanks(struct buf *b, struct bytes s)
{
	bool inside = false, escaped = false;
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!inside && (c == ' ' || c == '\t' || c == '\n'
				|| c == '\r'))
			continue;
		buf_addc(b, c);
		if (c == '"' && !escaped)
			inside = !inside;
		escaped = inside && !escaped && c == '\\';
	}
}

static void
in_a_record(struct bytes text, struct bytes kept, struct arena *arena)
{
	struct buf line = { 0 };
	struct record r;
	struct err err;
	bool flush;

	buf_adds(&line, "{\"path\":\"/p\", \"payload\" : ");
	buf_add(&line, text.p, text.n);
	buf_adds(&line, " ,\"key\":\"k\"}");
	must(record_parse_json(fuzz_said(&line), arena, 0, &r, &flush, &err)
		== 0);
	if (bytes_equal(kept, bytes_of("null")))
		must(r.payload.p == NULL);	/* counts as not said */
	else
		must(bytes_equal(r.payload, kept));
	must(bytes_equal(r.path, bytes_of("/p"))
		&& bytes_equal(r.key, bytes_of("k")));
	buf_release(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes text = fuzz_bytes(data, n), kept, again;
	struct arena arena = { 0 };
	struct buf want = { 0 };
	struct err err = { 0 };
	int rc = payload_parse(text, &arena, &kept, &err);

	if (rc != 0) {
		must_say(&err, EX_DATAERR);
	} else {
		without_blanks(&want, text);
		must(bytes_equal(kept, fuzz_said(&want)));
		must(kept.p[kept.n] == '\0');
		must(payload_parse(kept, &arena, &again, &err) == 0);
		must(bytes_equal(kept, again));
		if (n < NESTED)
			in_a_record(text, kept, &arena);
	}
	buf_release(&want);
	arena_release(&arena);
	return 0;
}
