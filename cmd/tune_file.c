/* Settings out of a queue and into another. */
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "rules/setting_json.h"
#include "terminal.h"
#include "tune.h"

#define IMPORT_MAX (16 << 20)

struct export {
	struct json json;
	struct buf line;
	const char *type;	/* whose object is open */
	bool global;		/* that of the whole queue is */
};

static int
export_one(void *ctx, const char *type, enum setting_key k, const char *text)
{
	struct export *e = ctx;

	if (type && e->global) {
		json_end_object(&e->json);
		json_begin_object(&e->json, "types");
		e->global = false;
	}
	if (type && (e->type == NULL || strcmp(type, e->type) != 0)) {
		if (e->type)
			json_end_object(&e->json);
		json_begin_object(&e->json, type);
		e->type = type;
	}
	json_put_string(&e->json, setting_def(k)->name, text);
	return 0;
}

int
tune_export(struct tune *t, struct err *err)
{
	struct export e = { .global = true };
	int code;

	json_init(&e.json, &e.line);
	json_begin_object(&e.json, NULL);
	json_put_int(&e.json, "schema", 1);
	json_begin_object(&e.json, "global");
	code = store_settings_each(t->store, export_one, &e, err);
	if (e.global) {
		json_end_object(&e.json);
		json_begin_object(&e.json, "types");
	}
	if (e.type)
		json_end_object(&e.json);
	json_end_object(&e.json);
	json_end_object(&e.json);
	if (code == 0)
		report_line(&e.line);
	buf_release(&e.line);
	return code;
}

static int
read_all(struct buf *text, struct err *err)
{
	ssize_t got;

	buf_adds(text, "");
	do {
		buf_room(text, 1 << 16);
		got = io_read_full(STDIN_FILENO, text->p + text->len, 1 << 16);
		if (got < 0)
			return err_errno(err, EX_IOERR, "read standard input");
		text->len += (size_t)got;
		if (text->len > IMPORT_MAX)
			return err_set(err, EX_DATAERR, "import: over 16 MiB");
	} while (got != 0);
	return 0;
}

int
tune_import(struct tune *t, struct err *err)
{
	struct setting_item *items;
	struct buf text = { 0 };
	struct err why;
	size_t n;
	int code;

	terminal_tell("settings as JSON");
	code = read_all(&text, err);
	if (code == 0) {
		code = settings_parse((struct bytes){ text.p, text.len },
		    &t->arena, &items, &n, &why);
		if (code)
			err_set(err, code, "import: %s", why.text);
	}
	for (size_t i = 0; code == 0 && i < n; i++)
		tune_add(t, items[i].type, items[i].key, items[i].text);
	if (code == 0)
		code = store_settings_change(t->store, t->changes, t->n, err);
	buf_release(&text);
	return code;
}
