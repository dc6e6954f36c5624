#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

__attribute__((format(printf, 3, 0)))
static size_t
fill(struct err *err, int code, const char *fmt, va_list ap)
{
	int n;

	err->code = code;
	err->why = 0;
	n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
	if (n < 0) {
		err->text[0] = '\0';
		return 0;
	}
	return (size_t)n < sizeof(err->text) ? (size_t)n
		: sizeof(err->text) - 1;
}

int
err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return code;
	va_start(ap, fmt);
	fill(err, code, fmt, ap);
	va_end(ap);
	return code;
}

int
err_errno(struct err *err, int code, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;
	size_t n;

	if (err == NULL)
		return code;
	va_start(ap, fmt);
	n = fill(err, code, fmt, ap);
	va_end(ap);
	err->why = saved;
	snprintf(err->text + n, sizeof(err->text) - n, ": %s",
		strerror(saved));
	errno = saved;
	return code;
}

bool
err_shortage(int why)
{
	return why == EAGAIN || why == EMFILE || why == ENFILE ||
		why == ENOMEM;
}

int
err_value(struct err *err, int code, const char *what, const char *value,
	const char *why)
{
	struct buf shown = { 0 };

	if (err == NULL)
		return code;
	text_brief(&shown, bytes_of(value));
	err_set(err, code, "%s \"%s\": %s", what, shown.p, why);
	buf_release(&shown);
	return code;
}
