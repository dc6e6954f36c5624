#include "rules/chain.h"

#include <stdlib.h>

#include "base/clock.h"
#include "tap.h"

/* A small generator, so that a failure can be had again: xorshift64* (S. Vigna,
 * 2014) */
static uint64_t seed = 88172645463325252u;

static uint64_t
dice(uint64_t n)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (seed * 2685821657736338717u >> 11) % n;
}

#define EVENTS 60
#define LINE 96			/* bytes of a field at most */

struct row {
	int64_t seq, at, kind;
	char field[3][LINE];
	size_t n[3];
	unsigned char hash[EVENT_HASH_SIZE];
};

static struct entry
entry_of(const struct row *r)
{
	return (struct entry){ r->seq, r->at, r->kind,
	    { r->field[0], r->n[0] }, { r->field[1], r->n[1] },
	    { r->field[2], r->n[2] }, { (const char *)r->hash,
	    sizeof(r->hash) } };
}

static void
make_row(struct row *r, int64_t seq, const unsigned char *before)
{
	struct event e = { 0 };

	memset(r, 0, sizeof(*r));
	r->seq = seq;
	r->at = INT64_C(1795248930000000000) + seq * NS_PER_S;
	r->kind = seq % 3 ? KIND_FINISH : KIND_SETTING;
	r->n[0] = (size_t)snprintf(r->field[0], LINE, "worker %d", (int)seq);
	event_reset(&e, (enum event_kind)r->kind);
	event_move(&e, seq, 7, STATE_RUNNING, STATE_SUCCEEDED,
	    REASON_SUCCEEDED, 0, seq * NS_PER_MS);
	event_close(&e);
	r->n[1] = e.moves.len;
	memcpy(r->field[1], e.moves.p, e.moves.len);
	if (seq % 3 == 0)
		r->n[2] = (size_t)snprintf(r->field[2], LINE,
		    "[{\"key\":\"lease\",\"to\":\"%ds\"}]", (int)seq);
	event_hash(before, r->seq, r->at, r->kind, entry_of(r).actor,
	    entry_of(r).moves, entry_of(r).detail, r->hash);
	event_release(&e);
}

static void
make_log(struct row *rows)
{
	unsigned char zero[EVENT_HASH_SIZE] = { 0 };

	for (int i = 0; i < EVENTS; i++)
		make_row(&rows[i], i + 1, i ? rows[i - 1].hash : zero);
}

/* How many findings there are up to an anchor behind the last row */
static int
findings(const struct row *rows, int n, int64_t anchor,
	const unsigned char *hash)
{
	struct chain c = { 0 };
	int bad = 0;

	for (int i = 0; i < n; i++) {
		struct entry e = entry_of(&rows[i]);

		bad += chain_next(&c, &e) != CHAIN_FITS;
	}
	return bad + (c.seq != anchor ||
	    memcmp(c.hash, hash, EVENT_HASH_SIZE) != 0);
}

/* Another bit in one of the columns */
static void
flip(struct row *rows, int *n)
{
	struct row *r = &rows[dice((uint64_t)*n)];
	struct bytes fields[7] = {
		{ (char *)&r->seq, sizeof(r->seq) },
		{ (char *)&r->at, sizeof(r->at) },
		{ (char *)&r->kind, sizeof(r->kind) },
		{ r->field[0], r->n[0] }, { r->field[1], r->n[1] },
		{ r->field[2], r->n[2] },
		{ (char *)r->hash, sizeof(r->hash) },
	};
	struct bytes f;

	do
		f = fields[dice(7)];
	while (f.n == 0);
	((char *)(uintptr_t)f.p)[dice(f.n)] ^= (char)(1 << dice(8));
}

static void
delete(struct row *rows, int *n)
{
	int at = (int)dice((uint64_t)*n), many = 1 + (int)dice(3);

	if (many > *n - at)
		many = *n - at;
	memmove(rows + at, rows + at + many,
	    (size_t)(*n - at - many) * sizeof(*rows));
	*n -= many;
	if (dice(2))	/* and close the gap */
		for (int i = at; i < *n; i++)
			rows[i].seq -= many;
}

/* One of its own, with a good hash of its own */
static void
insert(struct row *rows, int *n)
{
	int at = (int)dice((uint64_t)*n);
	unsigned char zero[EVENT_HASH_SIZE] = { 0 };

	memmove(rows + at + 1, rows + at, (size_t)(*n - at) * sizeof(*rows));
	make_row(&rows[at], at + 1, at ? rows[at - 1].hash : zero);
	rows[at].at++;
	event_hash(at ? rows[at - 1].hash : zero, rows[at].seq, rows[at].at,
	    rows[at].kind, entry_of(&rows[at]).actor,
	    entry_of(&rows[at]).moves, entry_of(&rows[at]).detail,
	    rows[at].hash);
	++*n;
	for (int i = at + 1; i < *n; i++)
		rows[i].seq++;
}

