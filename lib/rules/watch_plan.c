#include "rules/watch_plan.h"

#include "base/clock.h"

/* Children that follow each other without delay */
#define AT_ONCE 3
#define DELAY_FIRST (100 * NS_PER_MS)
#define DELAY_MOST (60 * NS_PER_S)
/* A child that lasted so long was a good one. */
#define LASTED (60 * NS_PER_S)
/* A tree of millions of directories takes its time, and each time it was not
 * enough there is twice as much. */
#define START_LIMIT (60 * NS_PER_S)
/* A look takes at most one part in so many of the time */
#define SHARE 4
/* Looks follow each other so much faster when nobody knows what is watched, but
 * never faster than without a child */
#define FASTER 10

const char *
watch_coverage_name(enum watch_coverage c)
{
	static const char *const names[] = { "none", "unverified", "partial",
	    "verified" };

	return names[c];
}

/* n doublings, at most that much */
static int64_t
doubled(int64_t first, int n, int64_t most)
{
	while (n-- > 0 && first < most)
		first *= 2;
	return first < most ? first : most;
}

void
watch_plan_init(struct watch_plan *p, const struct watch_plan_options *o,
	int64_t now)
{
	*p = (struct watch_plan){ .options = *o, .doubt = o->events,
	    .why = "starting", .start_at = now, .look_at = o->events ?
	    clock_after(now, o->fallback) : now };
}

bool
watch_plan_covered(const struct watch_plan *p)
{
	return p->child && !p->doubt;
}

static int64_t
look_due_at(const struct watch_plan *p)
{
	return p->look_at > p->rest_until ? p->look_at : p->rest_until;
}

bool
watch_plan_look_due(const struct watch_plan *p, int64_t now)
{
	return !p->looking && look_due_at(p) <= now;
}

void
watch_plan_look_by(struct watch_plan *p, int64_t at)
{
	if (at < p->look_at)
		p->look_at = at;
}

/* Whatever the last one took */
static void
look_now(struct watch_plan *p, int64_t now)
{
	p->look_at = p->rest_until = now;
	p->urgent = true;
}

static void
set_start(struct watch_plan *p, int64_t now)
{
	p->start_at = p->tries < AT_ONCE ? now : clock_after(now,
	    doubled(DELAY_FIRST, p->tries - AT_ONCE, DELAY_MOST));
}

void
watch_plan_doubt(struct watch_plan *p, int64_t now, const char *why)
{
	/* without a child there is nothing to be doubted but what is known */
	if (!p->options.events) {
		watch_plan_look_by(p, now);
		return;
	}
	p->again = p->again || p->starting;
	if (p->doubt)
		return;
	p->doubt = true;
	p->why = why;
	if (now - p->ready_at >= LASTED)
		p->tries = 0;
	set_start(p, now);
	watch_plan_look_by(p, clock_after(now, p->options.fallback));
}

void
watch_plan_retry(struct watch_plan *p, int64_t now, const char *why)
{
	watch_plan_doubt(p, now, why);
	if (!p->options.events)
		look_now(p, now);
	p->tries = 0;
	p->start_at = now;
}

void
watch_plan_started(struct watch_plan *p, int64_t now)
{
	p->starting = true;
	p->again = false;
	p->give_up_at = clock_after(now, doubled(START_LIMIT, p->tries,
	    INT64_MAX / 4));
	if (p->tries < 1000)
		p->tries++;
}

void
watch_plan_ready(struct watch_plan *p, int64_t now)
{
	p->child = true;
	p->starting = false;
	p->doubt = p->again;
	p->ready_at = now;
	look_now(p, now);
	if (p->doubt)
		set_start(p, now);
}

void
watch_plan_failed(struct watch_plan *p, int64_t now, const char *why)
{
	p->starting = p->child = false;
	p->doubt = true;
	p->why = why;
	set_start(p, now);
	watch_plan_look_by(p, clock_after(p->looked_at, p->options.fallback));
}

void
watch_plan_ended(struct watch_plan *p, int64_t now, const char *why)
{
	p->child = false;
	watch_plan_doubt(p, now, why);
}

/* ns between looks that are only for safety */
static int64_t
safety(const struct watch_plan *p)
{
	int64_t rescan = p->options.rescan;
	int64_t closer = rescan / FASTER;

	if (p->verified || !p->options.events)
		return rescan;
	if (closer < p->options.fallback)
		closer = p->options.fallback;
	return closer < rescan ? closer : rescan;
}

void
watch_plan_verified(struct watch_plan *p, int64_t now, bool verified)
{
	bool less = p->verified && !verified;

	p->verified = verified;
	if (less && !p->looking)
		watch_plan_look_by(p, clock_after(now, safety(p)));
}

void
watch_plan_rescan(struct watch_plan *p, int64_t now, int64_t rescan)
{
	p->options.rescan = rescan;
	watch_plan_look_by(p, clock_after(now, safety(p)));
}

void
watch_plan_without(struct watch_plan *p, int64_t now)
{
	p->options.events = p->starting = p->doubt = false;
	p->options.rescan = p->options.fallback;
	watch_plan_look_by(p, now);
}

void
watch_plan_looking(struct watch_plan *p, int64_t now)
{
	p->looking = true;
	p->looked_at = now;
	p->look_at = INT64_MAX;
	p->urgent = false;
}

/* What made another one due meanwhile stays, after a rest. */
void
watch_plan_looked(struct watch_plan *p, int64_t now, bool whole)
{
	bool safe = whole && (watch_plan_covered(p) || !p->options.events);
	int64_t pause = safe ? safety(p) : p->options.fallback;
	int64_t rest = p->urgent ? 0 : SHARE * (now - p->looked_at);

	p->looking = false;
	p->rest_until = clock_after(now, rest);
	watch_plan_look_by(p, clock_after(now, pause));
}

enum watch_step
watch_plan_next(const struct watch_plan *p, int64_t now, int64_t *due)
{
	*due = INT64_MAX;
	if (p->starting && p->give_up_at <= now)
		return WATCH_GIVE_UP;
	if (p->doubt && !p->starting && p->start_at <= now)
		return WATCH_START;
	if (watch_plan_look_due(p, now))
		return WATCH_LOOK;
	if (p->starting)
		*due = p->give_up_at;
	else if (p->doubt)
		*due = p->start_at;
	if (!p->looking && look_due_at(p) < *due)
		*due = look_due_at(p);
	return WATCH_WAIT;
}
