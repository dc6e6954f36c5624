/* The overview of iq-tune. */
#include <stdio.h>

#include "tune.h"

static int
show_json(struct tune *t, struct err *err)
{
	struct buf line = { 0 };
	struct json j;
	int code = 0;

	json_init(&j, &line);
	json_begin_object(&j, NULL);
	json_put_path(&j, "queue", bytes_of(store_path(t->store)));
	json_put_string(&j, "type", t->type);
	json_begin_array(&j, "settings");
	for (int k = 0; k < SET_COUNT && code == 0; k++) {
		enum origin origin;
		const char *text;

		if (t->type && setting_def(k)->global)
			continue;
		code = store_setting(t->store, t->type, k, &text, &origin,
		    err);
		if (code)
			break;
		json_begin_object(&j, NULL);
		json_put_string(&j, "key", setting_def(k)->name);
		report_setting_members(&j, k, text, origin);
		json_put_string(&j, "help", setting_def(k)->help);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_end_object(&j);
	if (code == 0)
		report_line(&line);
	buf_release(&line);
	return code;
}

static const struct column columns[] = {
	{ "SETTING", false, 0 }, { "VALUE", false, 24 }, { "FROM", false, 0 },
	{ "WHAT IT IS", false, 0 },
};

/* Where it is narrow, first what can be read elsewhere goes. */
static const int spare[] = { 3, 2, -1 };

static int
show_table(struct tune *t, const char *type, struct err *err)
{
	struct table table;
	int code = 0;

	table_init(&table, columns, sizeof(columns) / sizeof(*columns),
	    &t->report);
	table_spare(&table, spare);
	table_prose(&table);
	for (int k = 0; k < SET_COUNT && code == 0; k++) {
		enum origin origin;
		const char *text;

		if (type && setting_def(k)->global)
			continue;
		code = store_setting(t->store, type, k, &text, &origin, err);
		if (code)
			break;
		table_cell(&table, "%s", setting_def(k)->name);
		table_bytes(&table, bytes_of(text ? text : "-"));
		table_cell(&table, "%s", origin_name(origin));
		table_cell(&table, "%s", setting_def(k)->help);
	}
	table_flush(&table);
	table_release(&table);
	return code;
}

/* What types have of their own */
struct own {
	struct table table;
	size_t n;
};

static int
own_setting(void *ctx, const char *type, enum setting_key k, const char *text)
{
	struct own *o = ctx;

	if (type == NULL)
		return 0;
	table_cell(&o->table, "%s", type);
	table_cell(&o->table, "%s", setting_def(k)->name);
	table_bytes(&o->table, bytes_of(text));
	o->n++;
	return 0;
}

int
tune_show(struct tune *t, struct err *err)
{
	static const struct column own_columns[] = {
		{ "TYPE", false, 30 }, { "SETTING", false, 0 },
		{ "VALUE", false, 0 },
	};
	/* a value is worth more than a line */
	struct report wide = { .into = t->report.into };
	struct own own = { 0 };
	int code;

	if (t->report.json)
		return show_json(t, err);
	code = show_table(t, t->type, err);
	if (code || t->type)
		return code;
	table_init(&own.table, own_columns, 3, &wide);
	code = store_settings_each(t->store, own_setting, &own, err);
	if (own.n)
		putchar('\n');
	table_flush(&own.table);
	table_release(&own.table);
	return code;
}
