#include "rules/type.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/buf.h"

static bool
starts_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static const char *
fault(struct bytes name)
{
	bool start = true;
	size_t i;

	if (name.n == 0)
		return "empty";
	if (name.n > TYPE_MAX)
		return "longer than 128 bytes";
	for (i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c == '/') {
			if (start || i + 1 == name.n)
				return "empty between, before or after '/'";
			start = true;
			continue;
		}
		if (!starts_name(c) && (start || (c != '_' && c != '.'
				&& c != '-')))
			return start ? "each part starts with a-z or 0-9"
				: "only a-z, 0-9, '_', '.', '-' and '/'";
		start = false;
	}
	return NULL;
}

int
type_check(struct bytes name, struct err *err)
{
	const char *why = fault(name);
	char *s;

	if (why == NULL)
		return 0;
	s = mem_dup(name.p, name.n);
	err_value(err, EX_USAGE, "type", s, why);
	free(s);
	return EX_USAGE;
}

bool
type_within(const char *type, const char *ancestor)
{
	size_t n = strlen(ancestor);

	return strncmp(type, ancestor, n) == 0
		&& (type[n] == '\0' || type[n] == '/');
}

bool
type_parent(const char *name, char *out)
{
	const char *slash = strrchr(name, '/');
	size_t n;

	if (slash == NULL)
		return false;
	n = (size_t)(slash - name);
	if (n > TYPE_MAX)
		return false;
	memcpy(out, name, n);
	out[n] = '\0';
	return true;
}
