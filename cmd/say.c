/* What programs say on stderr, and whether what they printed has arrived. */
#include "say.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/text.h"

static const char *program_name = "iq";
/* Who writes them, where that must not block */
static warn_fn *warn_put;
static void *warn_ctx;

void
say_as(const char *name)
{
	program_name = name;
}

/* One line in one write, so that the lines of several processes stay whole;
 * escaped always, because a log is read in a terminal sooner or later. */
__attribute__((format(printf, 1, 0)))
static void
say_line(const char *fmt, va_list ap, warn_fn *put_line)
{
	struct buf text = { 0 }, line = { 0 };

	buf_addv(&text, fmt, ap);
	buf_adds(&line, program_name);
	buf_adds(&line, ": ");
	text_escape(&line, (struct bytes){ text.p, text.len });
	buf_addc(&line, '\n');
	if (put_line)
		put_line(warn_ctx, buf_bytes(&line));
	else
		io_write_all(STDERR_FILENO, line.p, line.len);
	buf_release(&line);
	buf_release(&text);
}

void
warn_through(warn_fn *put, void *ctx)
{
	warn_put = put;
	warn_ctx = ctx;
}

void
warn_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_line(fmt, ap, warn_put);
	va_end(ap);
}

_Noreturn void
die(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_line(fmt, ap, NULL);
	va_end(ap);
	exit(code);
}

_Noreturn void
die_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_line(fmt, ap, NULL);
	va_end(ap);
	fprintf(stderr, "try '%s --help'\n", program_name);
	exit(EX_USAGE);
}

/* ---- the end of output ---- */

/* Why an earlier write failed, which stdio does not keep: ask the pipe, then
 * the file, by one byte more behind output that is cut short anyway. */
static int
lost_errno(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO };

	if (poll(&p, 1, 0) == 1 && (p.revents & POLLERR) != 0)
		return EPIPE;
	return write(STDOUT_FILENO, "\n", 1) < 0 ? errno : EIO;
}

int
output_finish(int code)
{
	bool failed = ferror(stdout) != 0;
	int why = 0;

	if (fflush(stdout) != 0)
		why = errno;
	else if (failed)
		why = lost_errno();
	else if (close(STDOUT_FILENO) != 0)
		why = errno;
	if (why == 0 || why == EPIPE)
		return code;
	warn_say("writing standard output: %s", strerror(why));
	return EX_IOERR;
}
