/* UTF-8 and what a terminal is shown of any bytes. */
#include <locale.h>

#include "lib/fuzz.h"

/* The only valid way to write a code point */
static size_t
encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* Whether all of it is valid, and shown as it is */
static bool
plain(struct bytes s, bool *valid)
{
	bool as_it_is = true;
	char same[4];
	size_t i, n;
	uint32_t c;

	*valid = true;
	for (i = 0; i < s.n; i += n) {
		n = utf8_length(s.p + i, s.n - i);
		if (n == 0) {
			*valid = as_it_is = false;
			n = 1;
			continue;
		}
		must(n <= s.n - i);
		c = utf8_point(s.p + i, n);
		must(c <= 0x10ffff && (c < 0xd800 || c > 0xdfff));
		must(encode(c, same) == n && memcmp(same, s.p + i, n) == 0);
		if (text_hidden(c))
			as_it_is = false;
	}
	return as_it_is;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes s = fuzz_bytes(data, n), shown;
	struct buf once = { 0 }, twice = { 0 };
	bool valid, as_it_is;

	setlocale(LC_CTYPE, "C.UTF-8");
	as_it_is = plain(s, &valid);
	must(utf8_valid(s) == valid);
	buf_adds(&once, "");
	text_escape(&once, s);
	shown = fuzz_said(&once);
	must_be_shown(shown);
	if (as_it_is)
		must(bytes_equal(shown, s));
	must(text_columns(s) == text_columns(shown));
	buf_adds(&twice, "");
	text_escape(&twice, shown);
	must(bytes_equal(shown, fuzz_said(&twice)));
	buf_release(&once);
	buf_release(&twice);
	return 0;
}
