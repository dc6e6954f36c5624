/* What a process hands over to another one: as it was, or not at all. */
#include "store/post.h"

#include <stdlib.h>

#include "tap.h"

static const struct envelope ann = { { 3, INT64_MAX },
    { "ann@host 7 iq-enqueue", 21 } };

static struct record
full_record(void)
{
	struct record r;

	record_init(&r);
	r.path = (struct bytes){ "/a\n\xff", 4 };
	r.key = (struct bytes){ "", 0 };
	r.payload = bytes_of("{\"a\":1}");
	r.type = bytes_of("notes/work");
	r.group = bytes_of("g");
	r.event = EVENT_MOVED;
	r.priority = 5;
	r.run_at = -1;
	r.delay = 3;
	r.size = 0;
	r.mtime = -5;
	r.timeout = 9;
	r.max_attempts = 100;
	return r;
}

static struct record
short_record(void)
{
	struct record r;

	record_init(&r);
	r.path = bytes_of("/b");
	r.type = bytes_of("default");
	r.priority = 3;
	return r;
}

static bool
same_bytes(struct bytes a, struct bytes b)
{
	return (a.p == NULL) == (b.p == NULL) && bytes_equal(a, b);
}

static bool
same_record(const struct record *a, const struct record *b)
{
	return same_bytes(a->path, b->path) && same_bytes(a->key, b->key) &&
	    same_bytes(a->payload, b->payload) &&
	    same_bytes(a->type, b->type) && same_bytes(a->group, b->group) &&
	    a->event == b->event && a->priority == b->priority &&
	    a->run_at == b->run_at && a->delay == b->delay &&
	    a->size == b->size && a->mtime == b->mtime &&
	    a->timeout == b->timeout && a->max_attempts == b->max_attempts;
}

static void
test_round_trip(void)
{
	struct record v[] = { full_record(), short_record() };
	struct enqueue_options o = { .on_duplicate = DUPLICATE_FAIL,
	    .unique_for = 1, .debounce = 2, .max_delay = 3, .max_queue = 4,
	    .on_full = FULL_DROP, .blocked = true,
	    .on_parent_failure = PARENT_RUN, .no_key = true,
	    .from = { 12, 345 } };
	char text[MAIL_CONTENT];
	size_t n = post_write(text, sizeof(text), &ann, &o, v, 2);
	struct post p;

	ok(n > 0, "records are written");
	ok(post_read((struct bytes){ text, n }, &p), "and read");
	ok(p.envelope.queue.dev == 3 && p.envelope.queue.ino == INT64_MAX,
	    "which queue");
	ok(bytes_equal(p.envelope.actor, ann.actor), "the actor");
	ok(p.options.on_duplicate == o.on_duplicate &&
	    p.options.unique_for == 1 && p.options.debounce == 2 &&
	    p.options.max_delay == 3 && p.options.max_queue == 4 &&
	    p.options.on_full == FULL_DROP && p.options.blocked &&
	    p.options.on_parent_failure == PARENT_RUN && p.options.no_key &&
	    p.options.from.device == 12 && p.options.from.inode == 345,
	    "the options");
	is_int((long long)p.n, 2, "how many");
	ok(same_record(&p.records[0], &v[0]), "a record with everything");
	ok(same_record(&p.records[1], &v[1]), "one with little");
}

static void
refused(const char *why, const struct record *r, size_t n)
{
	struct enqueue_options o = { .on_duplicate = DUPLICATE_SKIP };
	char text[MAIL_CONTENT];

	is_int((long long)post_write(text, sizeof(text), &ann, &o, r, n), 0,
	    "not handed over: %s", why);
}

static void
test_not_handed_over(void)
{
	static char large[MAIL_CONTENT];
	struct record v[MAIL_RECORDS + 1], r = short_record();
	int64_t parent = 1;

	for (size_t i = 0; i < MAIL_RECORDS + 1; i++)
		v[i] = short_record();
	refused("none", v, 0);
	refused("too many", v, MAIL_RECORDS + 1);
	r.after = &parent;
	r.nafter = 1;
	refused("parents", &r, 1);
	r = short_record();
	memset(large, 'x', sizeof(large));
	r.payload = (struct bytes){ large, sizeof(large) };
	refused("too long", &r, 1);
	r = short_record();
	r.priority = 0;
	refused("no priority", &r, 1);
	r = short_record();
	r.delay = INT64_MAX - 1;
	refused("a time past the end of time", &r, 1);
}

/* Each length and each byte of it changed: never more than was written, and
 * nothing out of range. */
static bool
harmless(const char *text, size_t n)
{
	/* of exactly that size, for the sanitizer */
	char *copy = n ? malloc(n) : NULL;
	struct post p;
	bool good = true;

	if (n)
		memcpy(copy, text, n);
	if (post_read((struct bytes){ copy, n }, &p)) {
		good = p.n >= 1 && p.n <= MAIL_RECORDS &&
		    p.options.on_duplicate <= DUPLICATE_FAIL &&
		    p.options.on_full <= FULL_SETTING &&
		    p.options.on_parent_failure <= PARENT_RUN;
		for (size_t i = 0; i < p.n && good; i++) {
			const struct record *r = &p.records[i];

			good = r->priority >= 1 && r->priority <= 5 &&
			    r->event < EVENT_COUNT && r->type.n <= TYPE_MAX &&
			    r->nafter == 0 && r->path.n <= n &&
			    (r->path.n == 0 || r->path.p[r->path.n - 1] != 0);
		}
	}
	free(copy);
	return good;
}

static void
test_hostile(void)
{
	struct record v[] = { full_record(), short_record() };
	struct enqueue_options o = { .on_duplicate = DUPLICATE_SKIP };
	char text[MAIL_CONTENT];
	size_t n = post_write(text, sizeof(text), &ann, &o, v, 2), bad = 0;
	struct post p;

	for (size_t i = 0; i < n; i++)
		bad += post_read((struct bytes){ text, i }, &p);
	is_int((long long)bad, 0, "nothing that was cut short is read");
	ok(!post_read((struct bytes){ text, n + 1 }, &p),
	    "nor what goes on");
	for (size_t i = 0; i < n; i++) {
		char was = text[i];

		for (int c = 0; c < 256; c++) {
			text[i] = (char)c;
			bad += !harmless(text, n);
		}
		text[i] = was;
	}
	is_int((long long)bad, 0, "no byte that is changed does harm");
	srandom(1);
	for (int i = 0; i < 100000; i++) {
		size_t at = (size_t)random() % n, len = (size_t)random() % 9;
		char saved[MAIL_CONTENT];

		memcpy(saved, text, n);
		while (len-- && at < n)
			text[at++] = (char)random();
		bad += !harmless(text, (size_t)random() % 4 ? n :
		    (size_t)random() % n);
		memcpy(text, saved, n);
	}
	is_int((long long)bad, 0, "nor do several");
}

int
main(void)
{
	test_round_trip();
	test_not_handed_over();
	test_hostile();
	return done();
}
