#include "rules/command.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"

/* What is wrong with the array, or NULL */
static const char *
fault(const json_t *array)
{
	const json_t *arg;
	size_t i;

	if (json_array_size(array) == 0)
		return "an empty array";
	json_array_foreach(array, i, arg) {
		if (!json_is_string(arg))
			return "not all arguments are strings";
	}
	if (json_string_value(json_array_get(array, 0))[0] != '/')
		return "the program is not an absolute path";
	return NULL;
}

static const char *const *
copy(const json_t *array, struct arena *arena)
{
	size_t n = json_array_size(array), i;
	const char **argv = arena_alloc(arena, (n + 1) * sizeof(*argv));
	const json_t *arg;

	json_array_foreach(array, i, arg) {
		struct bytes s = { json_string_value(arg),
			json_string_length(arg) };

		argv[i] = arena_copy(arena, s).p;
	}
	argv[n] = NULL;
	return argv;
}

int
command_parse(const char *text, struct arena *arena, const char *const **argv,
	size_t *argc, struct err *err)
{
	struct buf shown = { 0 };
	const char **one, *why;
	json_error_t bad;
	json_t *array;

	if (strlen(text) > COMMAND_MAX)
		return err_value(err, EX_CONFIG, "command", text, "too long");
	if (text[0] == '/') {
		one = arena_alloc(arena, 2 * sizeof(*one));
		one[0] = arena_copy(arena, bytes_of(text)).p;
		one[1] = NULL;
		*argv = one;
		*argc = 1;
		return 0;
	}
	if (text[0] != '[')
		return err_value(err, EX_CONFIG, "command", text, "neither an"
			" absolute path nor a JSON array of arguments");
	array = json_loads(text, JSON_REJECT_DUPLICATES, &bad);
	if (array == NULL)
		text_escape(&shown, bytes_of(bad.text));
	why = array == NULL ? shown.p : fault(array);
	if (why != NULL) {
		err_value(err, EX_CONFIG, "command", text, why);
	} else {
		*argv = copy(array, arena);
		*argc = json_array_size(array);
	}
	json_decref(array);
	buf_release(&shown);
	return why == NULL ? 0 : EX_CONFIG;
}

static bool
of_one(const char *arg)
{
	static const char *const words[] = { "{}", "{id}", "{key}", "{attempt}",
		"{event}" };
	size_t n = sizeof(words) / sizeof(*words), i = 0;

	if (strcmp(arg, "{}") == 0)
		return false;
	while (i < n && strstr(arg, words[i]) == NULL)
		i++;
	return i < n;
}

bool
command_wants_one(const char *const *argv)
{
	if (argv[0] == NULL)
		return false;
	while (*++argv != NULL)
		if (of_one(*argv))
			return true;
	return false;
}
