#include "rules/detail.h"

#include "rules/json_text.h"
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
