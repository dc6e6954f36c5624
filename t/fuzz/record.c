/* JSON records: one that is read can be written, and is then read as the same
 * record; written a second time it is the same text. */
#include "rules/record.h"

#include "base/clock.h"
#include "lib/fuzz.h"

#define NOW (INT64_C(1795248930) * NS_PER_S + 123456789)

/* As it was, to the unit in which JSON says it */
static bool
near(int64_t was, int64_t is, int64_t unit)
{
	if (was == RECORD_UNSET || is == RECORD_UNSET)
		return was == is;
	return was >= is ? was - is < unit : is - was < unit;
}

static void
must_be_sound(const struct record *r)
{
	size_t i;

	must(r->path.p != NULL || r->key.p != NULL || r->payload.p != NULL);
	must(r->path.p == NULL || (r->path.n > 0
		&& memchr(r->path.p, '\0', r->path.n) == NULL));
	must(r->key.p == NULL || (r->key.n > 0 && utf8_valid(r->key)));
	must(r->payload.n <= PAYLOAD_MAX);
	must(r->event < EVENT_COUNT);
	must(r->priority >= 0 && r->priority <= 5);
	must(r->size == RECORD_UNSET || r->size >= 0);
	must(r->delay == RECORD_UNSET || r->delay >= 0);
	must(r->timeout == RECORD_UNSET || r->timeout >= 0);
	must(r->delay == RECORD_UNSET || r->run_at == RECORD_UNSET);
	must(r->max_attempts >= 0 && r->max_attempts <= 100);
	for (i = 0; i < r->nafter; i++)
		must(r->after[i] > 0);
}

static void
must_be_same(const struct record *a, const struct record *b)
{
	must(bytes_equal(a->path, b->path));
	must(bytes_equal(a->key, b->key));
	must(bytes_equal(a->payload, b->payload));
	must(bytes_equal(a->type, b->type));
	must(bytes_equal(a->group, b->group));
	must(a->event == b->event && a->priority == b->priority);
	must(a->size == b->size && a->max_attempts == b->max_attempts);
	must(near(a->run_at, b->run_at, NS_PER_MS));
	must(near(a->mtime, b->mtime, NS_PER_MS));
	must(near(a->delay, b->delay, NS_PER_US));
	must(near(a->timeout, b->timeout, NS_PER_US));
	must(a->nafter == b->nafter);
	must(a->nafter == 0 || memcmp(a->after, b->after,
		a->nafter * sizeof(*a->after)) == 0);
}

static void
round_trip(const struct record *r, struct arena *arena)
{
	struct buf first = { 0 }, second = { 0 };
	struct record again;
	struct bytes line;
	struct err err;
	bool flush;

	must(record_write(&first, STREAM_JSON, r, &err) == 0);
	must(first.len > 0 && first.p[first.len - 1] == '\n');
	line = (struct bytes){ first.p, first.len - 1 };
	must(memchr(line.p, '\n', line.n) == NULL);
	must(record_parse_json(line, arena, 0, &again, &flush, &err) == 0);
	must(!flush);
	must_be_same(r, &again);
	must(record_write(&second, STREAM_JSON, &again, &err) == 0);
	must(bytes_equal(fuzz_said(&first), fuzz_said(&second)));
	buf_release(&first);
	buf_release(&second);
}

/* A format for paths says the path, or refuses it. */
static void
as_path(const struct record *r, enum stream_format f, char end)
{
	struct buf out = { 0 };
	struct err err = { 0 };

	if (record_write(&out, f, r, &err) == 0) {
		must(out.len == r->path.n + 1 && out.p[r->path.n] == end);
		must(memcmp(out.p, r->path.p, r->path.n) == 0);
		must(memchr(out.p, end, r->path.n) == NULL);
	} else {
		must_say(&err, EX_DATAERR);
		must(out.len == 0);
	}
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct record r;
	bool flush;
	int rc = record_parse_json(fuzz_bytes(data, n), &arena, NOW, &r,
		&flush, &err);

	if (rc != 0) {
		must_say(&err, EX_DATAERR);
	} else if (!flush) {
		must_be_sound(&r);
		round_trip(&r, &arena);
		as_path(&r, STREAM_LINES, '\n');
		as_path(&r, STREAM_NUL, '\0');
	}
	arena_release(&arena);
	return 0;
}
