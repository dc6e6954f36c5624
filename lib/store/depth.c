/* How many jobs there are in each state, from the lanes. */
#include "store/counting.h"

/* How many of the delayed jobs are looked at whether they are due, and in one
 * snapshot */
#define DUE_MAX 100000
#define DUE_CHUNK 2000

static void
add_depth(struct depth *to, const struct depth *d)
{
	to->ready += d->ready;
	to->delayed += d->delayed;
	to->waiting += d->waiting;
	to->running += d->running;
	to->quarantined += d->quarantined;
	to->succeeded += d->succeeded;
	to->cancelled += d->cancelled;
	if (d->oldest_ready && (to->oldest_ready == 0 ||
	    d->oldest_ready < to->oldest_ready))
		to->oldest_ready = d->oldest_ready;
}

/* NULL: of a type that is not wanted */
static struct slot *
slot_of_lane(struct counting *c, int64_t id)
{
	struct lane *lane = catalog_lane(c->store, id);

	return lane ? slot_of(c, lane->type->id) : NULL;
}

static void
count_depth(struct counting *c, struct slot *slot, const struct depth *d)
{
	add_depth(&slot->out->depth, d);
	add_depth(&c->slots[0].out->depth, d);
}

static int
read_lane(struct counting *c, struct query *q, struct err *err)
{
	int64_t lane = db_column_int(q, 0);
	struct slot *slot = slot_of_lane(c, lane);
	struct depth d = { db_column_int(q, 1), db_column_int(q, 2),
	    db_column_int(q, 3), db_column_int(q, 4), db_column_int(q, 5),
	    db_column_int(q, 6), db_column_int(q, 7), 0 };
	int code = 0;

	if (slot == NULL)
		return 0;
	/* of its first rows: a repeated or promoted job may stand before one
	 * that has waited for longer */
	if (d.ready)
		code = db_int(&c->store->db, SQL_STATS_HEAD, &d.oldest_ready,
		    0, err, "i", lane);
	count_depth(c, slot, &d);
	return code;
}

/* What is due counts as ready, though no claim has seen it yet.  Some of them,
 * the first that are due first. */
static int
read_due(struct counting *c, int64_t now, struct err *err)
{
	struct query q;
	int code, got;

	code = db_start(&q, &c->store->db, SQL_STATS_DUE, err, "iiii",
	    c->run_at, c->id, now, (int64_t)DUE_CHUNK);
	if (code)
		return code;
	for (; (got = db_row(&q, err)) == 1; c->due++) {
		struct slot *slot = slot_of_lane(c, db_column_int(&q, 0));

		c->run_at = db_column_int(&q, 1);
		c->id = db_column_int(&q, 2);
		if (slot)
			count_depth(c, slot, &(struct depth){ .ready = 1,
			    .delayed = -1, .oldest_ready = c->run_at });
	}
	return got < 0 ? err->code : 0;
}

/* The others, in snapshots of their own: whoever promotes some meanwhile begins
 * with the first, and a job that is new is not due at that time. */
int
depths_read_more(struct counting *c, int64_t now, struct err *err)
{
	int64_t full = DUE_CHUNK;
	int code = 0;

	for (; code == 0 && c->due == full && full < DUE_MAX;
	    full += DUE_CHUNK) {
		code = read_begin(c->store, err);
		if (code)
			break;
		code = read_due(c, now, err);
		read_end(c->store);
	}
	return code;
}

int
depths_read(struct counting *c, int64_t now, struct err *err)
{
	struct query q;
	int code, got = 0;

	code = db_start(&q, &c->store->db, SQL_STATS_LANES, err, "");
	while (code == 0 && (got = db_row(&q, err)) == 1)
		code = read_lane(c, &q, err);
	if (code)
		db_end(&q);
	if (got < 0)
		code = err->code;
	return code ? code : read_due(c, now, err);
}
