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
