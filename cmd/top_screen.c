/* The terminal of iq-top; the only file that knows curses. */
#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "top.h"
#include "top_terminal.h"

struct top_screen {
	SCREEN *screen;
	bool ascii;
	attr_t tones[TOP_BAD + 1];
};

#define WIDTH_MAX 1000

static void
choose_tones(struct top_screen *s)
{
	const char *no = getenv("NO_COLOR");

	s->tones[TOP_WARNING] = s->tones[TOP_BAD] = A_BOLD;
	if ((no && *no) || !has_colors() || start_color() == ERR ||
	    use_default_colors() == ERR)
		return;
	init_pair(TOP_GOOD, COLOR_GREEN, -1);
	init_pair(TOP_WARNING, COLOR_YELLOW, -1);
	init_pair(TOP_BAD, COLOR_RED, -1);
	for (int i = TOP_GOOD; i <= TOP_BAD; i++)
		s->tones[i] = COLOR_PAIR(i);
}

int
top_screen_open(struct top_screen **out, struct err *err)
{
	struct top_screen *s;
	int code;

	setlocale(LC_CTYPE, "");
	code = top_terminal_check(err);
	if (code)
		return code;
	s = mem_zero(1, sizeof(*s));
	s->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	s->screen = newterm(NULL, stdout, stdin);
	if (s->screen == NULL) {
		free(s);
		return err_set(err, EX_UNAVAILABLE, "use the terminal: curses "
		    "cannot");
	}
	set_escdelay(25);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	leaveok(stdscr, TRUE);
	curs_set(0);
	choose_tones(s);
	*out = s;
	return 0;
}

void
top_screen_close(struct top_screen *s)
{
	if (s == NULL)
		return;
	top_screen_leave(s);
	delscreen(s->screen);
	free(s);
}

void
top_screen_leave(struct top_screen *s)
{
	(void)s;
	/* stopped with ^S, it would never take what restores it; and only what
	 * tcflow has stopped does it start */
	tcflow(STDOUT_FILENO, TCOOFF);
	tcflow(STDOUT_FILENO, TCOON);
	endwin();
}

void
top_screen_return(struct top_screen *s)
{
	top_screen_resize(s);
	clearok(curscr, TRUE);
}

void
top_screen_size(const struct top_screen *s, size_t *width, size_t *height)
{
	(void)s;
	*width = (size_t)COLS < WIDTH_MAX ? (size_t)COLS : WIDTH_MAX;
	*height = (size_t)LINES;
}

bool
top_screen_ascii(const struct top_screen *s)
{
	return s->ascii;
}

void
top_screen_resize(struct top_screen *s)
{
	struct winsize w;

	(void)s;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row && w.ws_col)
		resizeterm(w.ws_row, w.ws_col);
}

bool
top_screen_ready(const struct top_screen *s)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

	(void)s;
	return poll(&p, 1, 0) == 1 && (p.revents & POLLOUT);
}

int
top_screen_key(struct top_screen *s)
{
	static const struct {
		wint_t code;
		int key;
	} special[] = {
		{ KEY_UP, TOP_KEY_UP }, { KEY_DOWN, TOP_KEY_DOWN },
		{ KEY_PPAGE, TOP_KEY_PAGE_UP },
		{ KEY_NPAGE, TOP_KEY_PAGE_DOWN }, { KEY_HOME, TOP_KEY_HOME },
		{ KEY_END, TOP_KEY_END }, { KEY_ENTER, TOP_KEY_ENTER },
		{ KEY_BACKSPACE, TOP_KEY_ERASE },
	};
	wint_t c;
	int got = get_wch(&c);

	(void)s;
	if (got == ERR)
		return TOP_KEY_NONE;
	for (size_t i = 0; got == KEY_CODE_YES && i < sizeof(special) /
	    sizeof(*special); i++)
		if (special[i].code == c)
			return special[i].key;
	if (got == KEY_CODE_YES)
		return 0;
	if (c == '\f')			/* ^L */
		clearok(curscr, TRUE);
	return c == '\r' || c == '\n' ? TOP_KEY_ENTER : c == 0x1b ?
	    TOP_KEY_ESCAPE : c == 0x7f || c == '\b' ? TOP_KEY_ERASE : (int)c;
}

/* ---- drawing ---- */

static void
put_line(const struct top_screen *s, size_t y, attr_t how, bool whole,
	struct bytes text)
{
	struct buf line = { 0 };
	/* the last column of the last line would scroll some terminals */
	int width = (int)y == LINES - 1 ? COLS - 1 : COLS;

