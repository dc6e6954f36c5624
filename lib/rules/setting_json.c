#include "rules/setting_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "rules/json_text.h"
#include "rules/type.h"

#define SETTINGS_SCHEMA 1

struct parse {
	struct arena *arena;
	struct setting_item *items;	/* room for all members */
	size_t n;
	struct err *err;
};

static const char *
keep(struct parse *p, const char *s)
{
	return arena_copy(p->arena, bytes_of(s)).p;
}

static const char *
number_text(struct parse *p, const json_t *v)
{
	struct buf b = { 0 };
	const char *kept;

	if (json_is_integer(v))
		buf_addf(&b, "%lld", (long long)json_integer_value(v));
	else
		float_format(&b, json_real_value(v));
	kept = keep(p, b.p);
	buf_release(&b);
	return kept;
}

static const char *
array_text(struct parse *p, const json_t *v)
{
	char *dump = json_dumps(v, JSON_COMPACT);
	const char *kept = keep(p, dump ? dump : "");

	free(dump);
	return kept;
}

/* NULL with the error when it cannot be said as text */
static const char *
text_of(struct parse *p, const char *key, const json_t *v)
{
	if (json_is_string(v) &&
	    strlen(json_string_value(v)) == json_string_length(v))
		return keep(p, json_string_value(v));
	if (json_is_number(v))
		return number_text(p, v);
	if (json_is_array(v))
		return array_text(p, v);
	err_set(p->err, EX_DATAERR, "%s: not a string, a number, an array or "
	    "null", key);
	return NULL;
}

static int
refuse_name(struct parse *p, const char *name)
{
	const char *near = setting_nearest(name);
	char why[80] = "there is none of that name";

	if (near)
		snprintf(why, sizeof(why), "there is none of that name; did "
		    "you mean '%s'?", near);
	return err_value(p->err, EX_CONFIG, "setting", name, why);
}

static int
parse_value(struct parse *p, const char *type, const char *name,
	const json_t *v)
{
	struct setting_item *item = &p->items[p->n++];
	int k = setting_find(name);

	if (k < 0)
		return refuse_name(p, name);
	*item = (struct setting_item){ .type = type,
	    .key = (enum setting_key)k };
	if (type && setting_def(item->key)->global)
		return err_set(p->err, EX_CONFIG, "%s is for the whole queue, "
		    "not for a type", name);
	if (json_is_null(v))
		return 0;
	item->text = text_of(p, name, v);
	if (item->text == NULL)
		return EX_DATAERR;
	return setting_parse(item->key, item->text, NULL, p->err);
}

static int
parse_values(struct parse *p, const char *type, json_t *object)
{
	const char *name;
	json_t *v;
	int code;

	json_object_foreach(object, name, v) {
		code = parse_value(p, type, name, v);
		if (code)
			return code;
	}
	return 0;
}

/* Where it stands */
static int
of_type(struct err *err, const char *type, int code)
{
	struct err why = *err;

	return err_set(err, code, "type %s: %s", type, why.text);
}

static int
parse_types(struct parse *p, json_t *types)
{
	const char *name;
	json_t *values;
	int code;

	json_object_foreach(types, name, values) {
		if (type_check(bytes_of(name), p->err) != 0)
			return p->err->code = EX_DATAERR;
		if (!json_is_object(values))
			return err_value(p->err, EX_DATAERR, "type", name,
			    "not an object");
		code = parse_values(p, keep(p, name), values);
		if (code)
			return of_type(p->err, name, code);
	}
	return 0;
}

static int
parse_root(struct parse *p, json_t *root)
{
	json_t *schema = json_object_get(root, "schema");
	json_t *global = json_object_get(root, "global");
	json_t *types = json_object_get(root, "types");
	size_t members = 1 + (global != NULL) + (types != NULL);
	int code = 0;

	if (!json_is_integer(schema) ||
	    json_integer_value(schema) != SETTINGS_SCHEMA)
		return err_set(p->err, EX_DATAERR, "\"schema\" is not %d",
		    SETTINGS_SCHEMA);
	if ((global && !json_is_object(global)) ||
	    (types && !json_is_object(types)))
		return err_set(p->err, EX_DATAERR, "\"global\" and \"types\" "
		    "must be objects");
	if (json_object_size(root) != members)
		return err_set(p->err, EX_DATAERR, "there may only be "
		    "\"schema\", \"global\" and \"types\"");
	if (global)
		code = parse_values(p, NULL, global);
	if (code == 0 && types)
		code = parse_types(p, types);
	return code;
}

/* No more than this many values can be in there. */
static size_t
count_values(const json_t *root)
{
	json_t *types = json_object_get(root, "types"), *values;
	size_t n = json_object_size(json_object_get(root, "global"));
	const char *name;

	json_object_foreach(types, name, values)
		n += json_object_size(values);
	return n;
}

int
settings_parse(struct bytes text, struct arena *arena,
	struct setting_item **items, size_t *n, struct err *err)
{
	struct parse p = { .arena = arena, .err = err };
	json_t *root = json_read(text, 0, err);
	int code;

	if (root == NULL)
		return EX_DATAERR;
	p.items = arena_alloc(arena, (count_values(root) + 1) *
	    sizeof(*p.items));
	code = json_is_object(root) ? parse_root(&p, root) :
	    err_set(err, EX_DATAERR, "not an object");
	json_decref(root);
	*items = p.items;
	*n = p.n;
	return code;
}
