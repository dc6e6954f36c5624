#include "rules/watch_record.h"

#include <string.h>

/* inotifywait has a buffer of 4096 bytes for a record, and goes on beyond it;
 * what gets near to that is not believed. */
#define LONGEST 4090
#define LONGEST_EVENTS 256
/* PATH_MAX and the flags */
#define LONGEST_FSWATCH 8192

struct word {
	const char *text;
	unsigned what;
};

static const struct word inotify_words[] = {
	{ "CREATE", WATCH_CREATED }, { "CLOSE_WRITE", WATCH_WRITTEN },
	{ "CLOSE", 0 }, { "MOVED_TO", WATCH_MOVED_TO },
	{ "MOVED_FROM", WATCH_MOVED_FROM }, { "DELETE", WATCH_DELETED },
	{ "DELETE_SELF", WATCH_SELF }, { "MOVE_SELF", WATCH_SELF },
	{ "UNMOUNT", WATCH_UNMOUNTED }, { "Q_OVERFLOW", WATCH_OVERFLOW },
	{ "ISDIR", WATCH_DIRECTORY }, { "IGNORED", 0 }, { NULL, 0 }
};

/* Renamed is said of both names. */
static const struct word fswatch_words[] = {
	{ "NoOp", 0 }, { "PlatformSpecific", 0 },
	{ "Created", WATCH_CREATED | WATCH_CHANGED },
	{ "Updated", WATCH_CHANGED }, { "Removed", WATCH_DELETED },
	{ "Renamed", WATCH_CHANGED }, { "OwnerModified", 0 },
	{ "AttributeModified", 0 }, { "MovedFrom", WATCH_CHANGED },
	{ "MovedTo", WATCH_CHANGED }, { "IsFile", 0 },
	{ "IsDir", WATCH_DIRECTORY }, { "IsSymLink", 0 }, { "Link", 0 },
	{ "Overflow", WATCH_OVERFLOW }, { "CloseWrite", WATCH_WRITTEN },
	{ NULL, 0 }
};