	top_line(&line, text, (size_t)width, s->ascii);
	attrset(how);
	move((int)y, 0);
	if (line.len)
		addnstr(line.p, (int)line.len);
	/* behind the last column it is in the next line */
	for (int x = getcurx(stdscr); whole && x < width &&
	    getcury(stdscr) == (int)y; x++)
		addch(' ');
	attrset(A_NORMAL);
	buf_release(&line);
}

/* The next line of a text, which becomes the rest */
static struct bytes
take_line(struct bytes *text)
{
	const char *end = text->n ? memchr(text->p, '\n', text->n) : NULL;
	struct bytes line = { text->p, end ? (size_t)(end - text->p) :
	    text->n };
	size_t n = line.n + (end != NULL);

	text->p += n;
	text->n -= n;
	return line;
}

static void
draw_views(const struct top_screen *s, size_t y, const struct top *t)
{
	struct buf b = { 0 };

	for (int v = 0; v < TOP_VIEWS; v++)
		buf_addf(&b, v == (int)t->view ? "[%s] " : " %s  ",
		    top_view_name((enum top_view)v));
	if (t->view == TOP_JOBS && t->state)
		buf_addf(&b, "  state: %s", top_state(t, NULL));
	if (top_sort(t) && (t->sort[t->view] || t->descending[t->view]))
		buf_addf(&b, "  sort: %s%s", t->descending[t->view] ? "-" : "",
		    top_sort(t));
	if (t->filter.len)
		buf_addf(&b, "  filter: %s", t->filter.p);
	put_line(s, y, A_REVERSE, true, buf_bytes(&b));
	buf_release(&b);
}

static void
draw_list(const struct top_screen *s, size_t y, const struct top *t,
	const struct top_page *p)
{
	struct bytes rest = buf_bytes(&p->body), line = take_line(&rest);
	struct buf b = { 0 };

	buf_adds(&b, "  ");
	if (t->n == 0)
		buf_addf(&b, "no %s", t->view == TOP_TIMES ? "attempts" :
		    top_view_name(t->view));
	else
		buf_add(&b, line.p, line.n);
	put_line(s, y++, A_BOLD, false, buf_bytes(&b));
	for (size_t i = 0; i < t->n && i < t->first + t->rows; i++) {
		bool chosen = t->has_chosen && i == t->at;

		line = take_line(&rest);
		if (i < t->first)
			continue;
		buf_reset(&b);
		buf_adds(&b, chosen ? "> " : "  ");
		buf_add(&b, line.p, line.n);
		put_line(s, y++, s->tones[t->items[i].tone] |
		    (chosen ? A_REVERSE : 0), chosen, buf_bytes(&b));
	}
	buf_release(&b);
}

static void
draw_text(const struct top_screen *s, size_t y, const struct top *t)
{
	struct bytes rest = buf_bytes(&t->text);

	for (size_t i = 0; rest.n && i < t->lines + t->rows + 1; i++) {
		struct bytes line = take_line(&rest);

		if (i >= t->lines)
			put_line(s, y++, A_NORMAL, false, line);
	}
}

static void
draw_last(const struct top_screen *s, size_t y, const struct top *t)
{
	struct buf b = { 0 };

	if (t->mode == TOP_FILTER)
		buf_addf(&b, "filter: %s_", t->typed.len ? t->typed.p : "");
	else if (t->mode == TOP_LIMIT)
		buf_addf(&b, "max_workers of %s (empty: unset): %s_",
		    t->action.of.type, t->typed.len ? t->typed.p : "");
	else if (t->message.len)
		buf_add(&b, t->message.p, t->message.len);
	else if (t->mode == TOP_PAGER)
		buf_adds(&b, "q back  Up Down PgUp PgDn scroll");
	else
		top_keys_line(t->view, (size_t)COLS - 1, &b);
	put_line(s, y, t->mode == TOP_ASK ? A_BOLD : A_NORMAL, false,
	    buf_bytes(&b));
	buf_release(&b);
}

void
top_screen_draw(struct top_screen *s, struct top *t, const struct top_page *p)
{
	struct bytes head = buf_bytes(&p->head);
	struct top_layout l;
	size_t width, height, y = 0;

	top_screen_size(s, &width, &height);
	l = top_layout(height, t->mode == TOP_PAGER ? 0 : p->nhead);
	top_rows(t, l.rows);
	erase();
	while (y < l.head)
		put_line(s, y++, A_NORMAL, false, take_line(&head));
	draw_views(s, y++, t);
	if (t->mode == TOP_PAGER)
		draw_text(s, y, t);
	else
		draw_list(s, y, t, p);
	if (height > 1)
		draw_last(s, height - 1, t);
	refresh();
}
