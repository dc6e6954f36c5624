/* Types share a worker's time by what their jobs cost, as claims see it. */
#include "hand.h"

#include <math.h>

#define TYPES 4
#define MOST 16

/* What a slot has in hand, in the order in which they end */
struct handful {
	struct claimed job[MOST];
	int64_t took[MOST];	/* ns */
	size_t n;
	struct arena words;
};

/* A worker, whose jobs take no time and say that they took some */
struct world {
	struct store *s;
	struct hand hand;
	struct turn turn;
	const enum scheduler *scheduler;
	int jobs;		/* a slot gets at once */
	bool window;		/* they end one by one, and half of them are
				 * enough to ask for more */
	int64_t startup;	/* ns that the first one of all takes more */
	struct handful slots[HAND_SLOTS];
	double cost[TYPES], got[TYPES][2];	/* s; of small and large input */
	uint64_t dice;
};

static double
dice(struct world *w)
{
	w->dice = w->dice * UINT64_C(6364136223846793005) + 1;
	return (double)(w->dice >> 40) / (double)(UINT64_C(1) << 24);
}

static void
put_in(struct world *w, int type, int n, int64_t bytes, int priority)
{
	static const struct enqueue_options o = { .no_key = true };
	struct enqueue_result results[512];
	struct record r[512];
	char name[2] = { (char)('a' + type), 0 };
	size_t taken;

	for (int i = 0; i < n; i++) {
		record_init(&r[i]);
		r[i].type = bytes_of(name);
		r[i].path = bytes_of(bytes < 10 << 20 ? "/s" : "/l");
		r[i].priority = priority;
		r[i].size = bytes;
	}
	must(store_enqueue(w->s, &o, r, (size_t)n, results, &taken, &err));
}

static int
type_of(const struct claimed *j)
{
	return j->type[0] - 'a';
}

/* A batch has its time together; of a window only the first one has ended. */
static size_t
ends_of(const struct world *w, const struct handful *h,
	struct attempt_end *e)
{
	size_t n = w->window && h->n > 0 ? 1 : h->n;
	int64_t all = 0;

	for (size_t i = 0; i < n; i++)
		all += h->took[i];
	for (size_t i = 0; i < n; i++) {
		e[i] = end_of(&h->job[i], OUTCOME_SUCCESS, 1);
		e[i].finished = e[0].finished;
		e[i].started = e[i].finished - all;
	}
	return n;
}

static void
drop(struct handful *h, size_t n)
{
	h->n -= n;
	memmove(h->job, h->job + n, h->n * sizeof(*h->job));
	memmove(h->took, h->took + n, h->n * sizeof(*h->took));
	if (h->n == 0)
		arena_reset(&h->words);
}

static void
give(struct world *w, struct handful *h, const struct claimed *j)
{
	double took = w->cost[type_of(j)] * 2 * dice(w);
	struct claimed *its = &h->job[h->n];

	*its = *j;
	its->type = arena_copy(&h->words, bytes_of(j->type)).p;
	its->path = arena_copy(&h->words, j->path);
	w->got[type_of(j)][j->path.p[1] == 'l'] += took;
	h->took[h->n++] = (int64_t)(took * NS_PER_S) + w->startup;
	w->startup = 0;
}

/* Hands in what has ended in the slot, if anything, and gives it more. */
static bool
turn_of(struct world *w, int slot)
{
	struct handful *h = &w->slots[slot];
	struct attempt_end e[MOST];
	size_t n = ends_of(w, h, e), left = h->n - n;
	struct slot_request request = { .slot = slot,
	    .jobs = w->jobs - (int)left };
	struct turn_request r = { .worker = w->hand.id,
	    .selection = &everything, .scheduler = w->scheduler,
	    .slots = &request, .nslots = 2 * left <= (size_t)w->jobs,
	    .ends = e, .nends = n };

	must(store_turn(w->s, &r, &w->turn, &err));
	drop(h, n);
	for (size_t i = 0; i < w->turn.njobs; i++)
		give(w, h, &w->turn.jobs[i]);
	return w->turn.njobs > 0;
}

