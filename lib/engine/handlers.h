/*
 * The handlers that are stored in the queue, by their text, as far as jobs have
 * asked for them.  One that cannot be executed is set aside for a while, and
 * the jobs that want it stay where they are: they are not to blame.
 */
#ifndef IQ_HANDLERS_H
#define IQ_HANDLERS_H

#include <stdint.h>

#include "engine/handler.h"

struct stored_handler;

struct handlers {
	const char *queue;	/* absolute path, borrowed */
	bool no_path;		/* none of them gets it as an argument unasked */
	struct stored_handler **v;	/* stay where they are */
	size_t n;
	const char **aside;	/* texts of those that are set aside */
	size_t naside;
};

/* The handler of this text (of the setting); NULL with 69, 77 or 78 when it
 * cannot be executed or is none. */
const struct handler *handlers_find(struct handlers *h, const char *text,
	struct err *err);
/* For at least 10 s from now (boot), twice as long each time in a row. false:
 * it was aside. */
bool handlers_set_aside(struct handlers *h, const char *text, int64_t now);
/* Those whose time has come and that can be found are no longer set aside:
 * true when there were some. */
bool handlers_take_back(struct handlers *h, int64_t now);
void handlers_release(struct handlers *h);

#endif
