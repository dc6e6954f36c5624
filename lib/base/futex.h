/*
 * Sleeping on a word of memory that processes share (futex(2)): what a lock in
 * a mapped file is made of.
 */
#ifndef IQ_FUTEX_H
#define IQ_FUTEX_H

#include <stdbool.h>
#include <stdint.h>

typedef _Atomic uint32_t futex_word;

/* Where there is no such thing the other two return at once. */
bool futex_exists(void);
/* While the word has this value, at most ms; may return earlier */
void futex_wait(futex_word *w, uint32_t value, int ms);
/* One that waits */
void futex_wake(futex_word *w);

#endif
