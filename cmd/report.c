#include "report.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/num.h"
#include "base/text.h"

/* COLUMNS and LINES win, as everywhere */
static size_t
from_environment(const char *name)
{
	const char *text = getenv(name);
	int64_t v;

	if (text == NULL || int_parse(text, name, 20, 10000, &v, NULL) != 0)
		return 0;
	return (size_t)v;
}

void
report_init(struct report *r, int form)
{
	bool terminal = isatty(STDOUT_FILENO);
	struct winsize w = { 0 };

	*r = (struct report){ 0 };
	r->json = form == REPORT_JSON || (form == 0 && !terminal);
	r->width = from_environment("COLUMNS");
	r->height = from_environment("LINES");
	if (!terminal)
		return;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
		w = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	if (r->width == 0)
		r->width = w.ws_col;
	if (r->height == 0)
		r->height = w.ws_row;
}

void
report_line(struct buf *b)
{
	buf_addc(b, '\n');
	fwrite(b->p, 1, b->len, stdout);
	buf_reset(b);
}

void
report_put(const struct report *r, struct buf *b)
{
	if (r->into == NULL) {
		report_line(b);
		return;
	}
	buf_addc(b, '\n');
	buf_add(r->into, b->p, b->len);
	buf_reset(b);
}

/* The longest beginning of s that takes at most this many columns */
static struct bytes
first_columns(struct bytes s, size_t columns)
{
	size_t at = 0, n;

	while (at < s.n) {
		n = utf8_length(s.p + at, s.n - at);
		n = n ? n : 1;
		if (text_columns((struct bytes){ s.p, at + n }) > columns)
			break;
		at += n;
	}
	s.n = at;
	return s;
}

#define MARK "..."		/* instead of what was cut off */

void
report_clip(const struct report *r, struct buf *b)
{
	struct bytes all = { b->p, b->len };

	if (r->width == 0 || text_columns(all) <= r->width)
		return;
	b->len = first_columns(all, r->width - strlen(MARK)).n;
	b->p[b->len] = '\0';
	buf_adds(b, MARK);
}

/* ---- tables ---- */

void
table_init(struct table *t, const struct column *columns, size_t n,
	const struct report *r)
{
	*t = (struct table){ .columns = columns, .ncolumns = n,
	    .report = r, .widths = mem_zero(n, sizeof(size_t)),
	    .hidden = mem_zero(n, sizeof(bool)) };
	for (size_t i = 0; i < n; i++)
		t->widths[i] = strlen(columns[i].name);
}

void
table_spare(struct table *t, const int *columns)
{
	t->spare = columns;
}

void
table_prose(struct table *t)
{
	t->prose = true;
}

void
table_bytes(struct table *t, struct bytes text)
{
	const struct column *c = &t->columns[t->ncells % t->ncolumns];
	size_t start = t->text.len, wide;

	if (text.p)
		text_escape(&t->text, text);
	buf_addc(&t->text, '\0');
	wide = text_columns(bytes_of(t->text.p + start));
	if (c->max && wide > c->max)
		wide = c->max;
	if (wide > t->widths[t->ncells % t->ncolumns])
		t->widths[t->ncells % t->ncolumns] = wide;
	t->ncells++;
}

void
table_cell(struct table *t, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	table_bytes(t, (struct bytes){ b.p, b.len });
	buf_release(&b);
}

/* The longest end of s that takes at most this many columns */
static struct bytes
last_columns(struct bytes s, size_t columns)
{
	while (s.n && text_columns(s) > columns) {
		size_t n = utf8_length(s.p, s.n);

		n = n ? n : 1;
		s.p += n;
		s.n -= n;
	}
	return s;
}

static void
put_first(struct buf *line, struct bytes s, size_t columns)
{
	s = first_columns(s, columns);
	buf_add(line, s.p, s.n);
	buf_addf(line, MARK "%*s", (int)(columns - text_columns(s)), "");
}

static void
put_last(struct buf *line, struct bytes s, size_t columns)
{
	s = last_columns(s, columns);
	buf_adds(line, MARK);
	buf_add(line, s.p, s.n);
}

