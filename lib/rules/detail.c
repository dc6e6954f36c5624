#include "rules/detail.h"

#include <stdlib.h>
#include <string.h>

#include "rules/export.h"
#include "rules/json_text.h"
#include "rules/setting.h"
#include "rules/type.h"

bool
detail_valid(struct bytes detail)
{
	struct err err;
	json_t *v = json_read(detail, 0, &err);

	json_decref(v);
	return v != NULL;
}

typedef bool object_fn(const json_t *object, const void *ctx);

static bool
any(struct bytes detail, object_fn *fn, const void *ctx)
{
	struct err err;
	json_t *v = detail.n ? json_read(detail, 0, &err) : NULL;
	bool found = false;
	size_t i;

	for (i = 0; i < json_array_size(v) && !found; i++)
		found = fn(json_array_get(v, i), ctx);
	json_decref(v);
	return found;
}

static bool
has_type(const json_t *object, const void *ctx)
{
	const json_t *type = json_object_get(object, "type");
	const char *name = json_string_value(type);

	if (name == NULL)
		return json_is_null(type);
	return type_within(name, ctx) || type_within(ctx, name);
}

bool
detail_has_type(struct bytes detail, const char *type)
{
	return any(detail, has_type, type);
}

static bool
has_job(const json_t *object, const void *ctx)
{
	const json_t *id = json_object_get(object, "ordered");

	return json_is_integer(id) &&
	    json_integer_value(id) == *(const int64_t *)ctx;
}

bool
detail_has_job(struct bytes detail, int64_t job)
{
	return any(detail, has_job, &job);
}

bool
detail_anchor(struct bytes detail, int64_t *seq, unsigned char hash[32])
{
	struct err err;
	json_t *v = detail.n ? json_read(detail, 0, &err) : NULL;
	const json_t *object = json_array_get(v, 0);
	const json_t *number = json_object_get(object, "seq");
	const char *hex = json_string_value(json_object_get(object, "hash"));
	bool good = json_is_integer(number) &&
	    hex_get(bytes_of(hex), hash, EVENT_HASH_SIZE);

	*seq = json_integer_value(number);
	json_decref(v);
	return good;
}

void
detail_each_type(struct bytes detail, type_made_fn *fn, void *ctx)
{
	struct err err;
	json_t *v = detail.n ? json_read(detail, 0, &err) : NULL;
	size_t i;

	for (i = 0; i < json_array_size(v); i++) {
		const json_t *object = json_array_get(v, i);
		const json_t *id = json_object_get(object, "id");
		const char *name = json_string_value(json_object_get(object,
		    "name"));

		if (json_is_integer(id) && name)
			fn(ctx, json_integer_value(id), name);
	}
	json_decref(v);
}

static bool
withhold(json_t *object, const char *const *members)
{
	bool any = false;

	for (; *members; members++) {
		const json_t *v = json_object_get(object, *members);

		if (!json_is_string(v))
			continue;
		any = true;
		if (strstr(*members, "_base64"))
			json_object_del(object, *members);
		else
			json_object_set_new(object, *members, json_null());
	}
	return any;
}

/* Takes the names of files out of one change of a setting, or out of what a
 * restore says, which has no key */
static bool
redact_object(json_t *object)
{
	static const char *const members[] = { "from", "to", "kept",
		"from_base64", "kept_base64", NULL };
	const char *key = json_string_value(json_object_get(object, "key"));
	int k = key ? setting_find(key) : -1;

	if (key && (k < 0 || !setting_names_files((enum setting_key)k)))
		return false;
	return withhold(object, members);
}

/* A word as it is; what would not be one as JSON */
static void
put_value(struct buf *out, const json_t *v)
{
	const char *word = json_string_value(v);
	char *text;

	if (word && word[0] && strpbrk(word, " \t\n\"=;") == NULL) {
		buf_adds(out, word);
		return;
	}
	text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	buf_adds(out, text ? text : "?");
	free(text);
}

/* What is null says nothing. */
static void
put_object(struct buf *out, json_t *object)
{
	const char *name, *between = "";
	json_t *v;

	json_object_foreach(object, name, v) {
		if (json_is_null(v))
			continue;
		buf_addf(out, "%s%s=", between, name);
		put_value(out, v);
		between = " ";
	}
}

void
detail_text(struct bytes detail, struct buf *out)
{
	struct err err;
	json_t *v = detail.n ? json_read(detail, 0, &err) : NULL;
	size_t i;

	if (v == NULL && detail.n)
		buf_add(out, detail.p, detail.n);
	for (i = 0; i < json_array_size(v); i++) {
		json_t *object = json_array_get(v, i);

		buf_adds(out, i ? "; " : "");
		if (json_is_object(object))
			put_object(out, object);
		else
			put_value(out, object);
	}
	json_decref(v);
}

bool
detail_redact(struct bytes detail, struct buf *out)
{
	struct err err;
	json_t *v = detail.n ? json_read(detail, 0, &err) : NULL;
	bool redacted = false;
	char *text;
	size_t i;

	for (i = 0; i < json_array_size(v); i++)
		redacted |= redact_object(json_array_get(v, i));
	if (redacted) {
		text = json_dumps(v, JSON_COMPACT);
		buf_adds(out, text ? text : "[]");
		free(text);
	}
	json_decref(v);
	return redacted;
}
