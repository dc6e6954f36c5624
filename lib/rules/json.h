/*
 * JSON out.  A writer that keeps track of commas; always valid UTF-8.
 * Conventions of cli.md live here: times in RFC 3339 in fields ending in _at,
 * durations as float seconds, paths with their exact bytes in NAME_base64
 * when they are not UTF-8.
 */
#ifndef IQ_JSON_H
#define IQ_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct json {
	struct buf *out;
	bool comma;		/* the next member needs one */
	int depth;
};

void json_init(struct json *j, struct buf *out);
/* name: NULL inside an array or at the top */
void json_begin_object(struct json *j, const char *name);
void json_end_object(struct json *j);
void json_begin_array(struct json *j, const char *name);
void json_end_array(struct json *j);

void json_put_string(struct json *j, const char *name, const char *s);	/* NULL: null */
void json_put_bytes(struct json *j, const char *name, struct bytes s);
/* As json_put_bytes with U+FFFD for what is not UTF-8, and then NAME_base64 */
void json_put_path(struct json *j, const char *name, struct bytes s);
void json_put_int(struct json *j, const char *name, int64_t v);
void json_put_float(struct json *j, const char *name, double v);	/* nan: null */
void json_put_bool(struct json *j, const char *name, bool v);
void json_put_null(struct json *j, const char *name);
/* text is JSON already */
void json_put_raw(struct json *j, const char *name, struct bytes text);
/* ns to float seconds with microseconds; negative: null */
void json_put_seconds(struct json *j, const char *name, int64_t ns);
/* wall ns to "2026-..Z"; 0 or less: null */
void json_put_time(struct json *j, const char *name, int64_t ns);

#endif
