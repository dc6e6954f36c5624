/* Numbers that look like any, and are the same ones each time: xorshift64
 * (G. Marsaglia, 2003). */
#ifndef IQ_RANDOM_H
#define IQ_RANDOM_H

#include <stdint.h>

static uint64_t seed = 88172645463325252u;

static inline uint64_t
next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

#endif
