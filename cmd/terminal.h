/* Who reads a terminal says so: it would look as if it hung. */
#ifndef IQ_TERMINAL_H
#define IQ_TERMINAL_H

#include "rules/record.h"

/* On stderr, where stdin is one: that this is read from it, and how to end
 * that. */
void terminal_tell(const char *what);
void terminal_tell_stream(enum stream_format format);

#endif
