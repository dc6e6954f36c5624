/* Histograms as they are stored. */
#include "rules/hist.h"

#include <string.h>

#include "tap.h"

static struct bytes
all_of(const struct buf *b)
{
	return (struct bytes){ b->p, b->len };
}

/* "bucket:count ...", and that the sum of one is the same */
static const char *
text_of(struct bytes stored)
{
	static struct buf text;
	struct hist_reader r = hist_read(stored);
	int64_t count[HIST_BUCKETS] = { 0 };
	struct hist_row row;
	bool same = true;

	hist_add(stored, count);
	buf_reset(&text);
	while (hist_next(&r, &row)) {
		buf_addf(&text, "%s%d:%lld", text.len ? " " : "", row.bucket,
		    (long long)row.count);
		same = same && count[row.bucket] == row.count;
		count[row.bucket] = 0;
	}
	for (int i = 0; i < HIST_BUCKETS; i++)
		same = same && count[i] == 0;
	ok(same, "added up it is that");
	buf_addc(&text, '\0');
	return text.p;
}

static const char *
merged(struct bytes stored, const struct hist_row *rows, size_t n,
	struct buf *out)
{
	buf_reset(out);
	hist_merge(stored, rows, n, out);
	return text_of(all_of(out));
}

static void
additions(void)
{
	static const struct hist_row first[] = { { 0, 1 }, { 63, 200 },
	    { HIST_BUCKETS - 1, 3 } };
	static const struct hist_row more[] = { { 0, 2 }, { 5, 1 }, { 63, 1 },
	    { 700, INT64_MAX }, { HIST_BUCKETS - 1, INT64_MAX } };
	struct buf a = { 0 }, b = { 0 };

	is_str(text_of(BYTES_NONE), "", "nothing is stored");
	is_str(merged(BYTES_NONE, NULL, 0, &a), "", "nothing more");
	is_str(merged(BYTES_NONE, first, 3, &a), "0:1 63:200 1887:3",
		"the first ones");
	is_int(a.len, 2 + 3 + 3, "in few bytes");
	is_str(merged(all_of(&a), NULL, 0, &b), "0:1 63:200 1887:3",
		"nothing more changes nothing");
	is_str(merged(all_of(&a), more, 5, &b), "0:3 5:1 63:201 "
		"700:9223372036854775807 1887:9223372036854775807",
		"counts are added, and full is full");
	is_str(merged(all_of(&b), first, 3, &a), "0:4 5:1 63:401 "
		"700:9223372036854775807 1887:9223372036854775807",
		"and again");
	buf_release(&a);
	buf_release(&b);
}

/* What is left where it ends to make sense is passed over. */
static void
damage(void)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *text, *what;
	} v[] = {
		{ "\1\1\2", 3, "1:1", "it ends within" },
		{ "\1\1\2\0\1\1", 6, "1:1", "a count of nothing" },
		{ "\1\1\0\1", 4, "1:1", "the same bucket twice" },
		{ "\1\1\337\16\1", 5, "1:1", "no such bucket" },
		{ "\1\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\1", 13, "1:1",
		    "a bucket far off" },
		{ "\1\1\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 13, "1:1",
		    "a count that is none" },
		{ "\1\1\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 14,
		    "1:1", "no number" },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		is_str(text_of((struct bytes){ v[i].bytes, v[i].n }),
			v[i].text, "%s", v[i].what);
}

/* In any order and any company the sum is the same. */
static void
order(void)
{
	struct buf a = { 0 }, b = { 0 };
	struct hist_row forth[3], back[3];
	bool same = true;

	for (int i = 0; i < 300; i++) {
		for (int k = 0; k < 3; k++) {
			int bucket = (i * 37 % 600) * 3 + k;

			forth[k] = (struct hist_row){ bucket, i + 1 };
			bucket = ((299 - i) * 37 % 600) * 3 + k;
			back[k] = (struct hist_row){ bucket, 300 - i };
		}
		for (int w = 0; w < 2; w++) {
			struct buf next = { 0 }, *to = w ? &b : &a;

			hist_merge(all_of(to), w ? back : forth, 3, &next);
			buf_release(to);
			*to = next;
		}
	}
	same = a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
	ok(same, "the order does not matter");
	is_str(text_of(all_of(&a)), text_of(all_of(&b)), "and what it says");
	buf_release(&a);
	buf_release(&b);
}

int
main(void)
{
	additions();
	damage();
	order();
	return done();
}
