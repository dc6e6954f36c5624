#include "type_option.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "opt.h"

void
type_option(const char **type, const char *value)
{
	struct err err;

	if (*type)
		die_usage("--type: takes one type, not '%s' and '%s'", *type,
		    value);
	if (type_check(bytes_of(value), &err) != 0)
		die_usage("%s", err.text);
	*type = value;
}

struct names {
	const char **v;
	size_t n;
};

static void
keep_name(void *ctx, const char *type)
{
	struct names *names = ctx;

	names->v = mem_grow(names->v, names->n + 1, sizeof(*names->v));
	names->v[names->n++] = mem_strdup(type);
}

int
type_known(struct store *s, const char *what, const char *type,
	struct err *err)
{
	struct names names = { 0 };
	const char *near;
	bool known = false;
	int code = store_types_each(s, keep_name, &names, err);

	for (size_t i = 0; i < names.n; i++)
		known = known || strcmp(names.v[i], type) == 0;
	names.v = mem_grow(names.v, names.n + 1, sizeof(*names.v));
	names.v[names.n] = NULL;
	near = nearest(type, names.v);
	if (code == 0 && !known && near)
		warn_say("%s: no type '%s' yet; did you mean '%s'?", what,
		    type, near);
	else if (code == 0 && !known)
		warn_say("%s: no type '%s' yet", what, type);
	for (size_t i = 0; i < names.n; i++)
		free((char *)names.v[i]);
	free(names.v);
	return code;
}
