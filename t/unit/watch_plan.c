#include "rules/watch_plan.h"

#include "base/clock.h"
#include "tap.h"

#define S NS_PER_S

static const struct watch_plan_options usual = { true, 900 * S, 10 * S };

static enum watch_step
next(const struct watch_plan *p, int64_t now)
{
	int64_t due;

	return watch_plan_next(p, now, &due);
}

static int64_t
due(const struct watch_plan *p, int64_t now)
{
	int64_t at;

	return watch_plan_next(p, now, &at) == WATCH_WAIT ? at : -1;
}

/* One that watches, and has looked */
static struct watch_plan
covered(int64_t now)
{
	struct watch_plan p;

	watch_plan_init(&p, &usual, now);
	watch_plan_started(&p, now);
	watch_plan_ready(&p, now);
	watch_plan_looking(&p, now);
	watch_plan_verified(&p, now, true);
	watch_plan_looked(&p, now, true);
	return p;
}

static void
start(void)
{
	struct watch_plan p;

	watch_plan_init(&p, &usual, 5 * S);
	ok(next(&p, 5 * S) == WATCH_START, "first a child");
	watch_plan_started(&p, 5 * S);
	is_int(due(&p, 5 * S), 15 * S, "while it starts, a look");
	watch_plan_ready(&p, 6 * S);
	ok(next(&p, 6 * S) == WATCH_LOOK, "a look once it watches");
	watch_plan_looking(&p, 6 * S);
	watch_plan_verified(&p, 6 * S, true);
	is_int(due(&p, 6 * S), INT64_MAX, "one at a time");
	watch_plan_looked(&p, 7 * S, true);
	ok(watch_plan_covered(&p), "covered");
	is_int(due(&p, 7 * S), 907 * S, "then for safety only");
}

static void
doubts(void)
{
	struct watch_plan p = covered(100 * S);
	int64_t now = 100 * S;
	bool grows = true;

	for (int i = 0; i < 20; i++) {
		int64_t at;

		watch_plan_doubt(&p, now, "test");
		watch_plan_doubt(&p, now, "another");
		at = p.start_at;
		grows = grows && at >= now && at - now <= 60 * S &&
		    (i >= 2 || at == now) && (i < 14 || at - now == 60 * S);
		now = at;
		grows = grows && next(&p, now) == WATCH_START;
		watch_plan_started(&p, now);
		watch_plan_ready(&p, now);
		grows = grows && next(&p, now) == WATCH_LOOK;
		watch_plan_looking(&p, now);
		watch_plan_looked(&p, now, true);
	}
	ok(grows, "children follow at once, then ever more slowly");
	watch_plan_doubt(&p, now + 60 * S, "test");
	ok(next(&p, now + 60 * S) == WATCH_START, "after one that lasted at "
	    "once again");
}

static void
meanwhile(void)
{
	struct watch_plan p = covered(100 * S);

	watch_plan_doubt(&p, 200 * S, "test");
	watch_plan_started(&p, 200 * S);
	watch_plan_doubt(&p, 201 * S, "test");
	watch_plan_ready(&p, 202 * S);
	ok(!watch_plan_covered(&p) && next(&p, 202 * S) == WATCH_START,
	    "a doubt while one starts is of that one");
	watch_plan_started(&p, 202 * S);
	watch_plan_ready(&p, 203 * S);
	watch_plan_looking(&p, 203 * S);
	watch_plan_look_by(&p, 204 * S);
	watch_plan_looked(&p, 205 * S, true);
	is_int(due(&p, 205 * S), 213 * S, "what became due meanwhile is, after "
	    "a rest");
	watch_plan_look_by(&p, 206 * S);
	is_int(due(&p, 206 * S), 213 * S, "what becomes due now, too");
	watch_plan_looking(&p, 213 * S);
	watch_plan_doubt(&p, 214 * S, "test");
	watch_plan_started(&p, 214 * S);
	watch_plan_ready(&p, 215 * S);
	watch_plan_looked(&p, 216 * S, true);
	ok(next(&p, 216 * S) == WATCH_LOOK, "not what a new child needs");
}

