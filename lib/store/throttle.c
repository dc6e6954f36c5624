/* What slows down the starts of a type: its circuit breaker, and its rate
 * limit.  Few types have a row there, which is read once per transaction. */
#include <bsd/stdlib.h>
#include <inttypes.h>

#include "base/num.h"
#include "rules/rate.h"
#include "store/claim.h"
#include "store/schema.h"

static void
read_row(struct store *s, struct query *q)
{
	struct type *t = catalog_type(s, db_column_int(q, 0));

	if (t == NULL)
		return;
	t->throttle = (struct throttle){ .stored = true, .breaker = {
	    db_column_int(q, 1), db_column_int(q, 2),
	    db_column_or(q, 3, 0), db_column_or(q, 4, 0) },
	    .expected = db_column_or(q, 5, 0) };
}

int
throttles_read(struct store *s, struct err *err)
{
	struct query q;
	int code, got;

	if (s->tx.open && s->tx.throttled)
		return 0;
	for (size_t i = 0; i < s->catalog.ntypes; i++)
		s->catalog.types[i]->throttle = (struct throttle){ 0 };
	s->tx.throttled = s->tx.open;
	if (s->version < SCHEMA_THROTTLE)
		return 0;
	code = db_start(&q, &s->db, SQL_THROTTLES, err, "");
	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1)
		read_row(s, &q);
	return got < 0 ? err->code : 0;
}

int
throttles_write(struct store *s, struct err *err)
{
	int code = 0;

	for (size_t i = 0; i < s->catalog.ntypes && code == 0; i++) {
		struct type *t = s->catalog.types[i];
		const struct throttle *v = &t->throttle;
		const struct breaker *b = &v->breaker;

		if (!v->changed)
			continue;
		if (b->failures || v->expected)
			code = db_run(&s->db, SQL_THROTTLE_SET, err, "iiizzz",
			    t->id, b->failures, b->trips, b->opened,
			    b->probe_at, v->expected);
		else if (v->stored)
			code = db_run(&s->db, SQL_THROTTLE_DELETE, err, "i",
			    t->id);
	}
	return code;
}

/* ---- the breaker ---- */

static bool
has_breaker(struct store *s, struct type *t, int64_t *limit)
{
	*limit = setting_int(s, t, SET_BREAKER, 0);
	return *limit > 0;
}

static void
say_change(struct store *s, const struct type *t, const char *state)
{
	const struct breaker *b = &t->throttle.breaker;
	struct event *e = tx_event(s, KIND_BREAKER);
	struct buf at = { 0 };

	if (b->opened == 0) {
		event_detail(e, "{\"type\":\"%s\",\"breaker\":\"%s\"}",
		    t->name, state);
		return;
	}
	time_format(&at, b->probe_at);
	event_detail(e, "{\"type\":\"%s\",\"breaker\":\"%s\",\"failures\":%"
	    PRId64 ",\"probe_at\":\"%s\"}", t->name, state, b->failures, at.p);
	buf_release(&at);
}

int
throttle_ended(struct store *s, struct type *t, enum outcome o,
	const struct ending *e, struct err *err)
{
	struct retry_policy policy;
	enum breaker_change change;
	int64_t limit;
	int code;

	if (!has_breaker(s, t, &limit))
		return 0;
	code = throttles_read(s, err);
	/* as it is with nearly all of them */
	if (code || (o == OUTCOME_SUCCESS && t->throttle.breaker.failures == 0))
		return code;
	setting_retry_policy(s, t, &policy);
	change = breaker_ended(&t->throttle.breaker, o, e, limit, &policy,
	    s->tx.now, arc4random() / 4294967296.0);
	if (change == BREAKER_SAME)
		return 0;
	t->throttle.changed = true;
	if (change == BREAKER_OPENED)
		say_change(s, t, "open");
	if (change == BREAKER_CLOSED)
		say_change(s, t, "closed");
	/* others may go on; or look at the clock */
	s->tx.wake |= change != BREAKER_COUNTED;
	return 0;
}

int
throttle_close(struct store *s, const struct type *at, struct err *err)
{
	int code = throttles_read(s, err);

	for (size_t i = 0; i < s->catalog.ntypes && code == 0; i++) {
		struct type *t = s->catalog.types[i];
		bool open = t->throttle.breaker.opened != 0;

		if (!open || (at && !type_within(t->name, at->name)))
			continue;
		t->throttle.breaker = (struct breaker){ 0 };
		t->throttle.changed = true;
		say_change(s, t, "closed");
	}
	return code;
}

bool
throttle_open(struct store *s, struct type *t)
{
	int64_t limit;

	return t->throttle.breaker.opened != 0 && has_breaker(s, t, &limit);
}

int64_t
throttle_breaker(struct store *s, struct type *t, int64_t now,
	int64_t running)
{
	return throttle_open(s, t) ?
	    breaker_until(&t->throttle.breaker, now, running) : 0;
}

/* ---- the rate limit ---- */

/* That of t, t being the type asked about or a parent of it: as with caps, but
 * what a type inherits from a parent is the parent's own. */
static bool
rate_of(struct store *s, struct type *t, bool own, int64_t now,
	struct rate *r)
{
	const struct effective *e;
	int64_t latest;

	if (!own && !t->set[SET_RATE_LIMIT])
		return false;
	e = setting_effective(s, t, SET_RATE_LIMIT);
	if (!e->set || e->origin == ORIGIN_PARENT)
		return false;
	rate_init(r, (double)e->value.i / e->value.f, e->value.i);
	r->expected = t->throttle.expected;
	/* a clock that was set back is not waited for */
	latest = now + r->tolerance + r->interval;
	if (r->expected > latest)
		r->expected = latest;
	return true;
}

bool
throttle_limited(struct store *s, struct type *t)
{
	struct rate r;

	for (bool own = true; t; t = t->parent, own = false)
		if (rate_of(s, t, own, 0, &r))
			return true;
	return false;
}

int64_t
throttle_rate(struct store *s, struct type *t, int64_t now,
	struct type **whose)
{
	int64_t until = 0;
	struct rate r;

	for (bool own = true; t; t = t->parent, own = false) {
		if (!rate_of(s, t, own, now, &r) || rate_next(&r) <= now ||
		    rate_next(&r) <= until)
			continue;
		until = rate_next(&r);
		*whose = t;
	}
	return until;
}

void
throttle_started(struct store *s, struct type *t)
{
	struct rate r;

	for (bool own = true; t; t = t->parent, own = false) {
		if (!rate_of(s, t, own, s->tx.now, &r))
			continue;
		rate_count(&r, s->tx.now);
		t->throttle.expected = r.expected;
		t->throttle.changed = true;
	}
}

int
throttle_unstarted(struct store *s, struct type *t, struct err *err)
{
	struct rate r;
	int code = 0;

	if (throttle_limited(s, t))
		code = throttles_read(s, err);
	for (bool own = true; t && code == 0; t = t->parent, own = false) {
		if (!rate_of(s, t, own, s->tx.now, &r))
			continue;
		rate_return(&r);
		t->throttle.expected = r.expected;
		t->throttle.changed = true;
		/* others may have waited for it */
		s->tx.wake = true;
	}
	return code;
}

/* ---- both ---- */

int64_t
throttle_until(struct store *s, struct type *t, int64_t now)
{
	int64_t breaker = throttle_breaker(s, t, now, t->slots);
	struct type *whose;
	int64_t rate = throttle_rate(s, t, now, &whose);

	return breaker > rate ? breaker : rate;
}
