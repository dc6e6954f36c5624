/* Whether iq-work may run what is stored in a queue. */
#include <string.h>

#include "base/text.h"
#include "db.h"

struct listing {
	struct buf text;	/* for people */
	struct json json;
};

/* One is for a type, or for all that have none of their own. */
static int
add_handler(void *ctx, const char *type, enum setting_key k, const char *text)
{
	struct listing *l = ctx;

	if (k != SET_HANDLER)
		return 0;
	json_begin_object(&l->json, NULL);
	json_put_string(&l->json, "type", type);
	json_put_string(&l->json, "handler", text);
	json_end_object(&l->json);
	buf_addf(&l->text, "\n%-16s ", type ? type : "all others");
	text_escape(&l->text, bytes_of(text));
	return 0;
}

int
db_trust(struct db_program *d, struct err *err)
{
	struct listing l = { { 0 }, { 0 } };
	struct buf line = { 0 };
	int code = store_trust(d->store, err);

	if (code)
		return code;
	json_init(&l.json, &line);
	json_begin_object(&l.json, NULL);
	json_put_path(&l.json, "queue", bytes_of(store_path(d->store)));
	json_put_bool(&l.json, "trusted", true);
	json_begin_array(&l.json, "handlers");
	buf_adds(&l.text, "trusted ");
	text_escape(&l.text, bytes_of(store_path(d->store)));
	code = store_settings_each(d->store, add_handler, &l, err);
	json_end_array(&l.json);
	json_end_object(&l.json);
	if (code == 0)
		report_line(d->report.json ? &line : &l.text);
	buf_release(&line);
	buf_release(&l.text);
	return code;
}

/* Also of a queue that is no longer there */
int
db_untrust(struct db_program *d, struct err *err)
{
	struct buf path = { 0 }, line = { 0 };
	struct json j;
	bool was;
	int code = store_untrust(d->args.queue, &path, &was, err);

	if (code == 0 && d->report.json) {
		json_init(&j, &line);
		json_begin_object(&j, NULL);
		json_put_path(&j, "queue", bytes_of(path.p));
		json_put_bool(&j, "trusted", false);
		json_put_bool(&j, "was_trusted", was);
		json_end_object(&j);
	} else if (code == 0) {
		buf_adds(&line, was ? "no longer trusted: " : "not trusted: ");
		text_escape(&line, bytes_of(path.p));
	}
	if (code == 0)
		report_line(&line);
	buf_release(&path);
	buf_release(&line);
	return code;
}
