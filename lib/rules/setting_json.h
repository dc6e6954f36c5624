/*
 * Settings in a file, as iq-tune exports and imports them:
 *
 *	{"schema":1,
 *	 "global":{"workers":"4"},
 *	 "types":{"notes":{"max_workers":"2","retry_base":"1m"}}}
 *
 * Values are the text that was set; a number counts as its text, an array
 * (handler) as its JSON, null unsets.
 */
#ifndef IQ_SETTING_JSON_H
#define IQ_SETTING_JSON_H

#include "base/buf.h"
#include "rules/setting.h"

struct setting_item {
	const char *type;	/* NULL: global */
	enum setting_key key;
	const char *text;	/* NULL: unset */
};

/* Items and their strings are in the arena. EX_DATAERR when it is no such
 * file, EX_CONFIG when there is no such setting or it cannot have that value;
 * the error says of which type. */
int settings_parse(struct bytes text, struct arena *arena,
	struct setting_item **items, size_t *n, struct err *err);

#endif
