/* What is offered: first into the store, then to the reader. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "engine/scan_internal.h"

/* Bytes of rows and records that are written together */
#define TOGETHER (1 << 20)
/* A reader need not wait longer for the next ones. */
#define FLUSH_EVERY (200 * NS_PER_MS)

bool
scan_sayable(struct scan *s, struct bytes name)
{
	struct buf *path = &s->now->path;

	if (s->format != STREAM_LINES ||
	    (memchr(name.p, '\n', name.n) == NULL &&
	    memchr(path->p, '\n', path->len) == NULL))
		return true;
	s->tally.unsayable++;
	buf_add(path, name.p, name.n);
	s->unsayable(s->ctx, buf_bytes(path));
	path->len -= name.n;
	return false;
}

void
scan_say(struct scan *s, struct bytes name, enum file_event event,
	const struct file *f)
{
	struct scanning *now = s->now;
	struct record r;
	struct err ignored;

	record_init(&r);
	buf_add(&now->path, name.p, name.n);
	r.path = buf_bytes(&now->path);
	r.event = event;
	if (f) {
		r.size = f->size;
		r.mtime = f->mtime;
	}
	if (s->state->type[0])
		r.type = bytes_of(s->state->type);
	/* for whoever takes it: what it is about comes first */
	if (s->take) {
		buf_add(&now->records, r.path.p, r.path.n);
		buf_addc(&now->records, '\0');
	}
	record_write(&now->records, s->format, &r, &ignored);
	now->path.len -= name.n;
	now->said++;
	s->tally.created += event == EVENT_CREATED;
	s->tally.modified += event == EVENT_MODIFIED;
	s->tally.deleted += event == EVENT_DELETED;
	s->tally.unchanged += event == EVENT_SCAN;
	now->full = s->limit > 0 && now->said >= s->limit;
}

void
scan_put(struct scan *s, const struct scan_row *row)
{
	struct scanning *now = s->now;
	struct scan_row *r;

	if (now->nwrites == now->cap_writes) {
		now->cap_writes = now->cap_writes ? 2 * now->cap_writes : 64;
		now->writes = mem_grow(now->writes, now->cap_writes,
		    sizeof(*now->writes));
	}
	r = &now->writes[now->nwrites++];
	r->key = arena_copy(&now->arena, row->key);
	r->first = arena_copy(&now->arena, row->first);
	r->files = row->files.p ? arena_copy(&now->arena, row->files) :
	    BYTES_NONE;
	r->fresh = row->fresh;
}

/* Of n bytes of whole records, those that are written together: a pipe takes
 * PIPE_BUF at once or not at all, so that whoever reads never sees a part of a
 * record, however we end.  (One that is longer than that stands alone.) */
static size_t
piece_of(const struct scan *s, const char *p, size_t n)
{
	char end = s->format == STREAM_NUL ? '\0' : '\n';
	const char *last;

	if (n <= PIPE_BUF)
		return n;
	last = memrchr(p, end, PIPE_BUF);
	if (last == NULL)
		last = memchr(p + PIPE_BUF, end, n - PIPE_BUF);
	return last ? (size_t)(last - p) + 1 : n;
}

/* Between records we stop when we are asked to: what was not written was only
 * offered.  In a record a second signal is what helps. */
static void
write_records(struct scan *s, const char *p, size_t left)
{
	size_t piece = 0;
	bool begun = false;

	while (left > 0 && !s->failed && (begun || !*s->stop)) {
		struct pollfd room = { .fd = s->out, .events = POLLOUT };
		ssize_t n;

		if (!begun)
			piece = piece_of(s, p, left);
		n = write(s->out, p, piece);
		if (n >= 0) {
			p += n;
			left -= (size_t)n;
			piece -= (size_t)n;
			begun = piece > 0;
		} else if (errno == EAGAIN) {
			poll(&room, 1, -1);
		} else if (errno != EINTR) {
			s->failed = errno;
		}
	}
}

/* Neither a path nor a record has its end mark inside. */
static void
give_records(struct scan *s, const char *p, size_t left)
{
	const char *end = p + left, *record, *after;
	int mark = s->format == STREAM_NUL ? '\0' : '\n';

	for (; p < end; p = after) {
		record = (const char *)memchr(p, '\0', (size_t)(end - p)) + 1;
		after = (const char *)memchr(record, mark, (size_t)(end -
		    record)) + 1;
		s->take(s->ctx, (struct bytes){ p, (size_t)(record - p) - 1 },
		    (struct bytes){ record, (size_t)(after - record) - 1 });
	}
}

static void
hand_over(struct scan *s)
{
	struct scanning *now = s->now;

	if (now->covered == 0)
		return;
	(s->take ? give_records : write_records)(s, now->records.p,
	    now->covered);
	now->records.len -= now->covered;
	if (now->records.len > 0)
		memmove(now->records.p, now->records.p + now->covered,
		    now->records.len);
	if (now->part.cut_records > now->covered)
		now->part.cut_records -= now->covered;
	else
		now->part.cut_records = 0;
	now->covered = 0;
}

int
scan_flush(struct scan *s, struct err *err)
{
	struct scanning *now = s->now;
	int code = 0;

	if (now->nwrites > 0)
		code = store_scan_write(s->store, s->state, now->writes,
		    now->nwrites, err);
	now->nwrites = 0;
	arena_reset(&now->arena);
	if (code == 0)
		hand_over(s);
	if (code == 0 && s->failed) {
		errno = s->failed;
		code = err_errno(err, EX_IOERR, "write the output");
	}
	now->flush_at = clock_boot(&clock_system) + FLUSH_EVERY;
	return code;
}

int
scan_flush_maybe(struct scan *s, struct err *err)
{
	struct scanning *now = s->now;

	if (now->nwrites == 0 && now->covered == 0)
		return 0;
	if (arena_used(&now->arena) + now->records.len < TOGETHER &&
	    clock_boot(&clock_system) < now->flush_at)
		return 0;
	return scan_flush(s, err);
}
