#include "rules/debounce.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "tap.h"

#define S NS_PER_S

static const struct debounce_options usual = {
	.window = 2 * S, .max_delay = 10 * S, .batch = 1000,
	.max_records = 5000, .max_bytes = 1 << 20,
};

static struct debounce d;

static bool
put(int64_t now, const char *identity, const char *content)
{
	return debounce_put(&d, now, bytes_of(identity), bytes_of(content));
}

static void
start(const struct debounce_options *o)
{
	debounce_release(&d);
	debounce_init(&d, o, (struct hash_key){ 1, 2 });
}

/* What has been released, with a blank behind each */
static const char *
released(void)
{
	static char text[4096];
	struct bytes b;
	size_t n = 0;

	while (debounce_first(&d, &b)) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s ",
			(int)b.n, b.p);
		debounce_drop(&d);
	}
	text[n] = '\0';
	return text;
}

static void
windows(void)
{
	start(&usual);
	ok(debounce_due(&d) == INT64_MAX, "nothing waits");
	ok(!put(0, "a", NULL) && !put(S, "b", NULL), "two");
	is_int(debounce_due(&d), 2 * S, "the first one's silence");
	ok(put(S, "a", NULL), "heard of again");
	is_int(debounce_due(&d), 3 * S, "counts from the last time");
	debounce_advance(&d, 3 * S - 1);
	is_str(released(), "", "not before");
	put(2 * S, "b", NULL);
	debounce_advance(&d, 3 * S);
	is_str(released(), "a ", "the one that was quiet");
	debounce_advance(&d, 4 * S);
	is_str(released(), "b ", "then the other");
	ok(!put(5 * S, "a", NULL), "what was dropped is new");
	is_int(d.nwaiting, 1, "one waits");
}

static void
longest_delay(void)
{
	start(&usual);
	for (int64_t t = 0; t < 10; t++) {
		put(t * S, "busy", NULL);
		debounce_advance(&d, t * S);
	}
	put(9 * S, "later", NULL);
	is_str(released(), "", "never quiet");
	is_int(debounce_due(&d), 10 * S, "but due");
	debounce_advance(&d, 10 * S);
	is_str(released(), "busy ", "at the longest delay");
	debounce_advance(&d, 11 * S);
	is_str(released(), "later ", "and the other after its own silence");
}

static void
contents(void)
{
	start(&usual);
	put(0, "k", "created");
	put(0, "k", "gone");
	put(0, "other", "modified again");
	ok(put(0, "k", "seen once more, and longer"), "the same");
	debounce_flush(&d);
	put(0, "k", "last");
	is_str(released(), "last modified again ",
		"the latest, also of what was released, in its place");
	put(0, NULL, "like");
	ok(!put(0, NULL, "like"), "without identity nothing is the same");
	is_str(released(), "like like ", "nor waits");
	ok(d.bytes == 0, "all is accounted for");
}

static void
exact(void)
{
	start(&usual);
	ok(!debounce_again(&d, 0, bytes_of("x")), "nothing is held");
	put(0, "k", "x");
	put(0, "l", "y");
	ok(debounce_again(&d, S, bytes_of("x")), "held");
	ok(!debounce_again(&d, S, bytes_of("z")), "not held");
	debounce_advance(&d, 2 * S);
	is_str(released(), "y ", "counts as heard of");
	put(2 * S, "k", "z");
	ok(!debounce_again(&d, 2 * S, bytes_of("x")), "no longer held");
	debounce_flush(&d);
	ok(debounce_again(&d, 2 * S, bytes_of("z")), "held while released");
	is_str(released(), "z ", "once");
	ok(!debounce_again(&d, 2 * S, bytes_of("z")), "gone");
}

static void
batches(void)
{
	static const char large[1000];
	struct debounce_options o = usual;

	o.batch = 3;
	start(&o);
	put(0, "a", NULL);
	put(0, "b", NULL);
	put(0, "a", NULL);
	is_int(d.nreleased, 0, "two wait");
	put(0, "c", NULL);
	is_str(released(), "a b c ", "three make a batch");
	o.window = 0;
	start(&o);
	put(0, "a", NULL);
	is_int(d.nreleased, 1, "without a window at once");
	ok(put(0, "a", NULL), "and still one");
	o.window = S;
	o.max_records = 2;
	start(&o);
	put(0, "a", NULL);
	ok(!debounce_full(&d), "room for another");
	put(0, "b", NULL);
	ok(debounce_full(&d) && d.nreleased == 2, "full: all go");
	put(0, "a", NULL);
	is_str(released(), "a b ", "a full one still merges");
	ok(!debounce_full(&d), "there is room again");
	o.max_records = 1000;
	o.max_bytes = 1000;
	start(&o);
	put(0, "a", "small");
	ok(!debounce_full(&d), "small");
	debounce_put(&d, 0, bytes_of("a"), (struct bytes){ large, 1000 });
	ok(debounce_full(&d) && d.nreleased == 1, "full of bytes: it goes");
}

/* Against a plain list, in which everything is looked for */
static void
many(void)
{
	enum { NAMES = 3000, STEPS = 40000 };
	static int64_t came[NAMES], heard[NAMES];
	static bool there[NAMES];
	struct debounce_options o = usual;
	int wrong = 0, out = 0, in = 0;
	unsigned seed = 7;
	struct bytes b;
	char name[32];

	o.batch = NAMES + 1;
	start(&o);
	for (int64_t t = 0; t < STEPS; t++) {
		int64_t now = t * 5 * NS_PER_MS;
		int i;

		seed = seed * 1103515245 + 12345;
		i = (int)((seed >> 8) % NAMES);
		debounce_advance(&d, now);
		while (debounce_first(&d, &b)) {
			int k;

			snprintf(name, sizeof(name), "%.*s", (int)b.n, b.p);
			k = (int)strtol(name + 5, NULL, 10);
			wrong += !there[k] || (heard[k] + 2 * S > now &&
				came[k] + 10 * S > now);
			there[k] = false;
			debounce_drop(&d);
			out++;
		}
		for (int k = 0; k < NAMES && t % 1000 == 0; k++)
			wrong += there[k] && (heard[k] + 2 * S <= now ||
				came[k] + 10 * S <= now);
		snprintf(name, sizeof(name), "name/%d", i);
		wrong += put(now, name, NULL) != there[i];
		in += !there[i];
		if (!there[i])
			came[i] = now;
		there[i] = true;
		heard[i] = now;
	}
	is_int(wrong, 0, "each when it is due");
	is_int(in - out, (long long)(d.nwaiting + d.nreleased),
		"none is lost");
}

int
main(void)
{
	windows();
	longest_delay();
	contents();
	exact();
	batches();
	many();
	debounce_release(&d);
	return done();
}
