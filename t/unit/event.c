#include "rules/event.h"

#include <stdlib.h>

#include "base/clock.h"
#include "random.h"
#include "tap.h"

static const char *
hex(const void *p, size_t n)
{
	static char text[256];
	size_t i;

	for (i = 0; i < n && 2 * i + 2 < sizeof(text); i++)
		snprintf(text + 2 * i, 3, "%02x", ((const unsigned char *)p)[i]);
	text[2 * i] = '\0';
	return text;
}

static struct bytes
bytes_in(const struct buf *b)
{
	return (struct bytes){ b->p, b->len };
}

/* Computed by another program from what the header says: these bytes are in
 * queue files and must stay what they are. */
static void
chain(void)
{
	unsigned char zero[EVENT_HASH_SIZE] = { 0 }, one[EVENT_HASH_SIZE];
	unsigned char two[EVENT_HASH_SIZE], other[EVENT_HASH_SIZE];
	struct event e = { 0 };

	event_reset(&e, KIND_ENQUEUE);
	event_move(&e, 1, 7, STATE_NONE, STATE_READY, REASON_NONE, 0, 0);
	event_move(&e, 2, 7, STATE_NONE, STATE_READY, REASON_NONE, 0, 0);
	event_move(&e, 3, 7, STATE_NONE, STATE_READY, REASON_NONE, 0, 0);
	event_close(&e);
	is_str(hex(e.moves.p, e.moves.len), "0203070100", "one run of three");
	event_hash(zero, 1, INT64_C(1795248930123456789), KIND_ENQUEUE,
		bytes_of("ann@box:42 iq-enqueue"), bytes_in(&e.moves),
		bytes_in(&e.detail), one);
	is_str(hex(one, sizeof(one)), "826ef18ca0152b97a6dabf5d928993672fff"
		"488ad0f9c2a0a85bec0a3b3187c2", "the first hash");

	event_reset(&e, KIND_FINISH);
	event_move(&e, 1, 7, STATE_RUNNING, STATE_FAILED,
		REASON_PERMISSION_DENIED, -9, 1500 * NS_PER_US + 999);
	buf_adds(&e.detail, "{\"a\":1}");
	event_close(&e);
	is_str(hex(e.moves.p, e.moves.len), "020107480411dc0b",
		"a finish has exit and duration");
	event_hash(one, 2, INT64_C(1795248931000000000), KIND_FINISH,
		bytes_of("ann@box:43 iq-work"), bytes_in(&e.moves),
		bytes_in(&e.detail), two);
	is_str(hex(two, sizeof(two)), "b16382c0d14cc84dda9d00bc72b724db5293b"
		"7c422e33ad97b1fa674dfe2499a", "the second hash");

	event_hash(zero, 2, INT64_C(1795248931000000000), KIND_FINISH,
		bytes_of("ann@box:43 iq-work"), bytes_in(&e.moves),
		bytes_in(&e.detail), other);
	ok(memcmp(two, other, sizeof(two)) != 0, "depends on the one before");
	/* bytes moved from one field to the next */
	event_hash(one, 2, INT64_C(1795248931000000000), KIND_FINISH,
		bytes_of("ann@box:43 iq-wor"), bytes_of("k"), BYTES_NONE, two);
	event_hash(one, 2, INT64_C(1795248931000000000), KIND_FINISH,
		bytes_of("ann@box:43 iq-work"), bytes_of(""), BYTES_NONE,
		other);
	ok(memcmp(two, other, sizeof(two)) != 0, "fields do not run together");
	event_release(&e);
}

/* Moves as given, one job each, and as read back */
struct said {
	int64_t job, type;
	enum state from, to;
	enum reason reason;
	int exit;
	int64_t duration;
};

static int
read_back(struct bytes moves, const struct said *want, size_t n)
{
	size_t pos = 0, i = 0;
	int64_t end = 0, k;
	struct move m;
	int rc, runs = 0;

	while ((rc = event_next_move(moves, &pos, &end, &m)) == 1) {
		runs++;
		for (k = 0; k < m.count; k++, i++) {
			const struct said *w = &want[i];

			if (i == n || m.first + k != w->job
					|| m.type != w->type
					|| m.from != w->from || m.to != w->to
					|| m.reason != w->reason
					|| m.exit != w->exit
					|| m.duration != w->duration)
				return -1;
		}
	}
	return rc == 0 && i == n ? runs : -1;
}

