/* Whose turn it is: shares by cost and weight, idle types, size classes,
 * ageing, averages, starvation. */
#include "rules/turn.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "tap.h"

#define TYPES 4

struct load {
	struct turn_lane lanes[2 * TYPES];
	size_t n;
	enum scheduler scheduler;
	double got[2 * TYPES];	/* what their jobs really cost */
	double real[2 * TYPES];	/* of each, about */
	uint64_t dice;
};

/* 0 to 1 */
static double
dice(struct load *l)
{
	l->dice = l->dice * UINT64_C(6364136223846793005) + 1;
	return (double)(l->dice >> 40) / (double)(UINT64_C(1) << 24);
}

/* A lane with more work than it will ever get */
static struct turn_lane *
add(struct load *l, double weight, double real)
{
	struct turn_lane *t = &l->lanes[l->n];

	*t = (struct turn_lane){ .id = (int64_t)l->n + 1, .priority = 3,
	    .level = 3, .sibling = TURN_NOBODY, .ready = INT64_MAX / 2,
	    .weight = weight };
	l->real[l->n++] = real;
	return t;
}

/* As a claim does it: everything anew from what the lanes have */
static int
claim_one(struct load *l)
{
	struct turn_order t = { .lanes = l->lanes, .n = l->n,
	    .scheduler = l->scheduler };
	int k;

	for (size_t i = 0; i < l->n; i++)
		turn_see(&t, l->lanes[i].priority, l->lanes[i].start,
		    l->lanes[i].cost);
	turn_begin(&t);
	k = turn_choose(&t);
	if (k != TURN_NOBODY)
		turn_take(&t, k, true);
	return k;
}

/* n jobs, of which so many run at a time: they are measured when they end. A
 * job costs from nothing to twice what those of its lane do. */
static void
run(struct load *l, size_t n, size_t slots)
{
	struct {
		int k;
		double cost;
	} job[16] = { { 0, 0 } };

	for (size_t i = 0; i < n; i++) {
		size_t s = i % slots;

		if (i >= slots) {
			struct turn_lane *t = &l->lanes[job[s].k];
			struct turn_average a = { 0 };

			turn_measured(&a, job[s].cost, 1);
			t->cost = turn_average(&a, t->cost);
			l->got[job[s].k] += job[s].cost;
		}
		job[s].k = claim_one(l);
		job[s].cost = l->real[job[s].k] * 2 * dice(l);
	}
}

static double
jain(const struct load *l)
{
	double sum = 0, squares = 0;

	for (size_t i = 0; i < l->n; i++) {
		double x = l->got[i] / l->lanes[i].weight;

		sum += x;
		squares += x * x;
	}
	return sum * sum / ((double)l->n * squares);
}

static void
test_equal(void)
{
	static const double real[] = { 0.001, 0.01, 0.1, 0.02 };

	for (size_t slots = 1; slots <= 8; slots *= 2) {
		struct load l = { .dice = 7 };

		for (size_t i = 0; i < TYPES; i++)
			add(&l, 1, real[i]);
		run(&l, 20000, slots);
		ok(jain(&l) > 0.99, "four types share by cost, %zu slots: %.4f",
		    slots, jain(&l));
	}
}

static void
test_weights(void)
{
	struct load l = { .dice = 3 };

	add(&l, 1, 0.05);
	add(&l, 3, 0.01);
	add(&l, 10, 0.2);
	run(&l, 20000, 2);
	ok(jain(&l) > 0.99, "by weight: %.4f", jain(&l));
	ok(fabs(l.got[1] / l.got[0] - 3) < 0.3, "3:1 is %.2f",
	    l.got[1] / l.got[0]);
}

