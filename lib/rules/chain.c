#include "rules/chain.h"

#include <sha2.h>
#include <string.h>

#include "base/num.h"

#define MAGIC "iq-event-1"

static void
put_bytes(struct buf *out, struct bytes s)
{
	varint_put(out, s.n);
	if (s.n > 0)
		buf_add(out, s.p, s.n);
}

void
entry_canonical(struct buf *out, const struct entry *e)
{
	buf_adds(out, MAGIC);
	varint_put(out, (uint64_t)e->seq);
	varint_put(out, (uint64_t)e->at);
	varint_put(out, (uint64_t)e->kind);
	put_bytes(out, e->actor);
	put_bytes(out, e->moves);
	put_bytes(out, e->detail);
}

/* Nothing is stored as NULL, not as an empty text */
static bool
get_bytes(const unsigned char **p, const unsigned char *end, struct bytes *s)
{
	uint64_t n;

	if (varint_get(p, end, &n) < 0 || n > (uint64_t)(end - *p))
		return false;
	*s = n ? (struct bytes){ (const char *)*p, (size_t)n } : BYTES_NONE;
	*p += n;
	return true;
}

int
entry_parse(struct bytes canonical, struct entry *e)
{
	const unsigned char *p = (const unsigned char *)canonical.p;
	const unsigned char *end = p + canonical.n;
	uint64_t v[3];

	if (canonical.n < strlen(MAGIC) ||
	    memcmp(p, MAGIC, strlen(MAGIC)) != 0)
		return -1;
	p += strlen(MAGIC);
	for (int i = 0; i < 3; i++)
		if (varint_get(&p, end, &v[i]) < 0)
			return -1;
	if (v[0] > INT64_MAX || v[2] > INT64_MAX)
		return -1;
	*e = (struct entry){ .seq = (int64_t)v[0], .at = (int64_t)v[1],
	    .kind = (int64_t)v[2] };
	if (!get_bytes(&p, end, &e->actor) || !get_bytes(&p, end, &e->moves) ||
	    !get_bytes(&p, end, &e->detail))
		return -1;
	return p == end ? 0 : -1;
}

void
chain_hash(const unsigned char prev[EVENT_HASH_SIZE], struct bytes canonical,
	unsigned char out[EVENT_HASH_SIZE])
{
	SHA2_CTX sha;

	SHA256Init(&sha);
	SHA256Update(&sha, prev, EVENT_HASH_SIZE);
	SHA256Update(&sha, (const uint8_t *)canonical.p, canonical.n);
	SHA256Final(out, &sha);
}

/* Whether it is what was written; when nobody knows what it hangs on, only
 * whether it could be. */
static bool
written(const struct chain *c, const struct entry *e)
{
	unsigned char want[EVENT_HASH_SIZE];

	if (e->hash.n != sizeof(want))
		return false;
	if (c->adrift)
		return true;
	event_hash(c->hash, e->seq, e->at, e->kind, e->actor, e->moves,
	    e->detail, want);
	return memcmp(e->hash.p, want, sizeof(want)) == 0;
}

enum chain_link
chain_next(struct chain *c, const struct entry *e)
{
	enum chain_link link = CHAIN_FITS;
	int64_t seq = c->seq;

	if (e->seq != seq + 1)
		c->adrift = true;
	if (!written(c, e))
		link = CHAIN_BREAKS;
	else if (e->seq <= seq)
		link = CHAIN_BACK;
	else if (e->seq != seq + 1)
		link = CHAIN_GAP;
	c->seq = e->seq;
	c->adrift = e->hash.n != sizeof(c->hash);
	if (!c->adrift)
		memcpy(c->hash, e->hash.p, sizeof(c->hash));
	return link;
}