static void
run(struct world *w, int turns, int slots)
{
	for (int i = 0; i < turns; i++)
		turn_of(w, i % slots);
}

static void
begin(struct world *w, const char *path)
{
	*w = (struct world){ .s = open_queue(path), .jobs = 1,
	    .dice = 17 };
	hire(&w->hand, path);
}

static void
end(struct world *w)
{
	for (int slot = 0; slot < HAND_SLOTS; slot++)
		arena_release(&w->slots[slot].words);
	turn_release(&w->turn);
	die(&w->hand, true);
	store_close(w->s);
}

static double
sum_of(const struct world *w, int type)
{
	return w->got[type][0] + w->got[type][1];
}

/* ---- shares ---- */

static void
test_equal(void)
{
	static const double cost[TYPES] = { 0.01, 0.02, 0.05, 0.04 };
	double sum = 0, squares = 0, jain;
	struct world w;

	begin(&w, "equal.db");
	for (int i = 0; i < TYPES; i++) {
		w.cost[i] = cost[i];
		put_in(&w, i, 500, -1, 3);
	}
	run(&w, 800, 3);
	for (int i = 0; i < TYPES; i++) {
		sum += sum_of(&w, i);
		squares += sum_of(&w, i) * sum_of(&w, i);
	}
	jain = sum * sum / (TYPES * squares);
	ok(jain >= 0.95, "four equal types share by cost: %.4f", jain);
	is_sound(w.s);
	end(&w);
}

static void
test_weight(void)
{
	struct world w;
	double ratio;

	begin(&w, "weight.db");
	put_in(&w, 0, 400, -1, 3);
	put_in(&w, 1, 400, -1, 3);
	set(w.s, "b", SET_WEIGHT, "3");
	w.cost[0] = 0.01;
	w.cost[1] = 0.02;
	run(&w, 400, 2);
	ratio = sum_of(&w, 1) / sum_of(&w, 0);
	ok(ratio > 2.5 && ratio < 3.5, "weight 3 to 1: %.2f", ratio);
	end(&w);
}

static void
test_sizes(void)
{
	static const enum scheduler fair = SCHEDULER_FAIR;
	struct world w;
	double ratio;

	begin(&w, "sizes.db");
	for (int i = 0; i < 2; i++) {
		w.cost[i] = 0.01;
		put_in(&w, i, 400, 1, 3);
		put_in(&w, i, 200, 20 << 20, 3);
	}
	w.scheduler = &fair;
	run(&w, 400, 2);
	ratio = w.got[0][0] / w.got[0][1];
	ok(ratio > 2.5 && ratio < 3.5, "small to large 3 to 1: %.2f", ratio);
	ratio = sum_of(&w, 0) / sum_of(&w, 1);
	ok(ratio > 0.9 && ratio < 1.1, "of each type the same: %.2f", ratio);
	end(&w);
}

/* Two types, of which the first one's jobs are long and of either size, and
 * the second one's have that weight, until one has nothing left: what that got
 * for each s of the first */
static double
long_to_short(struct world *w, const char *weight, int slots)
{
	int64_t left = 1;

	w->cost[0] = 0.2;
	w->cost[1] = 0.02;
	for (int i = 0; i < 500; i++)
		put_in(w, 0, 1, i & 1 ? 20 << 20 : 1, 3);
	for (int i = 0; i < 8; i++)
		put_in(w, 1, 500, -1, 3);
	set(w->s, "b", SET_WEIGHT, weight);
	for (int i = 0; left > 0 && i < 6000; i++) {
		turn_of(w, i % slots);
		left = number(w->s, "SELECT min(n) FROM"
		    " (SELECT sum(ready) AS n FROM lane GROUP BY type)");
	}
	return sum_of(w, 1) / sum_of(w, 0);
}

