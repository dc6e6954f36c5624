#include "base/text.h"

#include <locale.h>
#include <stdlib.h>

#include "tap.h"

#define BYTES(literal) ((struct bytes){ literal, sizeof(literal) - 1 })

/* The definition, written the slow way: does any code point encode so? */
static size_t
slow_length(const unsigned char *p, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = p[0] < 0x80 ? 1 : (p[0] & 0xe0) == 0xc0 ? 2
		: (p[0] & 0xf0) == 0xe0 ? 3 : (p[0] & 0xf8) == 0xf0 ? 4 : 0;
	uint32_t c;
	size_t i;

	if (length == 0 || length > n)
		return 0;
	c = length == 1 ? p[0] : p[0] & (0x7fu >> length);
	for (i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	return length;
}

static void
utf8(void)
{
	static const unsigned char edge[] = {
		0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff,
	};
	unsigned char s[4];
	int wrong = 0, a, n;
	size_t i, j, k;

	for (a = 0; a < 256; a++)
	for (i = 0; i < sizeof(edge); i++)
	for (j = 0; j < sizeof(edge); j++)
	for (k = 0; k < sizeof(edge); k++)
	for (n = 1; n <= 4; n++) {
		s[0] = (unsigned char)a;
		s[1] = edge[i];
		s[2] = edge[j];
		s[3] = edge[k];
		wrong += utf8_length((char *)s, (size_t)n)
			!= slow_length(s, (size_t)n);
	}
	is_int(wrong, 0, "lengths of all first bytes with edges after them");
	is_int(utf8_point("\xe2\x82\xac", 3), 0x20ac, "euro sign");
	is_int(utf8_point("\xf0\x9f\x98\x80", 4), 0x1f600, "outside the BMP");
	ok(utf8_valid(BYTES("gr\xc3\xbc\xc3\x9f")), "valid");
	ok(utf8_valid(BYTES("")), "empty is valid");
	ok(!utf8_valid(BYTES("gr\xfc\xdf")), "latin-1 is not");
	ok(!utf8_valid(BYTES("\xed\xa0\x80")), "a surrogate is not");
	ok(!utf8_valid(BYTES("\xc3")), "a cut character is not");
}

static void
escape(void)
{
	static const struct {
		struct bytes in;
		const char *want;
		size_t columns;
	} cases[] = {
		{ { "plain", 5 }, "plain", 5 },
		{ { "", 0 }, "", 0 },
		{ { "a\nb\tc\rd", 7 }, "a\\nb\\tc\\rd", 10 },
		{ { "\x1b[31m", 5 }, "\\x1b[31m", 8 },
		{ { "\x00\x7f", 2 }, "\\x00\\x7f", 8 },
		{ { "C:\\x", 4 }, "C:\\x", 4 },
		{ { "\xc2\x9b" "1m", 4 }, "\\u009b1m", 8 },
		{ { "\xe2\x80\xae" "gpj", 6 }, "\\u202egpj", 9 },
		{ { "\xe2\x81\xa6x", 4 }, "\\u2066x", 7 },
		{ { "\xff\xfe", 2 }, "\\xff\\xfe", 8 },
		{ { "\xc3\xa9", 2 }, "\xc3\xa9", 1 },
		{ { "\xe2\x82", 2 }, "\\xe2\\x82", 8 },
	};
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&b);
		text_escape(&b, cases[i].in);
		is_str(b.p, cases[i].want, "shown as %s", cases[i].want);
		is_int((long long)text_columns(cases[i].in),
			(long long)cases[i].columns, "... columns");
	}
	buf_reset(&b);
	text_escape_lines(&b, BYTES("a\tb\r\n\x1b\xe2\x80\xae"));
	is_str(b.p, "a\tb\\r\n\\x1b\\u202e", "of lines the ends stay");
	buf_release(&b);
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return;
	is_int((long long)text_columns(BYTES("\xe6\x97\xa5")), 2,
		"a wide character has two columns");
	is_int((long long)text_columns(BYTES("e\xcc\x81")), 1,
		"a combining mark has none");
	setlocale(LC_CTYPE, "C");
}

