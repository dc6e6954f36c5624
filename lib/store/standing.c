/* How lanes stand in the queue, kept in memory for as long as nobody else
 * commits anything: with many types to read them takes longer than all else a
 * claim does. */
#include "store/internal.h"

/* A damaged file may have anything there. */
static double
plausible(double v, double most)
{
	return v >= 0 && v <= most ? v : 0;
}

static struct standing
read_row(struct query *q)
{
	return (struct standing){
		.ready = db_column_int(q, 1),
		.vtime = sqlite3_column_double(q->st, 2),
		.start = plausible(sqlite3_column_double(q->st, 3), 1e15),
		.cost = plausible(sqlite3_column_double(q->st, 4), 1e10),
	};
}

int
standing_read(struct store *s, struct err *err)
{
	struct query q;
	int code, got;

	if (s->catalog.standing)
		return 0;
	code = db_start(&q, &s->db, SQL_LANES_READY, err, "");
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		struct lane *l = catalog_lane(s, db_column_int(&q, 0));

		if (l)
			l->stands = read_row(&q);
	}
	s->catalog.standing = got == 0;
	return got < 0 ? err->code : 0;
}

/* As SQL_LANE_SERVE does it in the file */
struct standing
standing_now(const struct lane *l)
{
	const struct service *v = &l->service;
	struct standing n = l->stands;

	n.ready += l->delta[STATE_READY];
	n.vtime += v->served;
	if (n.vtime < 0)
		n.vtime = 0;
	if (n.start < v->start)
		n.start = v->start;
	n.cost = turn_average(&v->cost, n.cost);
	return n;
}

/* Another number after each commit, by whomever, that this handle has seen: a
 * transaction has seen those before it.  -1: not known */
static int64_t
data_version(struct store *s)
{
	unsigned int v;

	return sqlite3_file_control(s->db.handle, "main",
	    SQLITE_FCNTL_DATA_VERSION, &v) == SQLITE_OK ? (int64_t)v : -1;
}

void
standing_begin(struct store *s)
{
	struct catalog *c = &s->catalog;

	c->standing = c->standing && c->standing_at >= 0 &&
	    data_version(s) == c->standing_at;
}

void
standing_commit(struct store *s)
{
	struct catalog *c = &s->catalog;

	for (size_t i = 0; i < c->nlanes; i++) {
		struct lane *l = c->lanes[i];

		if (!l->touched)
			continue;
		l->owed += l->service.owed;
		l->nowed += l->service.nowed;
		if (c->standing)
			l->stands = standing_now(l);
	}
	if (c->standing)
		c->standing_at = data_version(s);
}
