/* Random numbers that a seed brings back. */
#ifndef IQ_DICE_H
#define IQ_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
 * generators, 2014) */
static inline uint64_t
dice_roll(struct dice *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 .. n-1 */
static inline size_t
dice_below(struct dice *d, size_t n)
{
	return n ? (size_t)(dice_roll(d) % n) : 0;
}

static inline bool
dice_one_in(struct dice *d, size_t n)
{
	return dice_below(d, n) == 0;
}

#endif
