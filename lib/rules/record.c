#include "rules/record.h"

#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "rules/json.h"

void
record_init(struct record *r)
{
	*r = (struct record){
		.event = EVENT_NONE,
		.run_at = RECORD_UNSET,
		.delay = RECORD_UNSET,
		.size = RECORD_UNSET,
		.mtime = RECORD_UNSET,
		.timeout = RECORD_UNSET,
	};
}

/* Only paths may be other than UTF-8: nothing else has a _base64 field. */
static const char *
unsayable(const struct record *r)
{
	if (r->key.p != NULL && !utf8_valid(r->key))
		return "key";
	if (r->type.p != NULL && !utf8_valid(r->type))
		return "type";
	if (r->group.p != NULL && !utf8_valid(r->group))
		return "group";
	return NULL;
}

static void
write_bytes(struct json *j, const char *name, struct bytes s)
{
	if (s.p != NULL)
		json_put_bytes(j, name, s);
}

/* Not as json_put_time, to which 0 is no time: a file may be from 1970. */
static void
write_time(struct json *j, const char *name, int64_t ns)
{
	struct buf text = { 0 };

	if (ns == RECORD_UNSET)
		return;
	time_format(&text, ns);
	json_put_string(j, name, text.p);
	buf_release(&text);
}

static void
write_seconds(struct json *j, const char *name, int64_t ns)
{
	if (ns != RECORD_UNSET)
		json_put_seconds(j, name, ns);
}

static void
write_object(struct json *j, const struct record *r)
{
	size_t i;

	json_begin_object(j, NULL);
	if (r->path.p != NULL)
		json_put_path(j, "path", r->path);
	if (r->event != EVENT_NONE)
		json_put_string(j, "event", file_event_name(r->event));
	if (r->size != RECORD_UNSET)
		json_put_int(j, "size_bytes", r->size);
	write_time(j, "mtime_at", r->mtime);
	write_bytes(j, "type", r->type);
	if (r->priority != 0)
		json_put_int(j, "priority", r->priority);
	write_bytes(j, "key", r->key);
	write_time(j, "run_at", r->run_at);
	write_seconds(j, "delay_seconds", r->delay);
	if (r->max_attempts != 0)
		json_put_int(j, "max_attempts", r->max_attempts);
	write_seconds(j, "timeout_seconds", r->timeout);
	if (r->nafter > 0) {
		json_begin_array(j, "after");
		for (i = 0; i < r->nafter; i++)
			json_put_int(j, NULL, r->after[i]);
		json_end_array(j);
	}
	write_bytes(j, "group", r->group);
	if (r->payload.p != NULL)
		json_put_raw(j, "payload", r->payload);
	json_end_object(j);
}

static int
write_json(struct buf *out, const struct record *r, struct err *err)
{
	const char *field = unsayable(r);
	struct json j;

	if (field != NULL)
		return err_set(err, EX_DATAERR,
			"%s: not valid UTF-8, JSON cannot say it", field);
	json_init(&j, out);
	write_object(&j, r);
	buf_addc(out, '\n');
	return 0;
}

int
record_write(struct buf *out, enum stream_format f, const struct record *r,
	struct err *err)
{
	char end = f == STREAM_NUL ? '\0' : '\n';

	if (f == STREAM_JSON)
		return write_json(out, r, err);
	if (r->path.p == NULL || r->path.n == 0)
		return err_set(err, EX_DATAERR,
			"path: missing, only JSON lines can say that");
	if (memchr(r->path.p, end, r->path.n) != NULL)
		return err_set(err, EX_DATAERR, f == STREAM_NUL
			? "path: holds a NUL byte"
			: "path: holds a newline, use --null or --json-lines");
	buf_add(out, r->path.p, r->path.n);
	buf_addc(out, end);
	return 0;
}