/* Names separated by commas; false when one is not known */
static bool
words_read(const struct word *words, struct bytes s, unsigned *what)
{
	const char *end = s.p + s.n, *comma;
	const struct word *w;

	*what = 0;
	for (const char *p = s.p; p <= end; p = comma + 1) {
		size_t n;

		comma = memchr(p, ',', (size_t)(end - p));
		if (comma == NULL)
			comma = end;
		n = (size_t)(comma - p);
		for (w = words; w->text; w++)
			if (strlen(w->text) == n && memcmp(w->text, p, n) == 0)
				break;
		if (w->text == NULL)
			return false;
		*what |= w->what;
	}
	return true;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* All of it, 1 to 16 digits */
static bool
hex_read(struct bytes s, uint64_t *out)
{
	if (s.n == 0 || s.n > 16)
		return false;
	*out = 0;
	for (size_t i = 0; i < s.n; i++) {
		int digit = hex_digit(s.p[i]);

		if (digit < 0)
			return false;
		*out = *out << 4 | (unsigned)digit;
	}
	return true;
}

/* ---- inotifywait ---- */

/* Up to its NUL, at most that many bytes */
static enum watch_found
field(const char *p, size_t n, size_t most, size_t *at, struct bytes *out)
{
	size_t left = n - *at < most ? n - *at : most;
	const char *end = memchr(p + *at, '\0', left);

	if (end == NULL)
		return left == most ? WATCH_GARBLED : WATCH_MORE;
	*out = (struct bytes){ p + *at, (size_t)(end - p) - *at };
	*at += out->n + 1;
	return WATCH_RECORD;
}

static bool
is_sound(const struct watch_record *r, uint64_t cookie)
{
	if (cookie > UINT32_MAX)
		return false;
	if (r->what & WATCH_OVERFLOW)
		return r->what == WATCH_OVERFLOW && r->dir.n == 0 &&
		    r->name.n == 0;
	return (r->what & ~(unsigned)WATCH_DIRECTORY) != 0 && r->dir.n > 0 &&
	    r->dir.p[0] == '/' && r->dir.p[r->dir.n - 1] == '/' &&
	    memchr(r->name.p, '/', r->name.n) == NULL;
}

enum watch_found
watch_record_inotify(const char *p, size_t n, size_t *used,
	struct watch_record *out)
{
	struct bytes events, cookie;
	enum watch_found found;
	uint64_t number;

	*used = 0;
	found = field(p, n, LONGEST_EVENTS, used, &events);
	if (found == WATCH_RECORD && !words_read(inotify_words, events,
	    &out->what))
		found = WATCH_GARBLED;
	if (found == WATCH_RECORD)
		found = field(p, n, LONGEST, used, &out->dir);
	if (found == WATCH_RECORD)
		found = field(p, n, LONGEST, used, &out->name);
	if (found == WATCH_RECORD)
		found = field(p, n, 9, used, &cookie);
	if (found != WATCH_RECORD)
		return found;
	if (*used > LONGEST || !hex_read(cookie, &number) ||
	    !is_sound(out, number))
		return WATCH_GARBLED;
	out->cookie = (uint32_t)number;
	return WATCH_RECORD;
}

/* ---- fswatch ---- */

enum watch_found
watch_record_fswatch(const char *p, size_t n, size_t *used,
	struct watch_record *out)
{
	enum watch_found found;
	struct bytes line;
	const char *space, *slash;

	*used = 0;
	found = field(p, n, LONGEST_FSWATCH, used, &line);
	if (found != WATCH_RECORD)
		return found;
	space = memrchr(line.p, ' ', line.n);
	if (space == NULL || !words_read(fswatch_words, (struct bytes){
	    space + 1, line.n - (size_t)(space + 1 - line.p) }, &out->what))
		return WATCH_GARBLED;
	line.n = (size_t)(space - line.p);
	out->cookie = 0;
	out->dir = out->name = (struct bytes){ line.p, 0 };
	if (out->what & WATCH_OVERFLOW) {
		out->what = WATCH_OVERFLOW;
		return WATCH_RECORD;
	}
	slash = memrchr(line.p, '/', line.n);
	if (slash == NULL || line.p[0] != '/')
		return WATCH_GARBLED;
	out->dir.n = (size_t)(slash + 1 - line.p);
	out->name = (struct bytes){ slash + 1, line.n - out->dir.n };
	return WATCH_RECORD;
}

/* ---- its messages ---- */

static bool
begins(struct bytes line, const char *with)
{
	size_t n = strlen(with);

	return line.n >= n && memcmp(line.p, with, n) == 0;
}

enum watch_says
watch_says(struct bytes line)
{
	if (begins(line, "Watches established."))
		return WATCH_SAYS_READY;
	if (line.n == 0 || begins(line, "Setting up watches."))
		return WATCH_SAYS_NOTHING;
	if (memmem(line.p, line.n, "upper limit", 11) ||
	    memmem(line.p, line.n, "No space left on device", 23))
		return WATCH_SAYS_LIMIT;
	return WATCH_SAYS_TROUBLE;
}

/* ---- what it watches ---- */

static bool
value(struct bytes line, const char *name, struct bytes *out)
{
	size_t n = strlen(name);
	const char *at = memmem(line.p, line.n, name, n);
	const char *end = line.p + line.n, *space;

	if (at == NULL)
		return false;
	at += n;
	space = memchr(at, ' ', (size_t)(end - at));
	*out = (struct bytes){ at, (size_t)((space ? space : end) - at) };
	return true;
}

bool
watch_mark_parse(struct bytes line, struct watch_mark *out)
{
	struct bytes text;
	uint64_t number;

	if (!begins(line, "inotify wd:") ||
	    !value(line, " ino:", &text) || !hex_read(text, &out->inode) ||
	    !value(line, " sdev:", &text) || !hex_read(text, &number) ||
	    number > UINT32_MAX)
		return false;
	out->device = (uint32_t)number;
	out->handle_type = -1;
	out->handle = BYTES_NONE;
	if (value(line, " fhandle-type:", &text) && hex_read(text, &number) &&
	    number <= INT32_MAX && value(line, " f_handle:", &text) &&
	    text.n > 0 && text.n % 2 == 0) {
		out->handle_type = (int)number;
		out->handle = text;
	}
	return true;
}
