/* JSON records in.  jansson checks the grammar and the UTF-8. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/num.h"
#include "base/text.h"
#include "rules/json_text.h"
#include "rules/record.h"
#include "rules/type.h"

#define MAX_ATTEMPTS 100		/* as the setting */

struct reader {
	struct bytes line;
	struct arena *arena;
	int64_t now;
	struct record *out;
	bool exact;			/* path_base64 was seen */
	struct err inner;		/* of a parser that says more */
};

/* The readers of fields return NULL, or what is wrong. */
typedef const char *field_fn(struct reader *r, const json_t *v);

static const char *
time_of(struct reader *r, const json_t *v, int64_t *ns)
{
	struct bytes s;
	const char *why = json_string_of(v, &s);

	if (why == NULL && time_parse(s.p, r->now, ns, &r->inner) != 0)
		why = r->inner.text;
	return why;
}

static const char *
copy_string(struct reader *r, const json_t *v, struct bytes *out)
{
	struct bytes s;
	const char *why = json_string_of(v, &s);

	if (why == NULL)
		*out = arena_copy(r->arena, s);
	return why;
}

static const char *
read_path(struct reader *r, const json_t *v)
{
	struct bytes shown;

	/* beside the exact bytes it is only there for people */
	if (r->exact)
		return json_string_of(v, &shown);
	return copy_string(r, v, &r->out->path);
}

static const char *
read_path_base64(struct reader *r, const json_t *v)
{
	struct buf path = { 0 };
	struct bytes s;
	const char *why = json_string_of(v, &s);

	if (why != NULL)
		return why;
	if (base64_decode(&path, s) < 0)
		why = "not base64";
	else if (memchr(path.p, '\0', path.len) != NULL)
		why = "holds a NUL byte";
	else
		r->out->path = arena_copy(r->arena,
			(struct bytes){ path.p, path.len });
	r->exact = true;
	buf_release(&path);
	return why;
}

static const char *
read_event(struct reader *r, const json_t *v)
{
	struct bytes s;
	const char *why = json_string_of(v, &s);

	if (why != NULL)
		return why;
	r->out->event = file_event_parse(s);
	return r->out->event != EVENT_NONE ? NULL
		: "not created, modified, deleted, moved or scan";
}

static const char *
read_size(struct reader *r, const json_t *v)
{
	return json_whole_of(v, 0, INT64_MAX, &r->out->size) ? NULL
		: "not a whole number of bytes";
}

static const char *
read_mtime(struct reader *r, const json_t *v)
{
	return time_of(r, v, &r->out->mtime);
}

static const char *
read_type(struct reader *r, const json_t *v)
{
	struct bytes s;
	const char *why = json_string_of(v, &s);

	if (why == NULL && type_check(s, &r->inner) != 0)
		why = r->inner.text;
	if (why == NULL)
		r->out->type = arena_copy(r->arena, s);
	return why;
}

static const char *
read_priority(struct reader *r, const json_t *v)
{
	int64_t number;
	struct bytes s;

	if (json_whole_of(v, 1, 5, &number)) {
		r->out->priority = (int)number;
		return NULL;
	}
	if (json_string_of(v, &s) == NULL
			&& priority_parse(s.p, &r->out->priority, NULL) == 0)
		return NULL;
	return "not critical, high, normal, low, batch or 1 to 5";
}

static const char *
read_key(struct reader *r, const json_t *v)
{
	return copy_string(r, v, &r->out->key);
}

static const char *
read_run_at(struct reader *r, const json_t *v)
{
	return time_of(r, v, &r->out->run_at);
}

static const char *
read_delay(struct reader *r, const json_t *v)
{
	return json_seconds_of(v, &r->out->delay);
}

static const char *
read_timeout(struct reader *r, const json_t *v)
{
	return json_seconds_of(v, &r->out->timeout);
}

static const char *
read_max_attempts(struct reader *r, const json_t *v)
{
	int64_t n;

	if (!json_whole_of(v, 1, MAX_ATTEMPTS, &n))
		return "not a whole number from 1 to 100";
	r->out->max_attempts = (int)n;
	return NULL;
}

static const char *
read_after(struct reader *r, const json_t *v)
{
	size_t n = json_is_array(v) ? json_array_size(v) : 1, i;
	int64_t *ids = arena_alloc(r->arena, n * sizeof(*ids));

	for (i = 0; i < n; i++) {
		const json_t *id = json_is_array(v) ? json_array_get(v, i) : v;

		if (!json_whole_of(id, 1, INT64_MAX, &ids[i]))
			return "not a job's id or an array of them";
	}
	r->out->after = ids;
	r->out->nafter = n;
	return NULL;
}

