/* Base64: each run of bytes has one text, each text one run of bytes. */
#include "lib/fuzz.h"

static void
any_bytes(struct bytes s)
{
	struct buf text = { 0 }, back = { 0 };

	buf_adds(&text, "");
	buf_adds(&back, "");
	base64_encode(&text, s);
	must(text.len == (s.n + 2) / 3 * 4);
	must(base64_decode(&back, fuzz_said(&text)) == 0);
	must(bytes_equal(fuzz_said(&back), s));
	buf_release(&text);
	buf_release(&back);
}

static void
any_text(struct bytes s)
{
	struct buf out = { 0 }, again = { 0 };

	buf_adds(&out, "before");
	buf_adds(&again, "");
	if (base64_decode(&out, s) == 0) {
		base64_encode(&again, (struct bytes){ out.p + 6,
			out.len - 6 });
		must(bytes_equal(fuzz_said(&again), s));
	} else {
		must(out.len == 6 && out.p[6] == '\0');
	}
	must(memcmp(out.p, "before", 6) == 0);
	buf_release(&out);
	buf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	any_bytes(fuzz_bytes(data, n));
	any_text(fuzz_bytes(data, n));
	return 0;
}
