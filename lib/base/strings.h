/* Many strings at once. */
#ifndef IQ_STRINGS_H
#define IQ_STRINGS_H

#include <stddef.h>

/* By their bytes, as strcmp; in place.  Multikey quicksort (J. Bentley,
 * R. Sedgewick: Fast algorithms for sorting and searching strings, 1997): what
 * many have in common is looked at once.  (radixsort of libbsd has static
 * variables, and several threads sort here.) */
void strings_sort(const unsigned char **v, size_t n);

#endif
