#include "rules/answer.h"

#include <stdlib.h>

#include "base/text.h"
#include "rules/json_text.h"

void
answer_init(struct answer *a)
{
	*a = (struct answer){ .progress = -1, .bytes = -1, .retry_after = -1 };
	framing_init(&a->framing, '\n', ANSWER_LINE_MAX);
}

/* ---- fields; each returns NULL, or what is wrong ---- */

struct reader {
	struct answer *answer;
	const struct answer_ground *ground;
	struct bytes line;
	bool named;		/* it is the answer of the job with that id */
	struct err inner;	/* of a parser that says more */
};

typedef const char *field_fn(struct reader *r, const json_t *v);

/* read_whose has looked at it. */
static const char *
read_id(struct reader *r, const json_t *v)
{
	(void)v;
	return r->named ? NULL : "there is only one job";
}

static const char *
read_exit(struct reader *r, const json_t *v)
{
	int64_t status;

	if (!r->named)
		return "the id of a job is missing";
	if (!json_whole_of(v, 0, 255, &status))
		return "not a whole number from 0 to 255";
	r->answer->ended = true;
	r->answer->exit = (int)status;
	return NULL;
}

static const char *
read_progress(struct reader *r, const json_t *v)
{
	double d = json_number_value(v);

	if (!json_is_number(v) || !(d >= 0 && d <= 1))
		return "not a number from 0 to 1";
	r->answer->progress = d;
	return NULL;
}

static const char *
read_bytes(struct reader *r, const json_t *v)
{
	return json_whole_of(v, 0, INT64_MAX, &r->answer->bytes) ? NULL :
		"not a whole number of bytes";
}

/* The longest beginning of at most that many bytes that cuts no character */
static size_t
cut(struct bytes s, size_t most)
{
	size_t at = 0, n;

	while (at < s.n) {
		n = utf8_length(s.p + at, s.n - at);
		if (at + n > most)
			break;
		at += n;
	}
	return at;
}

static const char *
read_error(struct reader *r, const json_t *v)
{
	struct buf *to = &r->answer->error;
	struct bytes s;
	const char *why = json_string_of(v, &s);

	if (why != NULL)
		return why;
	buf_reset(to);
	buf_add(to, s.p, cut(s, ANSWER_ERROR));
	return NULL;
}

static const char *
read_retry_after(struct reader *r, const json_t *v)
{
	return json_seconds_of(v, &r->answer->retry_after);
}

static const char *
read_outcome(struct reader *r, const json_t *v)
{
	static const enum outcome known[] = { OUTCOME_TRANSIENT,
		OUTCOME_RATE_LIMITED, OUTCOME_PERMANENT, OUTCOME_SNOOZE };
	struct bytes s;
	const char *why = json_string_of(v, &s);

	if (why != NULL)
		return why;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!bytes_equal(s, bytes_of(outcome_name(known[i]))))
			continue;
		r->answer->outcome = known[i];
		r->answer->refined = true;
		return NULL;
	}
	return "not transient, rate_limited, permanent or snooze";
}

static void
resolve(struct reader *r, struct bytes *path)
{
	struct buf b = { 0 };

	path_resolve(&b, r->ground->cwd, *path);
	*path = arena_copy(&r->answer->arena, (struct bytes){ b.p, b.len });
	buf_release(&b);
}

static struct record *
new_record(struct answer *a)
{
	if (a->n == a->cap) {
		a->cap = a->cap ? 2 * a->cap : 8;
		a->records = mem_grow(a->records, a->cap,
			sizeof(*a->records));
	}
	return &a->records[a->n];
}

static const char *
read_enqueue(struct reader *r, const json_t *v)
{
	struct answer *a = r->answer;
	struct bytes text = json_member_text(r->line, "enqueue");
	struct record *record;
	bool flush = false;

	if (!json_is_object(v) || text.p == NULL)
		return "not an object";
	if (!r->named && r->ground->several)
		return "the id of a job is missing";
	if (a->n == ANSWER_RECORDS) {
		r->inner.code = EX_NOPERM;
		return "more than 10000 records";
	}
	record = new_record(a);
	if (record_parse_json(text, &a->arena, r->ground->now, record, &flush,
	    &r->inner) != 0)
		return r->inner.text;
	if (flush)
		return "flush: means nothing here";
	if (record->path.p != NULL)
		resolve(r, &record->path);
	if (arena_used(&a->arena) > ANSWER_BYTES) {
		r->inner.code = EX_NOPERM;
		return "more than 8 MiB of records";
	}
	record->number = ++a->n;
	return NULL;
}

/* ---- lines ---- */

static const struct {
	const char *name;
	field_fn *read;
} fields[] = {
	{ "id", read_id },
	{ "exit", read_exit },
	{ "progress", read_progress },
	{ "bytes", read_bytes },
	{ "error", read_error },
	{ "retry_after_seconds", read_retry_after },
	{ "outcome", read_outcome },
	{ "enqueue", read_enqueue },
};

