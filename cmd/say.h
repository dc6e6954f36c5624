/* What programs say on stderr, and whether what they printed has arrived. */
#ifndef IQ_SAY_H
#define IQ_SAY_H

#include "base/bytes.h"

/* Whose messages these are; for args_init */
void say_as(const char *name);
/* "prog: what: why" on stderr: one line, in which control characters, bidi
 * marks and invalid UTF-8 are escaped. */
void warn_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* From now on each such line goes there, with its newline; NULL: to stderr.
 * What is said by those below always does. */
typedef void warn_fn(void *ctx, struct bytes line);
void warn_through(warn_fn *put, void *ctx);
_Noreturn void die(int code, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* die(64) with a pointer to --help */
_Noreturn void die_usage(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

/* Every byte of stdout has arrived: 0, or 74 said on stderr; EPIPE is quiet
 * (the reader had enough). Call last: return output_finish(code); */
int output_finish(int code);

#endif
