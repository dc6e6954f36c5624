/* RFC 4648, section 4. */
#include "base/text.h"

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(struct buf *out, struct bytes s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i;

	buf_room(out, s.n / 3 * 4 + 4);
	for (i = 0; i < s.n; i += 3) {
		size_t left = s.n - i;
		uint32_t v = (uint32_t)p[i] << 16;
		char four[4];

		if (left > 1)
			v |= (uint32_t)p[i + 1] << 8;
		if (left > 2)
			v |= p[i + 2];
		four[0] = alphabet[v >> 18];
		four[1] = alphabet[v >> 12 & 63];
		four[2] = left > 1 ? alphabet[v >> 6 & 63] : '=';
		four[3] = left > 2 ? alphabet[v & 63] : '=';
		buf_add(out, four, 4);
	}
}

static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int
base64_decode(struct buf *out, struct bytes s)
{
	size_t start = out->len, pad = 0, i, k;

	if (s.n % 4 != 0)
		return -1;
	if (s.n > 0 && s.p[s.n - 1] == '=')
		pad = s.p[s.n - 2] == '=' ? 2 : 1;
	buf_room(out, s.n / 4 * 3);
	for (i = 0; i < s.n; i += 4) {
		size_t filled = i + 4 == s.n ? 4 - pad : 4;
		uint32_t v = 0;
		char three[3];

		for (k = 0; k < 4; k++) {
			int six = k < filled ? value_of(s.p[i + k]) : 0;

			if (six < 0)
				goto bad;
			v = v << 6 | (uint32_t)six;
		}
		/* bits that nothing decodes to must be 0: one text for each
		 * run of bytes */
		if ((filled == 2 && (v & 0xffff) != 0)
				|| (filled == 3 && (v & 0xff) != 0))
			goto bad;
		three[0] = (char)(v >> 16);
		three[1] = (char)(v >> 8);
		three[2] = (char)v;
		buf_add(out, three, filled - 1);
	}
	return 0;
bad:
	out->len = start;
	out->p[start] = '\0';
	return -1;
}
