/* Settings in a file. */
#include "rules/setting_json.h"

#include "tap.h"

static const struct {
	const char *text;
	int code;
	const char *why;
} refused[] = {
	{ "[]", EX_DATAERR, "not an object" },
	{ "{}", EX_DATAERR, "\"schema\" is not 1" },
	{ "{\"schema\":\"1\"}", EX_DATAERR, "\"schema\" is not 1" },
	{ "{\"schema\":2}", EX_DATAERR, "\"schema\" is not 1" },
	{ "{\"schema\":1,\"more\":1}", EX_DATAERR,
		"there may only be \"schema\", \"global\" and \"types\"" },
	{ "{\"schema\":1,\"global\":1}", EX_DATAERR,
		"\"global\" and \"types\" must be objects" },
	{ "{\"schema\":1,\"types\":{\"a\":[]}}", EX_DATAERR,
		"type \"a\": not an object" },
	{ "{\"schema\":1,\"global\":{\"grace\":true}}", EX_DATAERR,
		"grace: not a string, a number, an array or null" },
	{ "{\"schema\":1,\"global\":{\"grace\":\"1\\u0000s\"}}", EX_DATAERR,
		"grace: not a string, a number, an array or null" },
	{ "{\"schema\":1,\"global\":{\"gracious\":1}}", EX_CONFIG,
		"setting \"gracious\": there is none of that name" },
	{ "{\"schema\":1,\"global\":{\"graze\":1}}", EX_CONFIG,
		"setting \"graze\": there is none of that name; did you mean "
		"'grace'?" },
	{ "{\"schema\":1,\"types\":{\"Mail\":{}}}", EX_DATAERR,
		"type \"Mail\": each part starts with a-z or 0-9" },
	{ "{\"schema\":1,\"types\":{\"a\":{\"grace\":\"soon\"}}}", EX_CONFIG,
		"type a: grace \"soon\": not a duration from 0s to 1d" },
	{ "{\"schema\":1,\"types\":{\"a\":{\"workers\":3}}}", EX_CONFIG,
		"type a: workers is for the whole queue, not for a type" },
};

static void
test_refused(void)
{
	struct arena arena = { 0 };
	struct setting_item *items;
	struct err err;
	size_t n;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		is_int(settings_parse(bytes_of(refused[i].text), &arena,
			&items, &n, &err), refused[i].code, "%s",
			refused[i].text);
		is_str(err.text, refused[i].why, "and why");
	}
	arena_release(&arena);
}

static void
test_taken(void)
{
	static const char text[] = "{\"schema\":1,"
		"\"global\":{\"workers\":3,\"grace\":\"1.5s\"},"
		"\"types\":{\"a/b\":{\"handler\":[\"/bin/echo\",\"{}\"]},"
		"\"c\":{},\"d\":{\"retry_jitter\":0.2,\"timeout\":null}}}";
	struct arena arena = { 0 };
	struct setting_item *v;
	struct err err;
	size_t n;

	is_int(settings_parse(bytes_of(text), &arena, &v, &n, &err), 0,
		"all kinds of values");
	is_int(n, 5, "how many");
	is_str(v[0].type, NULL, "of the whole queue");
	is_int(v[0].key, SET_WORKERS, "workers");
	is_str(v[0].text, "3", "a number is its text");
	is_str(v[1].text, "1.5s", "a string");
	is_str(v[2].type, "a/b", "of a type");
	is_str(v[2].text, "[\"/bin/echo\",\"{}\"]", "an array is its JSON");
	is_str(v[3].type, "d", "of another type");
	is_str(v[3].text, "0.2", "a fraction");
	is_int(v[4].key, SET_TIMEOUT, "timeout");
	is_str(v[4].text, NULL, "null unsets");
	is_int(settings_parse(bytes_of("{\"schema\":1}"), &arena, &v, &n,
		&err), 0, "nothing at all");
	is_int(n, 0, "is no settings");
	arena_release(&arena);
}

int
main(void)
{
	test_refused();
	test_taken();
	return done();
}
