/* JSON in, for the other files of this layer. */
#ifndef IQ_JSON_TEXT_H
#define IQ_JSON_TEXT_H

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

/* The value that the whole text says, to be given to json_decref; or NULL with
 * *err (EX_DATAERR).  flags: more of jansson's.  NUL in strings is allowed,
 * the same name twice in an object is not.  When a number fits no int64, all
 * of them come as reals. */
json_t *json_read(struct bytes text, size_t flags, struct err *err);

/* These two take text that json_read has found to be JSON. */

/* The text of a member's value in an object; absent when there is none or
 * when its name is written with escapes */
struct bytes json_member_text(struct bytes object, const char *name);
/* A copy without the blanks outside of strings */
struct bytes json_compact(struct bytes text, struct arena *arena);

#endif