static field_fn *
field_of(const char *name)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(fields[i].name, name) == 0)
			return fields[i].read;
	return NULL;
}

/* Whose answer it is */
static int
read_whose(struct reader *r, const json_t *root, struct err *err)
{
	const json_t *v = json_object_get(root, "id");
	struct answer *whose;
	int64_t id = 0;

	if (r->ground->of == NULL)
		return 0;
	if (v != NULL && !json_is_null(v) &&
	    !json_whole_of(v, 1, INT64_MAX, &id))
		return err_set(err, EX_DATAERR, "id: not the id of a job");
	whose = r->ground->of(r->ground->ctx, id);
	r->named = id > 0 || whose != r->answer;
	r->answer = whose;
	if (whose == NULL)
		return err_set(err, EX_DATAERR, "id: no job %lld waits for an "
			"answer", (long long)id);
	return 0;
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
			return err_value(err, EX_DATAERR, "field", name,
				"unknown");
		r->inner.code = EX_DATAERR;
		why = json_is_null(v) ? NULL : read(r, v);
		if (why != NULL)
			return err_set(err, r->inner.code, "%s: %s", name,
				why);
	}
	return 0;
}

int
answer_read(struct answer *a, struct bytes line,
	const struct answer_ground *g, struct err *err)
{
	struct reader r = { .answer = a, .ground = g, .line = line };
	json_t *root = json_read(line, 0, err);
	int rc;

	if (root == NULL)
		return EX_DATAERR;
	if (!json_is_object(root))
		rc = err_set(err, EX_DATAERR, "not a JSON object");
	else if ((rc = read_whose(&r, root, err)) == 0)
		rc = read_fields(&r, root, err);
	if (rc == 0 && r.answer->ended && r.answer->exit == 0 &&
	    r.answer->refined)
		rc = err_set(err, EX_DATAERR, "there is an outcome, which is "
			"for failures, and the exit status is 0");
	if (rc != 0 && r.answer != NULL)
		r.answer->ended = false;
	json_decref(root);
	return rc;
}

/* Nothing that was said holds any more, and nothing more is read. */
static void
give_up(struct answer *a, enum answered answered, const char *why)
{
	a->answered = answered;
	a->progress = -1;
	a->bytes = a->retry_after = -1;
	a->refined = false;
	a->n = 0;
	buf_reset(&a->error);
	buf_addf(&a->error, "descriptor 3, line %llu: %s",
		(unsigned long long)a->lines, why);
	arena_reset(&a->arena);
	framing_release(&a->framing);
}

static void
take_line(struct answer *a, struct bytes line, const struct answer_ground *g)
{
	struct err err;
	int code = answer_read(a, line, g, &err);

	if (code)
		give_up(a, code == EX_NOPERM ? ANSWERED_TOO_MUCH :
			ANSWERED_WRONG, err.text);
}

static void
take_lines(struct answer *a, const struct answer_ground *g)
{
	struct bytes line;
	enum frame frame;

	while (a->answered == ANSWERED &&
	    (frame = framing_next(&a->framing, false, &line)) != FRAME_NONE) {
		a->lines++;
		if (frame == FRAME_RECORD)
			take_line(a, line, g);
		else
			give_up(a, ANSWERED_WRONG, "longer than 8 MiB");
	}
}

void
answer_feed(struct answer *a, const char *p, size_t n,
	const struct answer_ground *g)
{
	if (a->answered != ANSWERED)
		return;
	framing_feed(&a->framing, p, n);
	take_lines(a, g);
}

/* Whether the last line, which lacks its end, makes sense */
static bool
is_whole(struct bytes line)
{
	struct err ignored;
	json_t *v = json_read(line, 0, &ignored);

	json_decref(v);
	return v != NULL;
}

void
answer_end(struct answer *a, int status, const struct answer_ground *g)
{
	struct bytes line;

	if (a->answered != ANSWERED)
		return;
	if (framing_next(&a->framing, true, &line) == FRAME_RECORD) {
		a->lines++;
		if (status == 0 || is_whole(line))
			take_line(a, line, g);
	}
	if (a->answered == ANSWERED && a->refined && status == 0)
		give_up(a, ANSWERED_WRONG, "there is an outcome, which is for "
			"failures, and the exit status is 0");
}

void
answer_reset(struct answer *a)
{
	/* most handlers say nothing */
	if (a->lines > 0 || a->framing.pending.len > 0)
		answer_release(a);
}

void
answer_release(struct answer *a)
{
	framing_release(&a->framing);
	buf_release(&a->error);
	arena_release(&a->arena);
	free(a->records);
	answer_init(a);
}
