/* Names of types against the grammar in words; their tree. */
#include "rules/type.h"

#include "lib/fuzz.h"

static const char starts[] = "abcdefghijklmnopqrstuvwxyz0123456789";
static const char follows[] = "abcdefghijklmnopqrstuvwxyz0123456789_.-";

static bool
one_of(const char *set, char c)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* [a-z0-9][a-z0-9_.-]* joined by '/' */
static bool
reference(struct bytes s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		bool first = i == 0 || s.p[i - 1] == '/';

		if (s.p[i] == '/' ? first : !one_of(first ? starts : follows,
				s.p[i]))
			return false;
	}
	return s.n > 0 && s.n <= TYPE_MAX && s.p[s.n - 1] != '/';
}

static void
parents(const char *name)
{
	char child[TYPE_MAX + 1], parent[TYPE_MAX + 1];

	snprintf(child, sizeof(child), "%s", name);
	must(type_within(name, name));
	while (type_parent(child, parent)) {
		must(strlen(parent) < strlen(child));
		must(type_check(bytes_of(parent), NULL) == 0);
		must(type_within(name, parent) && type_within(child, parent));
		must(!type_within(parent, child));
		memcpy(child, parent, sizeof(child));
	}
	must(strchr(child, '/') == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes s = fuzz_bytes(data, n);
	struct err err = { 0 };
	int rc = type_check(s, &err);
	char *name;

	must((rc == 0) == reference(s));
	if (rc == 0) {
		name = mem_dup(data, n);
		parents(name);
		free(name);
	} else {
		must_say(&err, EX_USAGE);
	}
	return 0;
}
