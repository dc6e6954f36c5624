#include "terminal.h"

#include <unistd.h>

#include "opt.h"

void
terminal_tell(const char *what)
{
	if (isatty(STDIN_FILENO))
		warn_say("reading %s from the terminal; ^D ends", what);
}

void
terminal_tell_stream(enum stream_format format)
{
	static const char *const units[] = {
		[STREAM_LINES] = "paths, one a line,",
		[STREAM_NUL] = "paths, each ended by NUL,",
		[STREAM_JSON] = "JSON objects, one a line,",
	};

	terminal_tell(units[format]);
}