static void
reorder(struct row *rows, int *n)
{
	int a = (int)dice((uint64_t)*n), b = (a + 1 + (int)dice(
	    (uint64_t)*n - 1)) % *n;
	struct row keep = rows[a];

	rows[a] = rows[b];
	rows[b] = keep;
	if (dice(2)) {		/* and give them the right numbers */
		rows[a].seq = a + 1;
		rows[b].seq = b + 1;
	}
}

static void
truncate_log(struct row *rows, int *n)
{
	(void)rows;
	*n -= 1 + (int)dice((uint64_t)*n - 1);
}

static void
tampering(const char *what, void (*tamper)(struct row *, int *), int times)
{
	static struct row good[EVENTS], bad[EVENTS + 1];
	int missed = 0;

	make_log(good);
	for (int i = 0; i < times; i++) {
		int n = EVENTS;

		memcpy(bad, good, sizeof(good));
		tamper(bad, &n);
		missed += findings(bad, n, EVENTS,
		    good[EVENTS - 1].hash) == 0;
	}
	is_int(missed, 0, "%d %s, missed", times, what);
}

static void
untouched(void)
{
	static struct row rows[EVENTS];

	make_log(rows);
	is_int(findings(rows, EVENTS, EVENTS, rows[EVENTS - 1].hash), 0,
	    "a log as it was written has no findings");
}

/* Where the gap is, where it breaks, and that it goes on behind that */
static void
links(void)
{
	static struct row rows[EVENTS];
	struct chain c = { 0 };
	struct entry e[6];

	make_log(rows);
	for (int i = 0; i < 6; i++)
		e[i] = entry_of(&rows[i]);
	is_int(chain_next(&c, &e[0]), CHAIN_FITS, "the first");
	is_int(chain_next(&c, &e[3]), CHAIN_GAP, "two are missing");
	is_int(c.seq, 4, "it is there");
	is_int(chain_next(&c, &e[4]), CHAIN_FITS, "the next one fits");
	is_int(chain_next(&c, &e[2]), CHAIN_BACK, "an earlier one");
	c = (struct chain){ 0 };
	chain_next(&c, &e[0]);
	e[1].actor = bytes_of("mallory");
	is_int(chain_next(&c, &e[1]), CHAIN_BREAKS, "another actor");
	is_int(chain_next(&c, &e[2]), CHAIN_FITS, "what hangs on its hash");
	e[3].hash.n = 20;
	is_int(chain_next(&c, &e[3]), CHAIN_BREAKS, "half a hash");
	is_int(chain_next(&c, &e[4]), CHAIN_FITS, "nothing is known of the "
	    "one behind it");
	is_int(chain_next(&c, &e[5]), CHAIN_FITS, "but of those that follow");
}

static void
canonical(void)
{
	static struct row rows[EVENTS];
	unsigned char hash[EVENT_HASH_SIZE];
	struct buf b = { 0 };
	struct entry e, back;
	int same = 0, wrong = 0;

	make_log(rows);
	for (int i = 1; i < EVENTS; i++) {
		e = entry_of(&rows[i]);
		buf_reset(&b);
		entry_canonical(&b, &e);
		chain_hash(rows[i - 1].hash, (struct bytes){ b.p, b.len },
		    hash);
		same += memcmp(hash, rows[i].hash, sizeof(hash)) == 0 &&
		    entry_parse((struct bytes){ b.p, b.len }, &back) == 0 &&
		    back.seq == e.seq && back.at == e.at &&
		    back.kind == e.kind && bytes_equal(back.actor, e.actor) &&
		    bytes_equal(back.moves, e.moves) &&
		    (e.detail.n == 0 || bytes_equal(back.detail, e.detail));
	}
	is_int(same, EVENTS - 1, "canonical bytes have the hash of the event, "
	    "and say it");
	for (size_t n = 0; n < b.len; n++)
		wrong += entry_parse((struct bytes){ b.p, n }, &back) < 0;
	is_int(wrong, (long long)b.len, "cut short they are refused");
	buf_addc(&b, '\0');
	ok(entry_parse((struct bytes){ b.p, b.len }, &back) < 0,
	    "and so is one byte more");
	buf_release(&b);
}

int
main(void)
{
	untouched();
	links();
	canonical();
	tampering("flipped bits", flip, 4000);
	tampering("deletions", delete, 2000);
	tampering("insertions", insert, 2000);
	tampering("reorderings", reorder, 2000);
	tampering("truncations below the anchor", truncate_log, 2000);
	return done();
}