static void
words(void)
{
	static const struct { const char *word, *want; } cases[] = {
		{ "a-b/c.d", "a-b/c.d" }, { "", "''" },
		{ "my vault", "'my vault'" }, { "it's", "'it'\\''s'" },
		{ "\xc3\xbc", "'\xc3\xbc'" }, { "a|b", "$'a\\174b'" },
		{ "a\n'\\", "$'a\\012\\'\\\\'" }, { "\xff", "$'\\377'" },
		{ "\xe2\x80\xae", "$'\\342\\200\\256'" },
	};
	struct buf b = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&b);
		text_word(&b, bytes_of(cases[i].word), "|");
		is_str(b.p, cases[i].want, "for a shell %s", cases[i].want);
	}
	buf_reset(&b);
	text_word(&b, BYTES("a|b"), "");
	is_str(b.p, "'a|b'", "where it may be there");
	buf_release(&b);
}

static void
base64(void)
{
	static const struct { const char *plain, *coded; } rfc[] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
	};
	static const char *const bad[] = {
		"Z", "Zg", "Zg=", "Zg===", "====", "=Zg=", "Z===", "Zg==Zg==",
		"Zm9v\n", "Zm 9", "Zm9-", "Zm9_", "Zh==", "Zm9=", "Zm9vZ",
	};
	struct buf b = { 0 }, back = { 0 };
	unsigned char all[256];
	size_t i, n;
	int wrong = 0;

	for (i = 0; i < sizeof(rfc) / sizeof(rfc[0]); i++) {
		buf_reset(&b);
		base64_encode(&b, bytes_of(rfc[i].plain));
		is_str(b.p, rfc[i].coded, "base64 of \"%s\"", rfc[i].plain);
		buf_reset(&b);
		ok(base64_decode(&b, bytes_of(rfc[i].coded)) == 0
			&& strcmp(b.p, rfc[i].plain) == 0, "... and back");
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		buf_reset(&b);
		buf_adds(&b, "kept");
		ok(base64_decode(&b, bytes_of(bad[i])) == -1
			&& strcmp(b.p, "kept") == 0, "refused: %s", bad[i]);
	}
	for (i = 0; i < 256; i++)
		all[i] = (unsigned char)(255 - i);
	for (n = 0; n <= 256; n++) {
		buf_reset(&b);
		buf_reset(&back);
		base64_encode(&b, (struct bytes){ (char *)all, n });
		wrong += base64_decode(&back, (struct bytes){ b.p, b.len })
			!= 0 || back.len != n || memcmp(back.p, all, n) != 0;
	}
	is_int(wrong, 0, "all bytes, all lengths");
	buf_release(&b);
	buf_release(&back);
}

static void
paths(void)
{
	static const struct { const char *cwd, *path, *want; } cases[] = {
		{ "/home/u", "a", "/home/u/a" },
		{ "/home/u", "./a", "/home/u/a" },
		{ "/home/u", "a/./b//c", "/home/u/a/b/c" },
		{ "/home/u", "../x", "/home/u/../x" },
		{ "/home/u", ".", "/home/u" },
		{ "/home/u", "", "/home/u" },
		{ "/home/u", "..", "/home/u/.." },
		{ "/home/u", "a/", "/home/u/a" },
		{ "/home/u", "a/.", "/home/u/a" },
		{ "/home/u", "a/..", "/home/u/a/.." },
		{ "/home/u", ".hidden", "/home/u/.hidden" },
		{ "/home/u", "...", "/home/u/..." },
		{ "/home/u", "/etc//passwd", "/etc/passwd" },
		{ "/home/u", "//etc/./x/", "/etc/x" },
		{ "/home/u", "/", "/" }, { "/home/u", "//", "/" },
		{ "/home/u", "/.", "/" }, { "/home/u", "/./", "/" },
		{ "/", "a", "/a" }, { "/", ".", "/" },
		{ "/home/u", "a b\nc", "/home/u/a b\nc" },
		{ "/home/u", "\xff", "/home/u/\xff" },
	};
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&b);
		path_resolve(&b, bytes_of(cases[i].cwd),
			bytes_of(cases[i].path));
		is_str(b.p, cases[i].want, "path %zu", i);
	}
	buf_reset(&b);
	buf_adds(&b, "before");
	path_resolve(&b, bytes_of("/"), bytes_of("/"));
	is_str(b.p, "before/", "appended");
	buf_release(&b);
}

int
main(void)
{
	utf8();
	escape();
	words();
	base64();
	paths();
	return done();
}