static void
fails(void)
{
	struct watch_plan p = covered(100 * S);

	watch_plan_ended(&p, 200 * S, "ended");
	for (int i = 0; i < 30; i++) {
		watch_plan_started(&p, p.start_at);
		watch_plan_failed(&p, p.start_at, "failed");
	}
	watch_plan_looking(&p, p.start_at);
	watch_plan_looked(&p, p.start_at, true);
	is_int(p.look_at - p.looked_at, 10 * S, "looks without a child");
	watch_plan_retry(&p, p.looked_at, "root");
	is_int(p.start_at, p.looked_at, "what was in its way has gone");
	watch_plan_started(&p, p.start_at);
	ok(next(&p, p.start_at + 50000 * S) == WATCH_GIVE_UP,
	    "one that hangs is given up");
}

static void
looks(void)
{
	struct watch_plan_options scan = { false, 900 * S, 10 * S };
	struct watch_plan p;

	watch_plan_init(&p, &scan, 5 * S);
	ok(next(&p, 5 * S) == WATCH_LOOK, "without events a look at once");
	watch_plan_looking(&p, 5 * S);
	watch_plan_looked(&p, 6 * S, false);
	is_int(due(&p, 6 * S), 16 * S, "one that failed is done again soon");
	watch_plan_looking(&p, 16 * S);
	watch_plan_looked(&p, 1016 * S, true);
	is_int(due(&p, 1016 * S), 5016 * S, "a long one has a long pause");
	watch_plan_doubt(&p, 1017 * S, "test");
	is_int(due(&p, 1017 * S), 5016 * S, "so has what is doubted");
	watch_plan_retry(&p, 1018 * S, "asked for");
	ok(next(&p, 1018 * S) == WATCH_LOOK, "but not what is asked for");
}

/* Seconds to the next look of one that began with this */
static int64_t
closer(struct watch_plan_options o)
{
	struct watch_plan p = covered(100 * S);

	p.options = o;
	watch_plan_looking(&p, 200 * S);
	watch_plan_verified(&p, 200 * S, false);
	watch_plan_looked(&p, 200 * S, true);
	return (p.look_at - 200 * S) / S;
}

static void
unverified(void)
{
	struct watch_plan p = covered(100 * S);

	is_int(closer(usual), 90, "when nobody knows what is watched, looks "
	    "are closer");
	is_int(closer((struct watch_plan_options){ true, 50 * S, 10 * S }),
	    10, "not closer than without a child");
	is_int(closer((struct watch_plan_options){ true, 5 * S, 10 * S }), 5,
	    "but never farther apart");
	is_int(closer((struct watch_plan_options){ false, 900 * S, 10 * S }),
	    900, "when there is to be no child, as they were asked for");
	watch_plan_verified(&p, 200 * S, false);
	is_int(due(&p, 200 * S), 290 * S, "one that was not due is");
	watch_plan_verified(&p, 250 * S, false);
	is_int(due(&p, 250 * S), 290 * S, "and stays");
	watch_plan_looking(&p, 290 * S);
	watch_plan_verified(&p, 290 * S, true);
	watch_plan_looked(&p, 290 * S, true);
	is_int(due(&p, 290 * S), 1190 * S, "once it is known, as before");
	watch_plan_rescan(&p, 290 * S, 60 * S);
	is_int(due(&p, 290 * S), 350 * S, "another time holds at once");
	p = covered(100 * S);
	watch_plan_verified(&p, 200 * S, false);
	watch_plan_rescan(&p, 200 * S, 400 * S);
	is_int(due(&p, 200 * S), 240 * S, "and a tenth of it");
}

int
main(void)
{
	start();
	doubts();
	meanwhile();
	fails();
	looks();
	unverified();
	return done();
}
