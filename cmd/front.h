/* How the front door finds what it opens. */
#ifndef IQ_FRONT_H
#define IQ_FRONT_H

#include <stdbool.h>

#include "base/buf.h"

/* The directory in which this program really lives, links followed, or NULL;
 * to be freed. */
char *front_directory(const char *argv0);
/* The file of iq-NAME in *out; false when there is none. */
bool front_find(const char *directory, const char *name, struct buf *out);
_Noreturn void front_run(const char *path, char **argv);
/* Exits with 64: there is no command of this name, nor (help) a topic. (iq.c)
 */
_Noreturn void front_unknown(const char *name, bool help);

/* What has a page and is no command; ends with NULL (front_help.c) */
extern const char *const front_topics[];

/* Shows a page with man(1), or else what the command says of itself.
 * (front_help.c) */
_Noreturn void front_help(const char *directory, const char *what);

#endif
