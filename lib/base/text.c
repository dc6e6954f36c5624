#include "base/text.h"

#include <string.h>
#include <wchar.h>

size_t
utf8_length(const char *p, size_t n)
{
	const unsigned char *s = (const unsigned char *)p;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	if (n < 2 || (s[1] & 0xc0) != 0x80)
		return 0;
	if (s[0] < 0xe0)
		return 2;
	if (n < 3 || (s[2] & 0xc0) != 0x80)
		return 0;
	if (s[0] < 0xf0) {
		if (s[0] == 0xe0 && s[1] < 0xa0)
			return 0;	/* overlong */
		if (s[0] == 0xed && s[1] > 0x9f)
			return 0;	/* surrogate */
		return 3;
	}
	if (n < 4 || (s[3] & 0xc0) != 0x80)
		return 0;
	if (s[0] == 0xf0 && s[1] < 0x90)
		return 0;		/* overlong */
	if (s[0] == 0xf4 && s[1] > 0x8f)
		return 0;		/* over U+10FFFF */
	return 4;
}

uint32_t
utf8_point(const char *p, size_t length)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char *s = (const unsigned char *)p;
	uint32_t c = s[0] & mask[length];
	size_t i;

	for (i = 1; i < length; i++)
		c = c << 6 | (s[i] & 0x3f);
	return c;
}

bool
utf8_valid(struct bytes s)
{
	size_t i = 0;

	while (i < s.n) {
		size_t n;

		if ((unsigned char)s.p[i] < 0x80) {
			i++;
			continue;
		}
		n = utf8_length(s.p + i, s.n - i);
		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

bool
text_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0)	/* C0, DEL, C1 */
		|| c == 0x061c || c == 0x200e || c == 0x200f
		|| (c >= 0x2028 && c <= 0x202e)	/* separators, embeddings */
		|| (c >= 0x2066 && c <= 0x2069);	/* isolates */
}

static void
escape_point(struct buf *out, uint32_t c)
{
	switch (c) {
	case '\n':
		buf_adds(out, "\\n");
		break;
	case '\r':
		buf_adds(out, "\\r");
		break;
	case '\t':
		buf_adds(out, "\\t");
		break;
	default:
		buf_addf(out, c < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)c);
		break;
	}
}

static void
escape(struct buf *out, struct bytes s, bool lines)
{
	size_t i = 0;

	buf_room(out, s.n);
	while (i < s.n) {
		size_t n = utf8_length(s.p + i, s.n - i);
		uint32_t c;

		if (n == 0) {
			buf_addf(out, "\\x%02x", (unsigned char)s.p[i++]);
			continue;
		}
		c = utf8_point(s.p + i, n);
		if (text_hidden(c) && !(lines && (c == '\n' || c == '\t')))
			escape_point(out, c);
		else
			buf_add(out, s.p + i, n);
		i += n;
	}
}

void
text_escape(struct buf *out, struct bytes s)
{
	escape(out, s, false);
}

void
text_escape_lines(struct buf *out, struct bytes s)
{
	escape(out, s, true);
}

void
text_brief(struct buf *out, struct bytes s)
{
	size_t n = s.n;

	if (n > 80) {
		n = 77;
		while (n > 74 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
			n--;	/* not inside a character */
	}
	text_escape(out, (struct bytes){ s.p, n });
	buf_adds(out, n < s.n ? "..." : "");
}

static bool
is_plain(struct bytes word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-./:,@%=";
	size_t i = 0;

	while (i < word.n && memchr(plain, word.p[i], sizeof(plain) - 1))
		i++;
	return word.n > 0 && i == word.n;
}

/* Whether it would be shown as it is */
static bool
is_shown(struct bytes word)
{
	size_t n = 0;

	for (size_t i = 0; i < word.n; i += n) {
		n = utf8_length(word.p + i, word.n - i);
		if (n == 0 || text_hidden(utf8_point(word.p + i, n)))
			return false;
	}
	return true;
}

static bool
has_any(struct bytes word, const char *of)
{
	for (; *of != '\0'; of++)
		if (memchr(word.p, *of, word.n) != NULL)
			return true;
	return false;
}

void
text_word(struct buf *out, struct bytes word, const char *not)
{
	bool escape = word.n > 0 && (!is_shown(word) || has_any(word, not));

	if (is_plain(word)) {
		buf_add(out, word.p, word.n);
		return;
	}
	buf_adds(out, escape ? "$'" : "'");
	for (size_t i = 0; i < word.n; i++) {
		unsigned char c = (unsigned char)word.p[i];

		if (escape && (c < ' ' || c >= 0x7f ||
		    strchr(not, c) != NULL))
			buf_addf(out, "\\%03o", c);
		else if (escape && (c == '\'' || c == '\\'))
			buf_addf(out, "\\%c", c);
		else if (c == '\'')
			buf_adds(out, "'\\''");
		else
			buf_addc(out, (char)c);
	}
	buf_addc(out, '\'');
}

size_t
text_columns(struct bytes s)
{
	size_t i = 0, columns = 0;

	while (i < s.n) {
		size_t n = utf8_length(s.p + i, s.n - i);
		uint32_t c;
		int width;

		if (n == 0) {
			columns += 4;	/* \xff */
			i++;
			continue;
		}
		c = utf8_point(s.p + i, n);
		i += n;
		if (c == '\n' || c == '\r' || c == '\t') {
			columns += 2;
		} else if (text_hidden(c)) {
			columns += c < 0x80 ? 4 : 6;
		} else {
			width = wcwidth((wchar_t)c);
			columns += width < 0 ? 1 : (size_t)width;
		}
	}
	return columns;
}

void
path_resolve(struct buf *out, struct bytes cwd, struct bytes path)
{
	size_t start = out->len, i, n;
	struct bytes part[2] = { cwd, path };
	size_t k = path.n > 0 && path.p[0] == '/' ? 1 : 0;

	for (; k < 2; k++) {
		for (i = 0; i < part[k].n; i += n + 1) {
			const char *at = part[k].p + i;
			const char *slash = memchr(at, '/', part[k].n - i);

			n = slash == NULL ? part[k].n - i
				: (size_t)(slash - at);
			if (n == 0 || (n == 1 && *at == '.'))
				continue;
			buf_addc(out, '/');
			buf_add(out, at, n);
		}
	}
	if (out->len == start)
		buf_addc(out, '/');
}