static void
put_cell(struct buf *line, const struct column *c, int pad, struct bytes s)
{
	if (c->right)
		buf_addf(line, "%*s", pad, "");
	buf_add(line, s.p, s.n);
	if (!c->right)
		buf_addf(line, "%*s", pad, "");
}

#define LAST_LEAST 12	/* columns of the last one, if it is cut */
#define PROSE_LEAST 20	/* with fewer it says nothing */

static size_t
last_shown(const struct table *t)
{
	size_t i = t->ncolumns - 1;

	while (i > 0 && t->hidden[i])
		i--;
	return i;
}

/* Of all but the last one */
static size_t
used_width(const struct table *t)
{
	size_t used = 0, last = last_shown(t);

	for (size_t i = 0; i < last; i++)
		if (!t->hidden[i])
			used += t->widths[i] + 2;
	return used;
}

/* Columns left for the last one */
static size_t
rest_of_width(const struct table *t, const struct buf *line)
{
	size_t used = text_columns((struct bytes){ line->p, line->len });

	if (t->report->width == 0)
		return SIZE_MAX / 2;
	return t->report->width > used + LAST_LEAST ? t->report->width - used : LAST_LEAST;
}

static size_t
least_of_last(const struct table *t)
{
	return t->prose ? PROSE_LEAST : LAST_LEAST;
}

static bool
fits(const struct table *t)
{
	size_t last = t->widths[last_shown(t)], least = least_of_last(t);

	return t->report->width == 0 || used_width(t) + (last < least ? last :
	    least) <= t->report->width;
}

static void
leave_out(struct table *t)
{
	for (const int *i = t->spare; i && *i >= 0 && !fits(t); i++)
		t->hidden[*i] = true;
}

static void
put_row(const struct table *t, const char *const *cells)
{
	struct buf line = { 0 };
	size_t end = last_shown(t);

	for (size_t i = 0; i <= end; i++) {
		const struct column *c = &t->columns[i];
		struct bytes s = bytes_of(cells[i]);
		bool last = i == end;
		size_t width, wide = text_columns(s);

		if (t->hidden[i])
			continue;
		if (line.len > 0)
			buf_adds(&line, "  ");
		width = last && !c->right ? rest_of_width(t, &line) :
		    t->widths[i];
		if (wide <= width || (t->prose && !last))
			put_cell(&line, c, wide < width && i < end + c->right ?
			    (int)(width - wide) : 0, s);
		else if (last && !t->prose)
			put_last(&line, s, width - strlen(MARK));
		else if (!last || width >= PROSE_LEAST)
			put_first(&line, s, width - strlen(MARK));
	}
	while (line.len && line.p[line.len - 1] == ' ')
		line.len--;
	report_put(t->report, &line);
	buf_release(&line);
}

void
table_flush(struct table *t)
{
	/* widths are those of UTF-8, whatever the locale says */
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
	const char **row = mem_zero(t->ncolumns, sizeof(*row));
	const char *at = t->text.p;

	if (!t->headed && t->ncells) {
		leave_out(t);
		for (size_t i = 0; i < t->ncolumns; i++)
			row[i] = t->columns[i].name;
		put_row(t, row);
		t->headed = true;
	}
	for (size_t cell = 0; cell < t->ncells; cell++) {
		row[cell % t->ncolumns] = at;
		at += strlen(at) + 1;
		if ((cell + 1) % t->ncolumns == 0)
			put_row(t, row);
	}
	t->ncells = 0;
	buf_reset(&t->text);
	free(row);
	if (utf8) {
		uselocale(before);
		freelocale(utf8);
	}
}

void
table_release(struct table *t)
{
	free(t->widths);
	free(t->hidden);
	buf_release(&t->text);
}

/* ---- numbers ---- */

void
report_percent(struct json *j, const char *name, double v)
{
	if (v < 0)
		json_put_null(j, name);
	else
		json_put_float(j, name, (double)(int64_t)(v * 10 + 0.5) / 10);
}

void
report_known(struct json *j, const char *name, int64_t v)
{
	if (v < 0)
		json_put_null(j, name);
	else
		json_put_int(j, name, v);
}