static void
test_many_at_once(void)
{
	for (int i = 0; i < 8; i++) {
		const char *weight = i & 1 ? "4" : "1";
		int due = i & 1 ? 4 : 1, slots = i & 4 ? 3 : 1;
		struct world w;
		double ratio;

		begin(&w, "many.db");
		w.jobs = 10;
		w.window = i & 2;
		w.startup = w.window ? NS_PER_S : 0;
		ratio = long_to_short(&w, weight, slots) / due;
		ok(ratio > 0.85 && ratio < 1.18, "long and short ones 1 to %s, "
		    "%s of 10, %d slots: %.2f of it", weight,
		    w.window ? "windows" : "batches", slots, ratio);
		end(&w);
	}
}

/* What the first slot gets, one after the other: "slsl" */
static const char *
next_ones(struct world *w, int n)
{
	static char names[32];

	for (int i = 0; i < n; i++)
		names[i] = turn_of(w, 0) ? w->slots[0].job[0].path.p[1] :
		    '-';
	names[n] = '\0';
	return names;
}

static void
test_one_queue(void)
{
	struct world w;

	begin(&w, "one.db");
	put_in(&w, 0, 2, 20 << 20, 3);
	put_in(&w, 0, 1, 1, 3);
	put_in(&w, 0, 1, 20 << 20, 3);
	put_in(&w, 0, 2, 1, 3);
	is_str(next_ones(&w, 7), "llslss-", "else sizes are one queue");
	is_int(number(w.s, "SELECT sum(class) FROM lane"), 1, "of two lanes");
	end(&w);
}

/* A repetition does not know the size better. */
static void
test_merge(void)
{
	static const struct enqueue_options o = { .on_full = FULL_SETTING };
	struct enqueue_result result;
	struct world w;
	struct record r;
	size_t taken;

	begin(&w, "merge.db");
	for (int priority = 3; priority >= 2; priority--) {
		record_init(&r);
		r.type = bytes_of("a");
		r.path = bytes_of("/l");
		r.priority = priority;
		r.size = priority == 3 ? 20 << 20 : RECORD_UNSET;
		must(store_enqueue(w.s, &o, &r, 1, &result, &taken, &err));
	}
	is_int(number(w.s, "SELECT class * 10 + priority FROM lane"
	    " WHERE ready = 1"), 12, "it is large, and more urgent");
	is_sound(w.s);
	end(&w);
}

/* ---- what is measured and charged ---- */

static void
test_batch(void)
{
	struct attempt_end e[4];
	struct world w;

	begin(&w, "batch.db");
	put_in(&w, 0, 8, -1, 3);
	claim_for(&w.hand, &(struct slot_request){ .jobs = 4 }, 1);
	for (int i = 0; i < 4; i++)
		e[i] = end_of(&w.hand.turn.jobs[i], OUTCOME_SUCCESS,
		    4 * NS_PER_S);
	hand_in_all(&w.hand, e, 4);
	is_int(number(w.s, "SELECT round(cost * 10) FROM lane"), 10,
	    "those of a batch have its time together");
	claim_for(&w.hand, &(struct slot_request){ .jobs = 2 }, 1);
	for (int i = 0; i < 2; i++)
		e[i] = end_of(&w.hand.turn.jobs[i], OUTCOME_SUCCESS,
		    NS_PER_S);
	e[1].started = e[0].finished;
	e[1].finished += NS_PER_S;
	hand_in_all(&w.hand, e, 2);
	is_int(number(w.s, "SELECT round(cost * 10) FROM lane"), 10,
	    "those of a window one after the other");
	end(&w);
}

static void
test_return(void)
{
	struct world w;

	begin(&w, "return.db");
	put_in(&w, 0, 2, -1, 3);
	claim(&w.hand, 1, 1);
	is_int(number(w.s, "SELECT vtime > 0 FROM lane"), 1,
	    "a claim is charged");
	hand_in(&w.hand, 0, OUTCOME_RELEASED, 0);
	is_int(number(w.s, "SELECT vtime = 0 FROM lane"), 1,
	    "unless it comes to nothing");
	end(&w);
}

/* A slot gets many of a, which end after 1 ms each. */
static void
begin_many(struct world *w, const char *path)
{
	begin(w, path);
	put_in(w, 0, 200, -1, 3);
	claim_for(&w->hand, &(struct slot_request){ .jobs = 100 }, 1);
}

