/* Settings as JSON. */
#include "report.h"

/* A number in the setting's unit, a string, or null when text is NULL */
static void
put_value(struct json *j, const char *name, enum setting_key k,
	const char *text)
{
	struct setting_value v;

	if (text == NULL || setting_parse(k, text, &v, NULL) != 0) {
		json_put_string(j, name, text);
		return;
	}
	switch (setting_def(k)->kind) {
	case SETTING_INT:
	case SETTING_SIZE:
		json_put_int(j, name, v.i);
		break;
	case SETTING_FLOAT:
		json_put_float(j, name, v.f);
		break;
	case SETTING_DURATION:
		json_put_seconds(j, name, v.i);
		break;
	default:
		json_put_string(j, name, text);
	}
}

void
report_setting_members(struct json *j, enum setting_key k, const char *text,
	enum origin origin)
{
	const char *unit = setting_def(k)->unit;

	put_value(j, "value", k, text);
	json_put_string(j, "unit", unit[0] ? unit : NULL);
	json_put_string(j, "origin", origin_name(origin));
}
