#include "words.h"

#include <stdio.h>
#include <string.h>

void
words_add(char *all, size_t size, const char *word)
{
	size_t n = strlen(all);

	if (n + 1 + strlen(word) < size)
		snprintf(all + n, size - n, "%s%s", n ? " " : "", word);
}
