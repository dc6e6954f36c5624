#include "rules/json.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"

void
json_init(struct json *j, struct buf *out)
{
	*j = (struct json){ .out = out };
}

/* What goes before a value: a comma (not at the top, where values stand on
 * lines), a name. Names are ours: plain ASCII. */
static void
begin(struct json *j, const char *name)
{
	struct buf *b = j->out;

	if (j->comma)
		buf_addc(b, ',');
	j->comma = j->depth > 0;
	if (name == NULL)
		return;
	buf_addc(b, '"');
	buf_adds(b, name);
	buf_add(b, "\":", 2);
}

static void
open_with(struct json *j, const char *name, char c)
{
	begin(j, name);
	buf_addc(j->out, c);
	j->comma = false;
	j->depth++;
}

static void
close_with(struct json *j, char c)
{
	buf_addc(j->out, c);
	j->depth--;
	j->comma = j->depth > 0;
}

void
json_begin_object(struct json *j, const char *name)
{
	open_with(j, name, '{');
}

void
json_end_object(struct json *j)
{
	close_with(j, '}');
}

void
json_begin_array(struct json *j, const char *name)
{
	open_with(j, name, '[');
}

void
json_end_array(struct json *j)
{
	close_with(j, ']');
}

/* Bytes from i on that stand for themselves: ASCII without '"', '\\' and
 * control characters */
static size_t
plain_run(struct bytes s, size_t i)
{
	size_t start = i;

	while (i < s.n) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			break;
		i++;
	}
	return i - start;
}

static void
escape_ascii(struct buf *b, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = c == '\0' ? NULL : strchr(from, c);

	if (at != NULL) {
		buf_addc(b, '\\');
		buf_addc(b, to[at - from]);
	} else {
		buf_addf(b, "\\u%04x", c);
	}
}

/* What a terminal must not see is escaped too: it costs a reader nothing, and
 * JSON is printed to terminals as well. */
static void
quote(struct buf *b, struct bytes s)
{
	size_t i = 0, n;

	buf_room(b, s.n + 2);
	buf_addc(b, '"');
	while (i < s.n) {
		n = plain_run(s, i);
		buf_add(b, s.p + i, n);
		i += n;
		if (i == s.n)
			break;
		n = utf8_length(s.p + i, s.n - i);
		if (n == 0) {
			buf_add(b, "\xef\xbf\xbd", 3);	/* U+FFFD */
			n = 1;
		} else if (n == 1) {
			escape_ascii(b, (unsigned char)s.p[i]);
		} else if (text_hidden(utf8_point(s.p + i, n))) {
			buf_addf(b, "\\u%04x",
				(unsigned)utf8_point(s.p + i, n));
		} else {
			buf_add(b, s.p + i, n);
		}
		i += n;
	}
	buf_addc(b, '"');
}

void
json_put_bytes(struct json *j, const char *name, struct bytes s)
{
	if (s.p == NULL) {
		json_put_null(j, name);
		return;
	}
	begin(j, name);
	quote(j->out, s);
}

void
json_put_string(struct json *j, const char *name, const char *s)
{
	json_put_bytes(j, name, bytes_of(s));
}

void
json_put_path(struct json *j, const char *name, struct bytes s)
{
	struct buf *b = j->out;

	json_put_bytes(j, name, s);
	if (s.p == NULL || utf8_valid(s))
		return;
	buf_addf(b, ",\"%s_base64\":\"", name);
	base64_encode(b, s);
	buf_addc(b, '"');
}

void
json_put_int(struct json *j, const char *name, int64_t v)
{
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;

	begin(j, name);
	do
		digits[--at] = (char)('0' + rest % 10);
	while ((rest /= 10) != 0);
	if (v < 0)
		digits[--at] = '-';
	buf_add(j->out, digits + at, sizeof(digits) - at);
}

void
json_put_float(struct json *j, const char *name, double v)
{
	if (!isfinite(v)) {
		json_put_null(j, name);
		return;
	}
	begin(j, name);
	float_format(j->out, v);
}

void
json_put_bool(struct json *j, const char *name, bool v)
{
	begin(j, name);
	buf_adds(j->out, v ? "true" : "false");
}

void
json_put_null(struct json *j, const char *name)
{
	begin(j, name);
	buf_add(j->out, "null", 4);
}

void
json_put_raw(struct json *j, const char *name, struct bytes text)
{
	if (text.p == NULL) {
		json_put_null(j, name);
		return;
	}
	begin(j, name);
	buf_add(j->out, text.p, text.n);
}

void
json_put_seconds(struct json *j, const char *name, int64_t ns)
{
	int64_t us = ns / NS_PER_US;
	int fraction = (int)(us % 1000000), digits = 6;

	if (ns < 0) {
		json_put_null(j, name);
		return;
	}
	json_put_int(j, name, us / 1000000);
	if (fraction == 0)
		return;
	for (; fraction % 10 == 0; digits--)
		fraction /= 10;
	buf_addf(j->out, ".%0*d", digits, fraction);
}

void
json_put_time(struct json *j, const char *name, int64_t ns)
{
	if (ns <= 0) {
		json_put_null(j, name);
		return;
	}
	begin(j, name);
	buf_addc(j->out, '"');
	time_format(j->out, ns);
	buf_addc(j->out, '"');
}
