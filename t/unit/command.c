#include "rules/command.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static void
good(void)
{
	struct arena arena = { 0 };
	const char *const *argv;
	struct err err;
	size_t argc;

	is_int(command_parse("/usr/bin/ingest", &arena, &argv, &argc, &err), 0,
		"a path");
	ok(argc == 1 && argv[1] == NULL, "is one argument");
	is_str(argv[0], "/usr/bin/ingest", "itself");
	is_int(command_parse("/opt/my app/x y", &arena, &argv, &argc, &err), 0,
		"a path with blanks");
	is_str(argv[0], "/opt/my app/x y", "is one argument as well");
	is_int(command_parse("[\"/bin/cp\", \"-t\", \"a b\", \"\", "
		"\"{}\\n\\u00e9\"]", &arena, &argv, &argc, &err), 0,
		"an array");
	is_int((long long)argc, 5, "has its arguments");
	is_str(argv[0], "/bin/cp", "the program");
	is_str(argv[2], "a b", "with a blank");
	is_str(argv[3], "", "empty");
	is_str(argv[4], "{}\n\xc3\xa9", "with escapes");
	ok(argv[5] == NULL, "and an end");
	arena_release(&arena);
}

static void
bad(void)
{
	static const char *const texts[] = {
		"", "ingest", "./ingest", "~/ingest", "[]", "[\"ingest\"]",
		"[\"\"]", "[\"/bin/cp\", 1]", "[\"/bin/cp\", null]",
		"[\"/bin/cp\", [\"x\"]]", "[\"/bin/cp\"", "[\"/bin/cp\",]",
		"[\"/bin/cp\"] x", "{\"cmd\":\"/bin/cp\"}", "\"/bin/cp\"",
		" /bin/cp", "[\"/bin/cp\", \"a\\u0000b\"]",
		"[\"/bin/cp\", \"\xff\"]", "null", "sh -c true",
	};
	struct arena arena = { 0 };
	const char *const *argv = NULL;
	struct err err;
	size_t argc = 77, i;
	char *longest;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		is_int(command_parse(texts[i], &arena, &argv, &argc, &err),
			EX_CONFIG, "refused: %s", i == 17 ? "bad UTF-8"
			: texts[i]);
	ok(argv == NULL && argc == 77, "nothing is written");
	command_parse("[\"/bin/cp\" \x7f]", &arena, &argv, &argc, &err);
	ok(strchr(err.text, '\x7f') == NULL,
		"what the parser quotes is escaped: %s", err.text);
	longest = mem_alloc(COMMAND_MAX + 2);
	memset(longest, '/', COMMAND_MAX + 1);
	longest[COMMAND_MAX + 1] = '\0';
	is_int(command_parse(longest, &arena, &argv, &argc, &err), EX_CONFIG,
		"too long");
	free(longest);
	arena_release(&arena);
}

static void
for_several(void)
{
	ok(!command_wants_one((const char *const[]){ "x", "-x", "{}", "{type}",
		NULL }), "all paths, and their type");
	ok(!command_wants_one((const char *const[]){ "x", "{}", "-o", "{}",
		NULL }), "all paths, twice");
	ok(!command_wants_one((const char *const[]){ "x", "-x", NULL }),
		"no words");
	ok(command_wants_one((const char *const[]){ "x", "-o{}", NULL }),
		"one path inside an argument");
	ok(command_wants_one((const char *const[]){ "x", "{}", "{id}", NULL }),
		"one id");
	ok(!command_wants_one((const char *const[]){ "{id}", NULL }),
		"the command itself is not looked at");
	ok(!command_wants_one((const char *const[]){ NULL }) &&
		!command_wants_any((const char *const[]){ NULL }), "nothing");
	ok(command_wants_any((const char *const[]){ "x", "{type}", NULL }) &&
		command_wants_any((const char *const[]){ "x", "-x{}", NULL }),
		"words of a job");
	ok(!command_wants_any((const char *const[]){ "{}", "{x}", "{", NULL }),
		"no words of a job");
}

int
main(void)
{
	good();
	bad();
	for_several();
	return done();
}
