/*
 * The file without what is free in it: a copy, from which the queue is filled
 * again in the same turn.  (What VACUUM does by itself, but that works in a
 * temporary file somewhere else, and cannot be interrupted in its second
 * half.)
 */
#include "rules/json.h"
#include "store/copy.h"
#include "store/room.h"

/* The copy, and a log as long as that: the pages in use, each written twice */
static int
check_room(struct store *s, struct err *err)
{
	int64_t pages = 0, free_pages = 0, size = 0;
	struct buf what = { 0 };
	int code = db_int(&s->db, SQL_PAGES, &pages, 0, err, "");

	if (code == 0)
		code = db_int(&s->db, SQL_FREE_PAGES, &free_pages, 0, err, "");
	if (code == 0)
		code = db_int(&s->db, SQL_PAGE_SIZE, &size, 0, err, "");
	if (code)
		return code;
	buf_addf(&what, "compact %s", s->path);
	/* and a hundredth for what stands around the pages of a log */
	code = room_need(s->path, (pages - free_pages) * size / 100 * 202 +
	    size, what.p, err);
	buf_release(&what);
	return code;
}

/* While nobody else writes */
static int
rewrite(struct store *s, struct copy *c, struct err *err)
{
	int code = copy_make(c, err);

	if (code == 0)
		code = refill(s, c->path.p, err);
	if (code == 0)
		checkpoint_now(s);
	return code;
}

static int
say(struct store *s, int64_t before, int64_t after, struct err *err)
{
	int code = tx_begin(s, err);

	if (code)
		return code;
	event_detail(tx_event(s, KIND_COMPACT),
	    "{\"before_bytes\":%lld,\"after_bytes\":%lld}", (long long)before,
	    (long long)after);
	code = tx_end(s, 0, err);
	return code ? code : store_sync(s, err);
}

int
store_compact(struct store *s, int64_t *before, int64_t *after,
	struct err *err)
{
	struct copy c = { .store = s, .what = "compact", .fd = -1 };
	int64_t wal;
	int code = copy_begin(&c, &s->db, s->path, err);

	store_sizes(s, before, &wal);
	if (code == 0)
		code = check_room(s, err);
	if (code == 0)
		code = turnstile_enter(&s->turn, err);
	if (code == 0)
		code = rewrite(s, &c, err);
	turnstile_leave(&s->turn);
	copy_end(&c);
	store_sizes(s, after, &wal);
	return code ? code : say(s, *before, *after, err);
}
