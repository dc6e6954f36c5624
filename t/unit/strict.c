/* With strict priorities no job is claimed before a more urgent one that could
 * have been: whatever is paused, at its cap, out of its rate, held by its key,
 * in a batch, or claimed ahead. */
#include "hand.h"

#define CAP 2
#define RATE 12		/* starts of a type, and no more while the test lasts */
#define STEPS 400
#define SLOT_MOST 4

static const char *const types[] = { "capped", "rated", "paused", "plain",
	"batch" };

struct world {
	struct store *s;
	struct hand hand;
	struct claimed run[HAND_SLOTS][SLOT_MOST];	/* in each slot */
	size_t n[HAND_SLOTS];
	struct arena words[HAND_SLOTS];	/* of their jobs */
	bool paused;
	int rated;		/* starts */
	uint64_t dice;
	int claims, mixed;	/* how much was tried */
};

static int
dice(struct world *w, int n)
{
	w->dice = w->dice * UINT64_C(6364136223846793005) + 1;
	return (int)((w->dice >> 33) % (uint64_t)n);
}

/* A few, of which one may have the key of another */
static void
put_in(struct world *w)
{
	static const struct enqueue_options o = { .on_full = FULL_SETTING };
	struct enqueue_result results[4];
	struct record r[4];
	char paths[4][16];
	size_t n = (size_t)dice(w, 4) + 1, taken;

	for (size_t i = 0; i < n; i++) {
		record_init(&r[i]);
		snprintf(paths[i], sizeof(paths[i]), "/%d", dice(w, 400));
		r[i].type = bytes_of(types[dice(w, 5)]);
		r[i].path = bytes_of(paths[i]);
		r[i].priority = dice(w, 5) + 1;
		r[i].size = dice(w, 2) ? 1 : 20 << 20;
	}
	must(store_enqueue(w->s, &o, r, n, results, &taken, &err));
}

static void
take_up(struct world *w)
{
	for (size_t i = 0; i < w->hand.turn.njobs; i++) {
		const struct claimed *j = &w->hand.turn.jobs[i];
		struct claimed *mine = &w->run[j->slot][w->n[j->slot]++];

		*mine = *j;
		mine->path = arena_copy(&w->words[j->slot], j->path);
		mine->key = arena_copy(&w->words[j->slot], j->key);
		w->rated += strcmp(j->type, "rated") == 0;
	}
}

static bool
could_start(struct world *w, const char *type)
{
	if (strcmp(type, "capped") == 0)
		return number(w->s, "SELECT count(DISTINCT slot) FROM lease l"
		    " JOIN type t ON t.id = l.type WHERE t.name = 'capped'") <
		    CAP;
	if (strcmp(type, "rated") == 0)
		return w->rated < RATE;
	return !w->paused || strcmp(type, "paused") != 0;
}

struct left {
	struct world *w;
	int urgent;		/* priority of the least urgent that was
				 * claimed */
	int64_t id;		/* that should have been, 0: none */
};

static int
look(void *ctx, const struct job *j)
{
	struct left *l = ctx;

	if (j->state != STATE_READY || j->priority >= l->urgent ||
	    !could_start(l->w, j->type))
		return 0;
	l->id = j->id;
	return 1;
}

static bool
is_strict(struct world *w)
{
	struct left left = { .w = w, .urgent = 0 };
	struct job_filter ready = { .states = 1u << STATE_READY };
	const struct turn *t = &w->hand.turn;
	int most = 6;

	for (size_t i = 0; i < t->njobs; i++) {
		if (t->jobs[i].priority > left.urgent)
			left.urgent = t->jobs[i].priority;
		if (t->jobs[i].priority < most)
			most = t->jobs[i].priority;
	}
	w->claims += t->njobs > 0;
	w->mixed += t->njobs > 0 && most < left.urgent;
	must(store_list(w->s, &ready, look, NULL, &left, &err));
	if (left.id)
		printf("# job %lld waits\n", (long long)left.id);
	return left.id == 0;
}

/* For some slots, the last ones ahead */
static bool
claim_some(struct world *w)
{
	struct slot_request r[HAND_SLOTS];
	int runs = dice(w, 3) + 1;
	size_t n = 0, most = (size_t)dice(w, 4) + 1;

	for (int slot = 0; slot < HAND_SLOTS && n < most; slot++) {
		int has = (int)w->n[slot];

		/* one that runs may have more of the same */
		if (has == SLOT_MOST || (has && dice(w, 2)))
			continue;
		r[n] = (struct slot_request){ .slot = slot,
		    .jobs = dice(w, SLOT_MOST - has) + 1,
		    .ahead = !has && (int)n >= runs };
		n++;
	}
	if (n == 0)
		return true;
	claim_for(&w->hand, r, n);
	take_up(w);
	return is_strict(w);
}

static void
end_one(struct world *w)
{
	static const enum outcome outcomes[] = { OUTCOME_SUCCESS,
	    OUTCOME_SUCCESS, OUTCOME_TRANSIENT, OUTCOME_RELEASED };
	struct attempt_end e[SLOT_MOST];
	int slot = dice(w, HAND_SLOTS);

	for (size_t i = 0; i < w->n[slot]; i++)
		e[i] = end_of(&w->run[slot][i], outcomes[dice(w, 4)], 1);
	if (w->n[slot])
		is_int((long long)hand_in_all(&w->hand, e, w->n[slot]), 0,
		    "slot %d hands in", slot);
	w->n[slot] = 0;
	arena_reset(&w->words[slot]);
}

int
main(void)
{
	struct world w = { .s = open_queue("strict.db"), .dice = 11 };
	bool strict = true;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		enqueue(w.s, types[i], "/first");
	set(w.s, "capped", SET_MAX_WORKERS, "2");
	set(w.s, "rated", SET_RATE_LIMIT, "12/365d");
	set(w.s, NULL, SET_BREAKER, "0");
	hire(&w.hand, "strict.db");
	for (int i = 0; i < STEPS && strict; i++) {
		int what = dice(&w, 10);

		if (what < 3)
			put_in(&w);
		else if (what < 6)
			end_one(&w);
		else if (what < 9)
			strict = claim_some(&w);
		else if ((w.paused = !w.paused))
			must(store_pause(w.s, "paused", NULL, 0, &err));
		else
			must(store_resume(w.s, "paused", &err));
	}
	ok(strict, "no job went before a more urgent one that could start");
	ok(w.claims > 50 && w.mixed > 10, "of %d claims, %d of several "
	    "priorities", w.claims, w.mixed);
	is_int(w.rated, RATE, "a rate limit was met");
	is_sound(w.s);
	for (int slot = 0; slot < HAND_SLOTS; slot++)
		arena_release(&w.words[slot]);
	die(&w.hand, true);
	store_close(w.s);
	return done();
}