static void
round_trip(void)
{
	static const struct said jobs[] = {
		{ 100, 1, STATE_NONE, STATE_READY, REASON_NONE, 0, 0 },
		{ 101, 1, STATE_NONE, STATE_READY, REASON_NONE, 0, 0 },
		{ 102, 1, STATE_NONE, STATE_DELAYED, REASON_NONE, 0, 0 },
		{ 103, 2, STATE_NONE, STATE_DELAYED, REASON_NONE, 0, 0 },
		{ 7, 2, STATE_DELAYED, STATE_READY, REASON_NONE, 0, 0 },
		{ 8, 2, STATE_RUNNING, STATE_FAILED, REASON_UNKNOWN, 1,
			5 * NS_PER_S },
		{ 8, 2, STATE_FAILED, STATE_DELAYED, REASON_UNKNOWN, 0, 0 },
		{ 9, 2, STATE_RUNNING, STATE_SUCCEEDED, REASON_SUCCEEDED, 0,
			1000 },
		{ 10, 2, STATE_RUNNING, STATE_SUCCEEDED, REASON_SUCCEEDED, 0,
			0 },
		{ 11, 2, STATE_RUNNING, STATE_FAILED, REASON_UNKNOWN, -11,
			INT64_MAX / 1000 * 1000 },
		{ INT64_C(1) << 60, 2, STATE_READY, STATE_CANCELLED,
			REASON_OPERATOR, 0, 0 },
		{ 1, 2, STATE_READY, STATE_CANCELLED, REASON_OPERATOR, 0, 0 },
	};
	enum { N = sizeof(jobs) / sizeof(jobs[0]) };
	struct event e = { 0 };
	size_t i;

	event_reset(&e, KIND_FINISH);
	ok(event_empty(&e), "nothing said");
	for (i = 0; i < N; i++)
		event_move(&e, jobs[i].job, jobs[i].type, jobs[i].from,
			jobs[i].to, jobs[i].reason, jobs[i].exit,
			jobs[i].duration);
	ok(!event_empty(&e), "something said");
	event_close(&e);
	is_int(read_back(bytes_in(&e.moves), jobs, N), 11,
		"all moves come back, in 11 runs");
	event_close(&e);
	is_int(read_back(bytes_in(&e.moves), jobs, N), 11,
		"closed twice changes nothing");

	event_reset(&e, KIND_SETTING);
	ok(event_empty(&e), "reset");
	buf_adds(&e.detail, "{}");
	ok(!event_empty(&e), "a detail is something");
	event_release(&e);
}

static void
random_moves(void)
{
	enum { N = 5000 };
	static struct said jobs[N];
	struct event e = { 0 };
	uint64_t x;
	int64_t id = 1;
	size_t i;

	event_reset(&e, KIND_FINISH);
	for (i = 0; i < N; i++) {
		x = next_random();
		id = x % 4 ? id + 1 : (int64_t)(x >> 8 & 0xffffff);
		jobs[i] = (struct said){ .job = id, .type = x % 3,
			.from = (enum state)(x >> 16 & 7),
			.to = (enum state)(1 + (x >> 20 & 1)),
			.reason = (enum reason)(x >> 24 & 1) };
		if (jobs[i].from == STATE_RUNNING) {
			jobs[i].exit = (int)(x >> 32 & 0xff) - 128;
			jobs[i].duration = (int64_t)(x >> 40) * NS_PER_US;
		}
		event_move(&e, jobs[i].job, jobs[i].type, jobs[i].from,
			jobs[i].to, jobs[i].reason, jobs[i].exit,
			jobs[i].duration);
	}
	event_close(&e);
	ok(read_back(bytes_in(&e.moves), jobs, N) > 0, "5000 random moves");
	event_release(&e);
}

static void
bulk(void)
{
	struct event e = { 0 };
	int64_t i, end = 0;
	size_t pos = 0;
	struct move m;

	event_reset(&e, KIND_ENQUEUE);
	for (i = 0; i < 1000000; i++)
		event_move(&e, 5000 + i, 3, STATE_NONE, STATE_READY,
			REASON_NONE, 0, 0);
	event_close(&e);
	ok(e.moves.len < 10, "a million new jobs in %zu bytes", e.moves.len);
	ok(event_next_move(bytes_in(&e.moves), &pos, &end, &m) == 1
		&& m.first == 5000 && m.count == 1000000 && end == 1005000,
		"which say so");
	event_release(&e);
}

static void
malformed(void)
{
	static const struct { const char *what; struct bytes moves; } bad[] = {
		{ "cut after the id", { "\x02", 1 } },
		{ "cut in a number", { "\x02\x83", 2 } },
		{ "no count", { "\x02\x00\x07\x01\x00", 5 } },
		{ "a negative id", { "\x01\x01\x07\x01\x00", 5 } },
		{ "a finish without its exit", { "\x02\x01\x07\x48\x04", 5 } },
		{ "a finish without its duration",
			{ "\x02\x01\x07\x48\x04\x11", 6 } },
		{ "states over a byte", { "\x02\x01\x07\x80\x02\x00", 6 } },
		{ "a count that passes the last id",
			{ "\x02\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x07\x01\x00",
			13 } },
		{ "a number over 64 bits",
			{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10 } },
		{ "an exit over 32 bits",
			{ "\x02\x01\x07\x48\x04\xff\xff\xff\xff\x7f\x00",
			11 } },
		{ "a duration over 292 years",
			{ "\x02\x01\x07\x48\x04\x00"
			"\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 15 } },
	};
	int64_t end = 0;
	size_t pos, i;
	struct move m;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		pos = 0;
		end = 0;
		is_int(event_next_move(bad[i].moves, &pos, &end, &m), -1,
			"malformed: %s", bad[i].what);
		ok(pos == 0 && end == 0, "... nothing is stepped over");
	}
	pos = 0;
	is_int(event_next_move(BYTES_NONE, &pos, &end, &m), 0, "none at all");
}

static void
kinds(void)
{
	int k, named = 0;

	for (k = 1; k < KIND_COUNT; k++)
		named += strcmp(event_kind_name((enum event_kind)k),
			"unknown") != 0;
	is_int(named, KIND_COUNT - 1, "every kind has a name");
	is_str(event_kind_name(KIND_INIT), "init", "the first");
	is_str(event_kind_name(KIND_WORKER_LEAVE), "worker_leave", "one");
	is_str(event_kind_name(KIND_FORGET), "forget", "the last");
	is_str(event_kind_name((INT64_C(1) << 32) + KIND_CLAIM), "unknown", "no other");
}

int
main(void)
{
	chain();
	round_trip();
	random_moves();
	bulk();
	malformed();
	kinds();
	return done();
}
