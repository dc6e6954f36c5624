#include "rules/event.h"

#include <sha2.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"

static const char *const names[KIND_COUNT] = {
	"unknown", "init", "migrate", "enqueue", "merge", "claim", "finish",
	"release", "reap", "cancel", "retry", "quarantine", "discard",
	"priority", "pause", "resume", "setting", "worker_join",
	"worker_leave", "repair", "breaker", "restore", "compact", "type",
	"anchor", "prune", "forget",
};

const char *
event_kind_name(int64_t kind)
{
	return names[kind > 0 && kind < KIND_COUNT ? kind : 0];
}

int64_t
event_kind_parse(const char *name)
{
	int64_t kind;

	for (kind = KIND_COUNT - 1; kind > 0; kind--)
		if (strcmp(name, names[kind]) == 0)
			break;
	return kind;
}

/* Small numbers of either sign are short: 0, -1, 1, -2 become 0, 1, 2, 3 */
static uint64_t
zigzag(int64_t v)
{
	return ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0);
}

static int64_t
unzigzag(uint64_t v)
{
	return (int64_t)((v >> 1) ^ (v & 1 ? UINT64_MAX : 0));
}

void
event_reset(struct event *e, enum event_kind kind)
{
	e->kind = kind;
	buf_reset(&e->moves);
	buf_reset(&e->detail);
	e->first = e->count = e->end = 0;
}

static void
put_run(struct event *e)
{
	struct buf *b = &e->moves;

	if (e->count == 0)
		return;
	buf_room(b, 60);
	varint_put(b, zigzag((int64_t)((uint64_t)e->first - (uint64_t)e->end)));
	varint_put(b, (uint64_t)e->count);
	varint_put(b, (uint64_t)e->run.type);
	varint_put(b, (uint64_t)e->run.from << 4 | (uint64_t)e->run.to);
	varint_put(b, (uint64_t)e->run.reason);
	e->end = e->first + e->count;
	e->count = 0;
}

void
event_move(struct event *e, int64_t job, int64_t type, enum state from,
	enum state to, enum reason reason, int exit, int64_t duration)
{
	const struct move_class *r = &e->run;

	if (e->count > 0 && job == e->first + e->count && type == r->type
			&& from == r->from && to == r->to
			&& reason == r->reason) {
		e->count++;
		return;
	}
	put_run(e);
	e->first = job;
	e->count = 1;
	e->run = (struct move_class){ type, from, to, reason };
	if (from != STATE_RUNNING)
		return;
	/* alone, since each has an exit and a duration of its own */
	put_run(e);
	varint_put(&e->moves, zigzag(exit));
	varint_put(&e->moves, duration < 0 ? 0
		: (uint64_t)(duration / NS_PER_US));
}

int
event_empty(const struct event *e)
{
	return e->moves.len == 0 && e->count == 0 && e->detail.len == 0;
}

void
event_close(struct event *e)
{
	put_run(e);
}

void
event_release(struct event *e)
{
	buf_release(&e->moves);
	buf_release(&e->detail);
	e->first = e->count = e->end = 0;
}

static void
hash_number(SHA2_CTX *sha, uint64_t v)
{
	unsigned char bytes[10];
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		bytes[n++] = (unsigned char)(v | 0x80);
	bytes[n++] = (unsigned char)v;
	SHA256Update(sha, bytes, n);
}

static void
hash_bytes(SHA2_CTX *sha, struct bytes s)
{
	hash_number(sha, s.n);
	if (s.n > 0)
		SHA256Update(sha, (const uint8_t *)s.p, s.n);
}

void
event_hash(const unsigned char prev[EVENT_HASH_SIZE], int64_t seq, int64_t at,
	int64_t kind, struct bytes actor, struct bytes moves, struct bytes detail,
	unsigned char out[EVENT_HASH_SIZE])
{
	SHA2_CTX sha;

	SHA256Init(&sha);
	SHA256Update(&sha, prev, EVENT_HASH_SIZE);
	SHA256Update(&sha, (const uint8_t *)"iq-event-1", 10);
	hash_number(&sha, (uint64_t)seq);
	hash_number(&sha, (uint64_t)at);
	hash_number(&sha, (uint64_t)kind);
	hash_bytes(&sha, actor);
	hash_bytes(&sha, moves);
	hash_bytes(&sha, detail);
	SHA256Final(out, &sha);
}

/* n numbers, or false */
static bool
get_numbers(const unsigned char **p, const unsigned char *end, uint64_t *v,
	size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (varint_get(p, end, &v[i]) < 0)
			return false;
	return true;
}

int
event_next_move(struct bytes moves, size_t *pos, int64_t *end,
	struct move *out)
{
	const unsigned char *p, *last;
	uint64_t v[5], ran[2] = { 0, 0 };
	struct move m;

	if (*pos >= moves.n)
		return 0;
	p = (const unsigned char *)moves.p + *pos;
	last = (const unsigned char *)moves.p + moves.n;
	if (!get_numbers(&p, last, v, 5))
		return -1;
	m.first = (int64_t)((uint64_t)*end + (uint64_t)unzigzag(v[0]));
	if (v[1] == 0 || v[1] > INT64_MAX || v[2] > INT64_MAX || v[3] > 0xff
			|| v[4] > 0xff || m.first < 0
			|| m.first > INT64_MAX - (int64_t)v[1])
		return -1;
	m.count = (int64_t)v[1];
	m.type = (int64_t)v[2];
	m.from = (enum state)(v[3] >> 4);
	m.to = (enum state)(v[3] & 15);
	m.reason = (enum reason)v[4];
	if (m.from == STATE_RUNNING && !get_numbers(&p, last, ran, 2))
		return -1;
	if (ran[0] > UINT32_MAX || ran[1] > INT64_MAX / NS_PER_US)
		return -1;
	m.exit = (int)unzigzag(ran[0]);
	m.duration = (int64_t)ran[1] * NS_PER_US;
	*out = m;
	*end = m.first + m.count;
	*pos = (size_t)(p - (const unsigned char *)moves.p);
	return 1;
}
