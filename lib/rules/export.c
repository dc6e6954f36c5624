#include "rules/export.h"

#include "base/text.h"
#include "rules/json_text.h"

void
hex_put(char *out, const unsigned char *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
hex_get(struct bytes s, unsigned char *out, size_t n)
{
	if (s.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = digit(s.p[2 * i]), low = digit(s.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* A member that is a string; absent otherwise */
static struct bytes
text_of(const json_t *object, const char *name)
{
	const json_t *v = json_object_get(object, name);

	return json_is_string(v) ? (struct bytes){ json_string_value(v),
	    json_string_length(v) } : BYTES_NONE;
}

static void
read_types(const json_t *line, struct arena *arena, struct exported *out)
{
	const json_t *moves = json_object_get(line, "moves");

	out->ntypes = json_array_size(moves);
	out->types = arena_alloc(arena, (out->ntypes + 1) *
	    sizeof(*out->types));
	for (size_t i = 0; i < out->ntypes; i++)
		out->types[i] = arena_copy(arena, text_of(
		    json_array_get(moves, i), "type")).p;
}

static int
read_canonical(const json_t *line, struct arena *arena, struct exported *out)
{
	struct bytes text = text_of(line, "canonical_base64");
	struct buf b = { 0 };
	int bad;

	if (text.p == NULL)
		return 0;
	bad = base64_decode(&b, text);
	if (bad == 0)
		out->canonical = arena_copy(arena, (struct bytes){ b.p,
		    b.len });
	buf_release(&b);
	return bad;
}

int
export_parse(struct bytes text, struct arena *arena, struct exported *out,
	struct err *err)
{
	json_t *line = json_read(text, 0, err);
	const json_t *seq = json_object_get(line, "seq");
	int code = line ? 0 : EX_DATAERR;

	memset(out, 0, sizeof(*out));
	if (code == 0 && (!json_is_integer(seq) || !hex_get(text_of(line,
	    "hash"), out->hash, sizeof(out->hash))))
		code = err_set(err, EX_DATAERR, "no event and no anchor: it "
		    "has no seq and hash");
	if (code == 0 && read_canonical(line, arena, out) < 0)
		code = err_set(err, EX_DATAERR, "canonical_base64 is not "
		    "base64");
	if (code == 0) {
		out->seq = json_integer_value(seq);
		out->has_previous = hex_get(text_of(line, "previous"),
		    out->previous, sizeof(out->previous));
		out->uuid = arena_copy(arena, text_of(line, "uuid"));
		read_types(line, arena, out);
	}
	json_decref(line);
	return code;
}
