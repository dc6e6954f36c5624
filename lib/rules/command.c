#include "rules/command.h"

#include <string.h>

int
command_parse(const char *text, struct arena *arena, const char *const **argv,
	size_t *argc, struct err *err)
{
	const char *const *words;
	size_t n;
	int code;

	if (text[0] != '/' && text[0] != '[')
		return err_value(err, EX_CONFIG, "command", text, "neither an"
			" absolute path nor a JSON array of arguments");
	code = (text[0] == '/' ? word_parse : words_parse)("command", text,
		arena, &words, &n, err);
	if (code == 0 && words[0][0] != '/')
		code = err_value(err, EX_CONFIG, "command", text,
			"the program is not an absolute path");
	if (code == 0) {
		*argv = words;
		*argc = n;
	}
	return code;
}

static bool
holds_any(const char *arg, const char *const *words)
{
	while (*words != NULL && strstr(arg, *words) == NULL)
		words++;
	return *words != NULL;
}

bool
command_wants_one(const char *const *argv)
{
	static const char *const words[] = { "{}", "{id}", "{key}", "{attempt}",
		"{event}", NULL };

	for (size_t i = 1; argv[0] != NULL && argv[i] != NULL; i++)
		if (strcmp(argv[i], "{}") != 0 && holds_any(argv[i], words))
			return true;
	return false;
}

bool
command_wants_any(const char *const *argv)
{
	static const char *const words[] = { "{}", "{id}", "{type}", "{key}",
		"{attempt}", "{event}", NULL };

	for (size_t i = 1; argv[0] != NULL && argv[i] != NULL; i++)
		if (holds_any(argv[i], words))
			return true;
	return false;
}
