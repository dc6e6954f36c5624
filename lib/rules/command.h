/* A command as a setting holds it: an absolute path, or a JSON array. */
#ifndef IQ_COMMAND_H
#define IQ_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "rules/words.h"

#define COMMAND_MAX WORDS_MAX

/* The arguments of text, NULL-terminated, in the arena. EX_CONFIG when text
 * is neither an absolute path nor a JSON array of strings that starts with
 * one. */
int command_parse(const char *text, struct arena *arena,
	const char *const **argv, size_t *argc, struct err *err);

/* An argument of it holds what can only be said of one job at a time: of words
 * in braces {type}, and {} as all of an argument, can be said of several. */
bool command_wants_one(const char *const *argv);
/* An argument of it holds such a word at all. */
bool command_wants_any(const char *const *argv);

#endif
