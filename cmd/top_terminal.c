/* In a file of its own: term.h makes macros of many words. */
#include <curses.h>
#include <stdlib.h>
#include <term.h>
#include <unistd.h>

#include "top_terminal.h"

int
top_terminal_check(struct err *err)
{
	static const char help[] = "say what it is, as in TERM=xterm or "
	    "TERM=vt100; iq-stats needs no terminal";
	const char *name = getenv("TERM");
	bool moves;
	int found;

	if (name == NULL || *name == '\0')
		return err_set(err, EX_UNAVAILABLE, "use the terminal: TERM is "
		    "not set; %s", help);
	if (setupterm(name, STDOUT_FILENO, &found) != OK)
		return err_set(err, EX_UNAVAILABLE, "use the terminal: %s is "
		    "not known on this machine; %s", name, help);
	moves = cursor_address != NULL;
	del_curterm(cur_term);
	if (!moves)
		return err_set(err, EX_UNAVAILABLE, "use the terminal: the "
		    "cursor of %s cannot be moved; %s", name, help);
	return 0;
}
