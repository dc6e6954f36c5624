/* The list of what is known of the files of a directory. */
#include "rules/seen.h"

#include <string.h>

#include "base/num.h"

enum { STATUS = 7, KNOWN = 8, RACY = 16, STAMPED = 32, TOLD = 64 };
enum { MOUNT = 1 };

static uint64_t
zigzag(int64_t v)
{
	return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

static int64_t
unzigzag(uint64_t v)
{
	return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}

int
seen_read(struct bytes bytes, struct seen_list *out)
{
	uint64_t header = 0;

	out->p = (const unsigned char *)bytes.p;
	out->end = out->p + bytes.n;
	if (bytes.n > 0 && varint_get(&out->p, out->end, &header) != 0)
		return -1;
	out->mount = header & MOUNT;
	return header & ~(uint64_t)MOUNT ? -1 : 0;
}

/* The name, and where the flags of the file are */
static int
read_name(const unsigned char **p, const unsigned char *end,
	struct bytes *name)
{
	uint64_t n;

	if (varint_get(p, end, &n) != 0 || n == 0 || n >=
	    (uint64_t)(end - *p))
		return -1;
	*name = (struct bytes){ (const char *)*p, (size_t)n };
	*p += n;
	return 0;
}

/* Times may be anything in a damaged file: their sum must not overflow. */
static int
read_rest(const unsigned char **p, const unsigned char *end, struct seen *out)
{
	uint64_t size, mtime, delta, flags = *(*p)++;

	if (varint_get(p, end, &size) != 0 ||
	    varint_get(p, end, &mtime) != 0 ||
	    varint_get(p, end, &delta) != 0 ||
	    varint_get(p, end, &out->inode) != 0)
		return -1;
	out->stamp = 0;
	if (flags & STAMPED && varint_get(p, end, &out->stamp) != 0)
		return -1;
	out->status = (enum seen_status)(flags & STATUS);
	out->known = flags & KNOWN;
	out->racy = flags & RACY;
	out->told = flags & TOLD;
	out->size = (int64_t)size;
	out->mtime = unzigzag(mtime);
	out->ctime = (int64_t)((uint64_t)out->mtime +
	    (uint64_t)unzigzag(delta));
	return flags >> 7 || out->status < SEEN_UNSETTLED ||
	    out->status > SEEN_ENDED ? -1 : 0;
}

int
seen_next(struct seen_list *l, struct seen *out)
{
	if (l->p == l->end)
		return 0;
	if (read_name(&l->p, l->end, &out->name) != 0 ||
	    read_rest(&l->p, l->end, out) != 0)
		return -1;
	return 1;
}

void
seen_header(struct buf *list, bool mount)
{
	if (list->len == 0)
		varint_put(list, mount ? MOUNT : 0);
}

void
seen_add(struct buf *list, bool mount, const struct seen *f)
{
	/* the run of one that is racy says whether it was witnessed */
	bool stamped = f->status != SEEN_ACKNOWLEDGED || f->racy;

	seen_header(list, mount);
	varint_put(list, f->name.n);
	buf_add(list, f->name.p, f->name.n);
	buf_addc(list, (char)(f->status | (f->known ? KNOWN : 0) |
	    (f->racy ? RACY : 0) | (stamped ? STAMPED : 0) |
	    (f->told ? TOLD : 0)));
	varint_put(list, (uint64_t)f->size);
	varint_put(list, zigzag(f->mtime));
	varint_put(list, zigzag((int64_t)((uint64_t)f->ctime -
	    (uint64_t)f->mtime)));
	varint_put(list, f->inode);
	if (stamped)
		varint_put(list, f->stamp);
}

static bool
is_offer(const struct seen *f)
{
	return f->status == SEEN_OFFERED || f->status == SEEN_GONE;
}

/* From at on: as seen_acknowledge. *at: behind the file, or the end */
static int
acknowledge_from(char *list, size_t n, struct bytes name, uint64_t after,
	size_t *at)
{
	const unsigned char *start = (const unsigned char *)list;
	const unsigned char *p = start + *at, *end = start + n, *flags;
	struct seen f;

	while (p < end) {
		if (read_name(&p, end, &f.name) != 0)
			return -1;
		flags = p;
		if (read_rest(&p, end, &f) != 0)
			return -1;
		if (!bytes_equal(f.name, name))
			continue;
		*at = (size_t)(p - start);
		if (!is_offer(&f) || f.stamp <= after)
			return 0;
		list[flags - start] = (char)((*flags & ~STATUS) |
		    (f.status == SEEN_GONE ? SEEN_ENDED : SEEN_ACKNOWLEDGED));
		return 1;
	}
	*at = n;
	return 0;
}

int
seen_acknowledge(char *list, size_t n, struct bytes name, uint64_t after,
	size_t *at)
{
	struct seen_list l;
	size_t from;
	int done;

	if (seen_read((struct bytes){ list, n }, &l) != 0)
		return -1;
	from = (size_t)((const char *)l.p - list);
	if (*at < from || *at > n)
		*at = from;
	/* as a rule they come in their order */
	if (*at > from) {
		done = acknowledge_from(list, n, name, after, at);
		if (done != 0 || *at < n)
			return done;
		*at = from;
	}
	return acknowledge_from(list, n, name, after, at);
}

int
seen_restamp(struct bytes list, uint64_t after, uint64_t before, uint64_t to,
	struct buf *out, size_t *n)
{
	struct seen_list l;
	struct seen f;
	int got = seen_read(list, &l);

	*n = 0;
	buf_reset(out);
	if (got != 0)
		return -1;
	while ((got = seen_next(&l, &f)) == 1) {
		if (is_offer(&f) && f.stamp > after && f.stamp < before) {
			f.stamp = to;
			++*n;
		}
		seen_add(out, l.mount, &f);
	}
	return got;
}

int
seen_count(struct bytes list, uint64_t acknowledged, struct seen_count *out)
{
	struct seen_list l;
	struct seen f;
	int got = seen_read(list, &l);

	if (got != 0)
		return -1;
	while ((got = seen_next(&l, &f)) == 1) {
		out->files += f.status == SEEN_OFFERED ||
		    f.status == SEEN_ACKNOWLEDGED;
		out->offered += is_offer(&f) && f.stamp > acknowledged;
	}
	return got;
}