static void
test_idle(void)
{
	struct load l = { .dice = 5 };
	size_t mine = 0;

	add(&l, 1, 0.01);
	add(&l, 1, 0.01);
	run(&l, 100, 1);
	l.lanes[1].ready = 0;
	run(&l, 1000, 1);
	l.lanes[1].ready = INT64_MAX / 2;
	is_int(claim_one(&l), 1, "who comes back is next");
	for (size_t i = 0; i < 20; i++)
		mine += claim_one(&l) == 1;
	ok(mine <= 14, "and gets nothing for his absence (%zu of 20)", mine);
	l.lanes[1].held = true;
	run(&l, 1000, 1);
	l.lanes[1].held = false;
	mine = 0;
	for (size_t i = 0; i < 20; i++)
		mine += claim_one(&l) == 1;
	ok(mine <= 14, "nor for having been paused (%zu of 20)", mine);
}

/* Two queues that are busy at different times owe each other nothing. */
static void
test_debt(void)
{
	struct load l = { .dice = 5 };
	size_t mine = 0;

	add(&l, 1, 1);
	add(&l, 1, 1);
	l.lanes[0].cost = l.lanes[1].cost = 1;
	l.lanes[0].ready = 1000;
	l.lanes[1].ready = 0;
	for (size_t i = 0; i < 1000; i++)
		claim_one(&l);
	l.lanes[0].ready = l.lanes[1].ready = 100;
	for (size_t i = 0; i < 20; i++)
		mine += claim_one(&l) == 1;
	ok(mine >= 9 && mine <= 11, "who was served alone pays nothing for it "
	    "(%zu of 20)", mine);
}

static void
test_priorities(void)
{
	struct load l = { .dice = 5 };

	add(&l, 1, 1);
	add(&l, 1000, 1)->priority = 4;
	l.lanes[1].level = 4;
	l.lanes[0].ready = 2;
	is_int(claim_one(&l), 0, "the higher priority first");
	is_int(claim_one(&l), 0, "whatever it has had");
	is_int(claim_one(&l), 1, "then the other one");
	l.lanes[1].ready = 0;
	is_int(claim_one(&l), TURN_NOBODY, "then nobody");
}

/* Its jobs of both size classes */
static void
add_both(struct load *l, double weight)
{
	struct turn_lane *small = add(l, weight, 0.01);
	struct turn_lane *large = add(l, weight, 0.1);

	large->large = 1;
	small->sibling = (int)l->n - 1;
	large->sibling = (int)l->n - 2;
}

static void
test_sizes(void)
{
	struct load l = { .dice = 9, .scheduler = SCHEDULER_FAIR };
	double of_first, of_second;

	add_both(&l, 1);
	add(&l, 1, 0.02);
	run(&l, 40000, 2);
	ok(fabs(l.got[0] / l.got[1] - 3) < 0.2, "small to large is 3:1: %.2f",
	    l.got[0] / l.got[1]);
	of_first = l.got[0] + l.got[1];
	of_second = l.got[2];
	ok(fabs(of_first / of_second - 1) < 0.05, "within the share of their "
	    "type: %.2f", of_first / of_second);
	l.lanes[0].ready = 0;
	l.got[1] = l.got[2] = 0;
	run(&l, 10000, 2);
	ok(fabs(l.got[1] / l.got[2] - 1) < 0.1, "which one has alone as long "
	    "as the other has nothing: %.2f", l.got[1] / l.got[2]);
	is_int(turn_class(-1), 0, "an unknown size is small");
	is_int(turn_class((10 << 20) - 1), 0, "less than 10 MiB, too");
	is_int(turn_class(10 << 20), 1, "10 MiB are large");
}

static void
test_one_queue(void)
{
	struct load l = { .dice = 9 };

	add_both(&l, 1);
	add(&l, 1, 0.02);
	run(&l, 20000, 1);
	ok(fabs((l.got[0] + l.got[1]) / l.got[2] - 1) < 0.05, "with simple "
	    "both have one share: %.2f", (l.got[0] + l.got[1]) / l.got[2]);
}

