/* JSON in, for the other files of this layer. */
#ifndef IQ_JSON_TEXT_H
#define IQ_JSON_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* The value that the whole text says, to be given to json_decref; or NULL with
 * *err (EX_DATAERR).  flags: more of jansson's.  NUL in strings is allowed,
 * the same name twice in an object is not.  When a number fits no int64, all
 * of them come as reals. */
json_t *json_read(struct bytes text, size_t flags, struct err *err);

/* What a value says: NULL, or what is wrong with it. */

/* Not empty, and without NUL; valid as long as v */
const char *json_string_of(const json_t *v, struct bytes *s);
/* Seconds, not negative, to ns in steps of 1 us */
const char *json_seconds_of(const json_t *v, int64_t *ns);
/* A whole number from min to max; false when it is not.  Reals too: 1e6 is
 * one, and after an overflow all numbers are reals. */
bool json_whole_of(const json_t *v, int64_t min, int64_t max, int64_t *out);

/* These two take text that json_read has found to be JSON. */

/* The text of a member's value in an object; absent when there is none or
 * when its name is written with escapes */
struct bytes json_member_text(struct bytes object, const char *name);
/* A copy without the blanks outside of strings */
struct bytes json_compact(struct bytes text, struct arena *arena);

#endif
