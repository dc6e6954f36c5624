/* Commands: an absolute program and its arguments, or refused. */
#include "rules/command.h"

#include "lib/fuzz.h"
#include "rules/json.h"

static void
round_trip(const char *const *argv, size_t argc, struct arena *arena)
{
	const char *const *again;
	struct buf b = { 0 };
	struct err err;
	struct json j;
	size_t n, i;

	json_init(&j, &b);
	json_begin_array(&j, NULL);
	for (i = 0; i < argc; i++)
		json_put_string(&j, NULL, argv[i]);
	json_end_array(&j);
	if (b.len <= COMMAND_MAX) {
		must(command_parse(b.p, arena, &again, &n, &err) == 0);
		must(n == argc && again[n] == NULL);
		for (i = 0; i < n; i++)
			must(strcmp(again[i], argv[i]) == 0);
	}
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = mem_dup(data, n);
	struct arena arena = { 0 };
	struct err err = { 0 };
	const char *const *argv;
	size_t argc, i;
	int rc = command_parse(text, &arena, &argv, &argc, &err);

	if (rc != 0) {
		must_say(&err, EX_CONFIG);
	} else {
		must(argc > 0 && argv[0][0] == '/' && argv[argc] == NULL);
		for (i = 0; i < argc; i++)
			must(argv[i] != NULL);
		/* a path may be any bytes, JSON only text */
		if (utf8_valid(bytes_of(text)))
			round_trip(argv, argc, &arena);
	}
	arena_release(&arena);
	free(text);
	return 0;
}
