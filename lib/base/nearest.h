/* What somebody who mistyped a word may have meant. */
#ifndef IQ_NEAREST_H
#define IQ_NEAREST_H

/* The word of the NULL-terminated list that is at most two slips away from word
 * (one, when both have no more than four letters), the nearest and first of
 * these; NULL when none is. */
const char *nearest(const char *word, const char *const *list);

#endif
