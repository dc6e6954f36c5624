/* Lists of words for completion and messages, from tables of the library. */
#ifndef IQ_WORDS_H
#define IQ_WORDS_H

#include <stddef.h>

/* Appends the word, after a space when there is one already.  all: of that
 * size, "" to begin with; what does not fit is left out. */
void words_add(char *all, size_t size, const char *word);

#endif
