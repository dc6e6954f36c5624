/* Settings in a file: what was read can be written, and is then the same. */
#include "lib/fuzz.h"
#include "rules/json.h"
#include "rules/setting_json.h"

static void
put_items(struct json *j, const struct setting_item *items, size_t n,
	size_t *at, const char *type)
{
	for (; *at < n && items[*at].type == type; (*at)++)
		json_put_string(j, setting_def(items[*at].key)->name,
			items[*at].text);
}

static void
put_file(struct buf *b, const struct setting_item *items, size_t n)
{
	struct json j;
	size_t at = 0;

	json_init(&j, b);
	json_begin_object(&j, NULL);
	json_put_int(&j, "schema", 1);
	json_begin_object(&j, "global");
	put_items(&j, items, n, &at, NULL);
	json_end_object(&j);
	json_begin_object(&j, "types");
	while (at < n) {
		struct buf name = { 0 };
		struct json quoted;

		/* a name that may need escapes, without its quotes */
		json_init(&quoted, &name);
		json_put_string(&quoted, NULL, items[at].type);
		name.p[name.len - 1] = '\0';
		json_begin_object(&j, name.p + 1);
		put_items(&j, items, n, &at, items[at].type);
		json_end_object(&j);
		buf_release(&name);
	}
	json_end_object(&j);
	json_end_object(&j);
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
round_trip(const struct setting_item *items, size_t n, struct arena *arena)
{
	struct setting_item *again;
	struct buf b = { 0 };
	struct err err;
	size_t m, i;

	put_file(&b, items, n);
	must(settings_parse(fuzz_said(&b), arena, &again, &m, &err) == 0);
	must(m == n);
	for (i = 0; i < n; i++)
		must(again[i].key == items[i].key
			&& same_text(again[i].type, items[i].type)
			&& same_text(again[i].text, items[i].text));
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena arena = { 0 };
	struct setting_item *items;
	struct err err = { 0 };
	size_t found;
	int rc = settings_parse(fuzz_bytes(data, n), &arena, &items, &found,
		&err);

	if (rc == 0) {
		round_trip(items, found, &arena);
	} else {
		must(rc == EX_DATAERR || rc == EX_CONFIG);
		must_say(&err, rc);
	}
	arena_release(&arena);
	return 0;
}