static void
end_many(struct world *w)
{
	struct attempt_end e[100];

	for (int i = 0; i < 100; i++) {
		e[i] = end_of(&w->hand.turn.jobs[i], OUTCOME_SUCCESS,
		    100 * NS_PER_MS);
		/* together, however long this takes */
		e[i].started = e[0].started;
		e[i].finished = e[0].finished;
	}
	hand_in_all(&w->hand, e, 100);
	is_int(number(w->s, "SELECT round(vtime * 1000) FROM lane"
	    " WHERE type = 1"), 100, "it pays for what they took");
	end(w);
}

static void
test_others_meanwhile(void)
{
	struct world w;

	begin_many(&w, "alone.db");
	end_many(&w);
	begin_many(&w, "new.db");
	put_in(&w, 1, 1, -1, 3);
	set(w.s, "b", SET_WEIGHT, "3");
	end_many(&w);
}

/* A turn that comes to nothing charges nothing, nor is it a settlement. */
static void
test_undone(void)
{
	struct attempt_end e;
	struct turn t = { 0 };
	struct turn_request r = { .selection = &everything,
	    .slots = &(struct slot_request){ .slot = 1, .jobs = 50 },
	    .nslots = 1, .ends = &e };
	struct world w;

	begin_many(&w, "undone.db");
	r.worker = w.hand.id;
	must(db_exec(&w.s->db, "CREATE TRIGGER no BEFORE INSERT ON lease"
	    " BEGIN SELECT RAISE(ABORT, 'no'); END", &err));
	for (int i = 0; i < 5; i++) {
		e = end_of(&w.hand.turn.jobs[0], OUTCOME_SUCCESS, NS_PER_S);
		r.nends = (size_t)i & 1;
		ok(store_turn(w.hand.s, &r, &t, &err) != 0, "a turn fails");
	}
	must(db_exec(&w.s->db, "DROP TRIGGER no", &err));
	turn_release(&t);
	end_many(&w);
}

static void
test_guess(void)
{
	struct world w;

	begin_many(&w, "guess.db");
	ok(number(w.s, "SELECT vtime < 2 FROM lane"), "what nobody has seen "
	    "ending is not charged as if it took long");
	end(&w);
}

/* ---- ageing ---- */

static const char *
next_priorities(struct world *w, int n)
{
	static char found[32];

	for (int i = 0; i < n; i++)
		found[i] = turn_of(w, 0) ? (char)('0' +
		    w->slots[0].job[0].priority) : '-';
	found[n] = '\0';
	return found;
}

/* Jobs of the priorities 2, 4 and 5, that have waited 0, 130 and 70 s */
static void
put_in_old(struct world *w)
{
	for (int priority = 2; priority <= 5; priority++)
		if (priority != 3)
			put_in(w, 0, 2, -1, priority);
	must(db_exec(&w->s->db, "UPDATE job SET eligible_at = eligible_at -"
	    " CASE priority WHEN 4 THEN 130 WHEN 5 THEN 70 ELSE 0 END"
	    " * 1000000000 FROM lane WHERE lane.id = job.lane", &err));
}

static void
test_ageing(void)
{
	struct world w;

	begin(&w, "ageing.db");
	put_in_old(&w);
	is_str(next_priorities(&w, 7), "224455-", "strict");
	put_in_old(&w);
	set(w.s, "a", SET_AGING, "60s");
	is_str(next_priorities(&w, 7), "442255-", "with a step each minute");
	put_in_old(&w);
	put_in(&w, 0, 2, -1, 1);
	set(w.s, "a", SET_AGING, "10s");
	is_str(next_priorities(&w, 9), "44551122-", "with shorter ones, and "
	    "new ones of 1");
	end(&w);
}

int
main(void)
{
	test_equal();
	test_weight();
	test_sizes();
	test_many_at_once();
	test_one_queue();
	test_merge();
	test_batch();
	test_return();
	test_others_meanwhile();
	test_undone();
	test_guess();
	test_ageing();
	return done();
}
