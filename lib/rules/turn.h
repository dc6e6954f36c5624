/*
 * Whose turn it is: which lane the next claim takes from.
 *
 * The highest priority first; within a priority the lane whose virtual time
 * is lowest, so that types share by weight (start-time fair queueing, Goyal,
 * Vin and Cheng 1996).
 */
#ifndef IQ_TURN_H
#define IQ_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct turn_lane {
	int64_t id;
	int priority;		/* 1 first */
	int64_t ready;		/* jobs that could start */
	double vtime;
	bool held;		/* paused, capped, not selected ... */
};

/* Index of the lane to take from, or -1 when all are empty or held. Ties go to
 * the lower id. */
int turn_choose(const struct turn_lane *lanes, size_t n);

/* Virtual time that a job of this cost adds to a lane of this weight (> 0) */
double turn_cost(double cost, double weight);

#endif