static const char *
read_group(struct reader *r, const json_t *v)
{
	return copy_string(r, v, &r->out->group);
}

static int
dump_to(const char *p, size_t n, void *ctx)
{
	buf_add(ctx, p, n);
	return 0;
}

static const char *
read_payload(struct reader *r, const json_t *v)
{
	struct bytes text = json_member_text(r->line, "payload");
	struct buf written = { 0 };

	if (text.p == NULL) {
		json_dump_callback(v, dump_to, &written,
			JSON_COMPACT | JSON_ENCODE_ANY);
		text = (struct bytes){ written.p, written.len };
	}
	r->out->payload = json_compact(text, r->arena);
	buf_release(&written);
	return r->out->payload.n > PAYLOAD_MAX ? "over 1 MiB" : NULL;
}

/* ---- the record ---- */

static const struct {
	const char *name;
	field_fn *read;
} fields[] = {
	{ "path", read_path },
	{ "path_base64", read_path_base64 },
	{ "event", read_event },
	{ "size_bytes", read_size },
	{ "mtime_at", read_mtime },
	{ "type", read_type },
	{ "priority", read_priority },
	{ "key", read_key },
	{ "run_at", read_run_at },
	{ "delay_seconds", read_delay },
	{ "max_attempts", read_max_attempts },
	{ "timeout_seconds", read_timeout },
	{ "after", read_after },
	{ "group", read_group },
	{ "payload", read_payload },
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static int
refuse_name(const char *name, struct err *err)
{
	const char *names[FIELDS + 1] = { NULL }, *near;
	char why[80] = "unknown";

	for (size_t i = 0; i < FIELDS; i++)
		names[i] = fields[i].name;
	near = nearest(name, names);
	if (near != NULL)
		snprintf(why, sizeof(why), "unknown; did you mean \"%s\"?",
			near);
	return err_value(err, EX_DATAERR, "field", name, why);
}

/* A parser that says more has shown it already. */
static int
refuse_value(const struct reader *r, const char *name, const json_t *v,
	const char *why, struct err *err)
{
	struct buf text = { 0 }, shown = { 0 };

	if (why == r->inner.text)
		return err_set(err, EX_DATAERR, "%s: %s", name, why);
	json_dump_callback(v, dump_to, &text,
		JSON_COMPACT | JSON_ENCODE_ANY);
	text_brief(&shown, (struct bytes){ text.p, text.len });
	err_set(err, EX_DATAERR, "%s %s: %s", name, shown.p, why);
	buf_release(&text);
	buf_release(&shown);
	return EX_DATAERR;
}

static field_fn *
field_of(const char *name)
{
	size_t i;

	for (i = 0; i < FIELDS; i++)
		if (strcmp(fields[i].name, name) == 0)
			return fields[i].read;
	return NULL;
}

static int
read_fields(struct reader *r, json_t *root, struct err *err)
{
	const char *name, *why;
	field_fn *read;
	json_t *v;

	json_object_foreach(root, name, v) {
		read = field_of(name);
		if (read == NULL)
			return refuse_name(name, err);
		why = json_is_null(v) ? NULL : read(r, v);
		if (why != NULL)
			return refuse_value(r, name, v, why, err);
	}
	return 0;
}

static const char *
fault(const struct record *r)
{
	if (r->run_at != RECORD_UNSET && r->delay != RECORD_UNSET)
		return "run_at and delay_seconds: only one of them";
	if (r->path.p == NULL && r->key.p == NULL && r->payload.p == NULL)
		return "no path, key or payload";
	return NULL;
}

int
record_parse_json(struct bytes line, struct arena *arena, int64_t now,
	struct record *out, bool *flush, struct err *err)
{
	struct reader r = {
		.line = line, .arena = arena, .now = now, .out = out,
	};
	json_t *root = json_read(line, 0, err);
	const char *why;
	int rc = 0;

	*flush = false;
	record_init(out);
	if (root == NULL)
		return EX_DATAERR;
	if (!json_is_object(root)) {
		rc = err_set(err, EX_DATAERR, "not a JSON object");
	} else if (json_object_get(root, "flush") != NULL) {
		*flush = json_is_true(json_object_get(root, "flush"))
			&& json_object_size(root) == 1;
		if (!*flush)
			rc = err_set(err, EX_DATAERR,
				"flush: only {\"flush\":true}, alone");
	} else {
		rc = read_fields(&r, root, err);
		why = rc == 0 ? fault(out) : NULL;
		if (why != NULL)
			rc = err_set(err, EX_DATAERR, "%s", why);
	}
	json_decref(root);
	return rc;
}
