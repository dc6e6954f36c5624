/* What a handle remembers of how lanes stand is what the queue has, whoever
 * changed it. */
#include "hand.h"

#include <math.h>

#define WORKERS 2
#define STEPS 300

struct world {
	struct store *s, *observer;
	struct hand hand[WORKERS];
	bool runs[WORKERS];	/* the job of its last claim */
	uint64_t dice;
	int known, unknown, wrong;
};

static int
dice(struct world *w, int n)
{
	w->dice = w->dice * UINT64_C(6364136223846793005) + 1;
	return (int)((w->dice >> 33) % (uint64_t)n);
}

static bool
same(double a, double b)
{
	return fabs(a - b) <= 1e-12 * (fabs(a) + fabs(b));
}

/* As it stands in the file */
static bool
stands_so(struct store *observer, const struct lane *l)
{
	const struct lane *o = catalog_lane(observer, l->id);
	const struct standing *a = &l->stands, *b;

	if (o == NULL)
		return false;
	b = &o->stands;
	return a->ready == b->ready && same(a->vtime, b->vtime) &&
	    same(a->start, b->start) && same(a->cost, b->cost);
}

static void
read_anew(struct store *s)
{
	must(tx_begin(s, &err));
	s->catalog.standing = false;
	must(standing_read(s, &err));
	tx_abort(s);
}

/* (The observer's catalogue is forgotten only when it is used again.) */
static void
compare(struct world *w, struct store *s)
{
	const struct catalog *c = &s->catalog;

	read_anew(w->observer);
	must(tx_begin(s, &err));
	w->known += c->standing;
	w->unknown += !c->standing;
	for (size_t i = 0; i < c->nlanes && c->standing; i++)
		w->wrong += !stands_so(w->observer, c->lanes[i]);
	must(tx_commit(s, &err));
}

static void
work(struct world *w, int i)
{
	if (w->runs[i])
		hand_in(&w->hand[i], 0, dice(w, 8) ? OUTCOME_SUCCESS :
		    OUTCOME_UNKNOWN, (int64_t)dice(w, 1000) * NS_PER_MS + 1);
	w->runs[i] = !w->runs[i] && claim(&w->hand[i], 1, 1) == 1;
}

static void
step(struct world *w)
{
	static const char *const types[] = { "a", "b", "c", "b/d" };
	struct store *s;
	char path[20];
	int who = dice(w, WORKERS);

	snprintf(path, sizeof(path), "/%d", dice(w, 1000));
	/* a lane that is new is looked at by all again */
	switch (dice(w, 8)) {
	case 0:
		enqueue(w->s, types[dice(w, 4)], path);
		break;
	case 1:
		enqueue(w->hand[who].s, types[dice(w, 4)], path);
		break;
	case 2:
		s = w->hand[who].s;
		must(tx_begin(s, &err));
		tx_abort(s);
		break;
	case 3:
		must(store_sync(w->hand[who].s, &err));
		break;
	default:
		work(w, who);
		break;
	}
	compare(w, w->hand[who].s);
}

static void
test_remembered(void)
{
	const char *path = "standing.db";
	struct world w = { .s = open_queue(path), .dice = 5 };

	w.observer = open_again(path);
	for (int i = 0; i < WORKERS; i++)
		hire(&w.hand[i], path);
	for (int i = 0; i < STEPS; i++)
		step(&w);
	is_int(w.wrong, 0, "a lane stands as it is remembered");
	ok(w.known > STEPS / 8, "it is remembered: %d times, not %d", w.known,
	    w.unknown);
	ok(w.unknown > STEPS / 8, "and not when others changed something");
	is_sound(w.s);
	for (int i = 0; i < WORKERS; i++)
		die(&w.hand[i], true);
	store_close(w.observer);
	store_close(w.s);
}

int
main(void)
{
	test_remembered();
	return done();
}
