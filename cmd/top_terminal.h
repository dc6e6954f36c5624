#ifndef IQ_TOP_TERMINAL_H
#define IQ_TOP_TERMINAL_H

#include "base/err.h"

/* Whether curses can draw on this terminal, which would itself end the program
 * where it cannot: 69, with what to do about it. */
int top_terminal_check(struct err *err);

#endif
