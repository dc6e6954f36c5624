/* JSON in, and its text: a payload is kept as it was written, so that its
 * numbers and escapes stay what they were. */
#include "rules/json_text.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "rules/record.h"

json_t *
json_read(struct bytes text, size_t flags, struct err *err)
{
	json_error_t bad;
	struct buf why = { 0 };
	json_t *root;

	/* jansson passes over a NUL byte that follows a number or a word */
	if (text.n > 0 && memchr(text.p, '\0', text.n) != NULL) {
		err_set(err, EX_DATAERR, "not JSON: a NUL byte");
		return NULL;
	}
	flags |= JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
	root = json_loadb(text.p, text.n, flags, &bad);
	/* A payload may have numbers of any size; it is kept as text. */
	if (root == NULL && json_error_code(&bad)
			== json_error_numeric_overflow)
		root = json_loadb(text.p, text.n,
			flags | JSON_DECODE_INT_AS_REAL, &bad);
	if (root != NULL)
		return root;
	if (!utf8_valid(text)) {
		err_set(err, EX_DATAERR, "not valid UTF-8 (such a path is"
			" said as path_base64)");
		return NULL;
	}
	text_escape(&why, bytes_of(bad.text));
	err_set(err, EX_DATAERR, "not JSON: %s (byte %d)", why.p,
		bad.position);
	buf_release(&why);
	return NULL;
}

const char *
json_string_of(const json_t *v, struct bytes *s)
{
	if (!json_is_string(v))
		return "not a string";
	*s = (struct bytes){ json_string_value(v), json_string_length(v) };
	if (s->n == 0)
		return "empty";
	if (memchr(s->p, '\0', s->n) != NULL)
		return "holds a NUL byte";
	return NULL;
}

bool
json_whole_of(const json_t *v, int64_t min, int64_t max, int64_t *out)
{
	if (json_is_real(v)) {
		double d = json_real_value(v);

		if (d != floor(d) || fabs(d) > 9007199254740992.0)
			return false;
		*out = (int64_t)d;
	} else if (json_is_integer(v)) {
		*out = json_integer_value(v);
	} else {
		return false;
	}
	return *out >= min && *out <= max;
}

/* Of a large number of seconds a float does not know the nanoseconds, and
 * writing cuts what is below 1 us. */
const char *
json_seconds_of(const json_t *v, int64_t *ns)
{
	double d = json_number_value(v);

	if (!json_is_number(v))
		return "not a number of seconds";
	if (!(d >= 0))
		return "negative";
	if (d >= (double)(INT64_MAX / NS_PER_S))
		return "over 292 years";
	*ns = (int64_t)floor(d) * NS_PER_S
		+ llround((d - floor(d)) * 1e6) * NS_PER_US;
	return NULL;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Past the string that starts at i. The text is known to be JSON. */
static size_t
string_end(struct bytes s, size_t i)
{
	for (i++; i < s.n && s.p[i] != '"'; i++)
		if (s.p[i] == '\\')
			i++;
	return i + 1;
}

/* Past the value that starts at i */
static size_t
value_end(struct bytes s, size_t i)
{
	int depth = 0;

	while (i < s.n) {
		char c = s.p[i];

		if (c == '"') {
			i = string_end(s, i);
			if (depth == 0)
				break;
			continue;
		}
		if (c == '{' || c == '[') {
			depth++;
		} else if (c == '}' || c == ']') {
			if (depth == 0)
				break;	/* of what is around a number */
			i++;
			if (--depth == 0)
				break;
			continue;
		} else if (depth == 0 && (c == ',' || blank(c))) {
			break;
		}
		i++;
	}
	return i;
}

static size_t
skip_blank(struct bytes s, size_t i)
{
	while (i < s.n && blank(s.p[i]))
		i++;
	return i;
}

struct bytes
json_member_text(struct bytes s, const char *name)
{
	size_t n = strlen(name), i = skip_blank(s, 0) + 1;

	while ((i = skip_blank(s, i)) < s.n && s.p[i] == '"') {
		size_t start = i + 1, end = string_end(s, i), value;

		value = skip_blank(s, end);		/* ':' */
		value = skip_blank(s, value + 1);
		i = value_end(s, value);
		if (end - 1 - start == n && memcmp(s.p + start, name, n) == 0)
			return (struct bytes){ s.p + value, i - value };
		i = skip_blank(s, i) + 1;		/* ',' or '}' */
	}
	return BYTES_NONE;
}

struct bytes
json_compact(struct bytes s, struct arena *arena)
{
	char *out = arena_alloc(arena, s.n + 1);
	size_t i = 0, n = 0;

	while (i < s.n) {
		size_t end = s.p[i] == '"' ? string_end(s, i) : i + 1;

		if (!blank(s.p[i])) {
			memcpy(out + n, s.p + i, end - i);
			n += end - i;
		}
		i = end;
	}
	out[n] = '\0';
	return (struct bytes){ out, n };
}

int
payload_parse(struct bytes text, struct arena *arena, struct bytes *out,
	struct err *err)
{
	json_t *v = json_read(text, JSON_DECODE_ANY, err);

	if (v == NULL)
		return EX_DATAERR;
	json_decref(v);
	*out = json_compact(text, arena);
	if (out->n > PAYLOAD_MAX)
		return err_set(err, EX_DATAERR, "over 1 MiB");
	return 0;
}