static void
test_elsewhere(void)
{
	struct load l = { .dice = 1 };
	struct turn_order t = { .lanes = l.lanes };

	add(&l, 1, 1)->elsewhere = true;
	add(&l, 1, 1);
	t.n = l.n;
	is_int(turn_choose(&t), 1, "what cannot go here is passed over");
	ok(!turn_outranked(&t, 1), "by its like");
	l.lanes[1].level = 4;
	ok(turn_outranked(&t, 1), "but nothing less urgent goes before it");
	l.lanes[0].held = true;
	ok(!turn_outranked(&t, 1), "unless it could not start at all");
}

static void
test_ageing(void)
{
	is_int(turn_level(4, 1000 * NS_PER_S, 0), 4, "strict: none");
	is_int(turn_level(4, 59 * NS_PER_S, 60 * NS_PER_S), 4, "not yet");
	is_int(turn_level(4, 60 * NS_PER_S, 60 * NS_PER_S), 3, "a step");
	is_int(turn_level(4, 179 * NS_PER_S, 60 * NS_PER_S), 2, "two");
	is_int(turn_level(4, INT64_MAX, 1), 1, "no more than the highest");
	is_int(turn_level(5, -NS_PER_S, 1), 5, "nor by a clock that was set");
}

/* Of each priority whose turn it is there, then the most urgent, then the
 * oldest one */
static void
test_aged(void)
{
	struct load l = { .dice = 1 };
	int64_t now = 1000;

	add(&l, 1, 1)->eligible = now;
	add(&l, 1, 1)->eligible = now - 900;
	l.lanes[1].priority = 4;
	l.lanes[1].level = 4;
	is_int(claim_one(&l), 0, "by priority");
	l.lanes[1].level = 3;
	is_int(claim_one(&l), 1, "as urgent, and older");
	is_int(claim_one(&l), 1, "whatever it has had");
	l.lanes[1].eligible = now + 1;
	is_int(claim_one(&l), 0, "or younger");
	l.lanes[1].level = 2;
	is_int(claim_one(&l), 1, "or more urgent");
}

static void
test_average(void)
{
	struct turn_average all = { 0 }, one;
	double by_one = 0, before = 4;

	ok(turn_average(&all, 2.5) == 2.5, "nothing measured");
	for (size_t i = 1; i <= 5; i++) {
		one = (struct turn_average){ 0 };
		turn_measured(&one, (double)i, 1);
		by_one = turn_average(&one, by_one);
		before = turn_average(&one, before);
		turn_measured(&all, (double)i, 1);
	}
	ok(fabs(turn_average(&all, 0) - by_one) < 1e-9, "together as one "
	    "after the other");
	ok(fabs(turn_average(&all, 4) - before) < 1e-9, "and on top of what "
	    "there was");
	one = all = (struct turn_average){ 0 };
	turn_measured(&one, 3, 4);
	for (size_t i = 0; i < 4; i++)
		turn_measured(&all, 3, 1);
	ok(fabs(turn_average(&one, 1) - turn_average(&all, 1)) < 1e-9,
	    "so are equal ones");
	one = (struct turn_average){ 0 };
	turn_measured(&one, 0, 1);
	ok(turn_average(&one, 0) > 0, "no job costs nothing");
}

static void
test_starved(void)
{
	struct turn_service v = { .share = 0.25, .slots = 4, .waited = 100,
	    .got = 9, .longest = 1 };
	double percent = 0;

	ok(turn_starved(&v, &percent), "less than a tenth");
	is_int((long long)percent, 9, "and how much");
	v.got = 11;
	ok(!turn_starved(&v, &percent), "more");
	v.got = 0;
	v.longest = 60;
	ok(!turn_starved(&v, &percent), "not yet, when jobs take long");
	v.longest = 0.001;
	ok(turn_starved(&v, &percent), "nothing at all");
	v.waited = 5;
	ok(!turn_starved(&v, &percent), "for a moment");
}

int
main(void)
{
	test_equal();
	test_weights();
	test_idle();
	test_debt();
	test_priorities();
	test_sizes();
	test_one_queue();
	test_elsewhere();
	test_ageing();
	test_aged();
	test_average();
	test_starved();
	return done();
}
