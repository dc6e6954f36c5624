/* Values of settings that are one word, or several in a JSON array. */
#ifndef IQ_WORDS_H
#define IQ_WORDS_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define WORDS_MAX (64 << 10)		/* bytes of text */

/* All of these: NULL-terminated, in the arena; EX_CONFIG with what is wrong. */

/* The text itself, as the only one */
int word_parse(const char *what, const char *text, struct arena *arena,
	const char *const **v, size_t *n, struct err *err);
/* The strings of a JSON array that is not empty; what: of them, for *err */
int words_parse(const char *what, const char *text, struct arena *arena,
	const char *const **v, size_t *n, struct err *err);
/* An absolute path, or an array of them */
int paths_parse(const char *text, struct arena *arena,
	const char *const **v, size_t *n, struct err *err);
/* A pattern as glob.h has them, or an array of them */
int patterns_parse(const char *text, struct arena *arena,
	const char *const **v, size_t *n, struct err *err);

#endif
