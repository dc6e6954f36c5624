#include "rules/words.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "rules/glob.h"

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
			return "not all of the array are strings";
	}
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
words_parse(const char *what, const char *text, struct arena *arena,
	const char *const **v, size_t *n, struct err *err)
{
	struct buf shown = { 0 };
	const char *why;
	json_error_t bad;
	json_t *array;

	if (strlen(text) > WORDS_MAX)
		return err_value(err, EX_CONFIG, what, text, "too long");
	array = json_loads(text, JSON_REJECT_DUPLICATES, &bad);
	if (array == NULL)
		text_escape(&shown, bytes_of(bad.text));
	why = array == NULL ? shown.p : fault(array);
	if (why != NULL) {
		err_value(err, EX_CONFIG, what, text, why);
	} else {
		*v = copy(array, arena);
		*n = json_array_size(array);
	}
	json_decref(array);
	buf_release(&shown);
	return why == NULL ? 0 : EX_CONFIG;
}

int
word_parse(const char *what, const char *text, struct arena *arena,
	const char *const **v, size_t *n, struct err *err)
{
	const char **word;

	if (strlen(text) > WORDS_MAX)
		return err_value(err, EX_CONFIG, what, text, "too long");
	word = arena_alloc(arena, 2 * sizeof(*word));
	word[0] = arena_copy(arena, bytes_of(text)).p;
	word[1] = NULL;
	*v = word;
	*n = 1;
	return 0;
}

int
paths_parse(const char *text, struct arena *arena, const char *const **v,
	size_t *n, struct err *err)
{
	const char *const *words;
	size_t count;
	int code;

	if (text[0] != '/' && text[0] != '[')
		return err_value(err, EX_CONFIG, "path", text, "neither an "
			"absolute path nor a JSON array of such");
	code = (text[0] == '/' ? word_parse : words_parse)("path", text, arena,
		&words, &count, err);
	for (size_t i = 0; code == 0 && i < count; i++)
		if (words[i][0] != '/')
			code = err_value(err, EX_CONFIG, "path", words[i],
				"not an absolute path");
	if (code == 0) {
		*v = words;
		*n = count;
	}
	return code;
}

static int
check_pattern(const char *text, struct err *err)
{
	struct globs g = { 0 };
	size_t n;

	globs_add(&g, bytes_of(text));
	n = g.n;
	globs_release(&g);
	return n > 0 ? 0 : err_value(err, EX_CONFIG, "pattern", text,
		"neither a pattern nor a JSON array of such");
}

/* A pattern may begin with a bracket, too. */
int
patterns_parse(const char *text, struct arena *arena, const char *const **v,
	size_t *n, struct err *err)
{
	bool array = strncmp(text, "[\"", 2) == 0;
	const char *const *words;
	size_t count;
	int code = (array ? words_parse : word_parse)("pattern", text, arena, &words,
		&count, err);

	for (size_t i = 0; code == 0 && i < count; i++)
		code = check_pattern(words[i], err);
	if (code == 0) {
		*v = words;
		*n = count;
	}
	return code;
}
