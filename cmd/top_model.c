/* Views, the choice, and keys: see top_model.h. */
#include "top_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
top_init(struct top *t, const char *type)
{
	*t = (struct top){ .fresh = true, .rows = 1 };
	snprintf(t->base, sizeof(t->base), "%s", type ? type : "");
	memcpy(t->type, t->base, sizeof(t->type));
}

void
top_release(struct top *t)
{
	buf_release(&t->filter);
	buf_release(&t->typed);
	buf_release(&t->message);
	buf_release(&t->text);
}

/* ---- the choice ---- */

static bool
same(const struct top_item *a, const struct top_item *b)
{
	return a->job == b->job && (a->job || strcmp(a->type, b->type) == 0);
}

/* The line that is chosen is seen, and no page is half empty for nothing. */
static void
scroll(struct top *t)
{
	if (t->at >= t->n)
		t->at = t->n ? t->n - 1 : 0;
	if (t->first > t->at)
		t->first = t->at;
	if (t->at >= t->first + t->rows)
		t->first = t->at - t->rows + 1;
	if (t->first + t->rows > t->n)
		t->first = t->n > t->rows ? t->n - t->rows : 0;
}

static void
choose(struct top *t, size_t at)
{
	t->at = at;
	scroll(t);
	t->has_chosen = t->n > 0;
	if (t->n)
		t->chosen = t->items[t->at];
}

void
top_items(struct top *t, const struct top_item *items, size_t n)
{
	size_t i = 0;

	t->items = items;
	t->n = n;
	if (t->fresh && n) {
		t->fresh = false;
		choose(t, 0);
		return;
	}
	while (t->has_chosen && i < n && !same(&items[i], &t->chosen))
		i++;
	if (t->has_chosen && i < n)
		choose(t, i);
	else
		t->has_chosen = false;
	scroll(t);
}

void
top_rows(struct top *t, size_t rows)
{
	t->rows = rows ? rows : 1;
	scroll(t);
}

/* Where nothing is chosen any more, the first step says where that was. */
static enum top_want
step(struct top *t, int64_t lines)
{
	int64_t to = (int64_t)t->at + (t->has_chosen ? lines : 0);

	choose(t, to < 0 ? 0 : to >= (int64_t)t->n && t->n ? t->n - 1 :
	    (size_t)to);
	return TOP_REDRAW;
}

static enum top_want
view(struct top *t, enum top_view v)
{
	t->view = v;
	t->fresh = true;
	t->has_chosen = false;
	t->at = t->first = 0;
	return TOP_READ;
}

/* ---- what is typed ---- */

static void
begin_typing(struct top *t, enum top_mode mode, const char *text)
{
	t->mode = mode;
	buf_reset(&t->typed);
	buf_reset(&t->message);
	buf_adds(&t->typed, text ? text : "");
}

static enum top_want
typed(struct top *t)
{
	bool filter = t->mode == TOP_FILTER;

	t->mode = TOP_LIST;
	if (filter) {
		buf_reset(&t->filter);
		buf_add(&t->filter, t->typed.len ? t->typed.p : "",
		    t->typed.len);
		return view(t, t->view);
	}
	snprintf(t->action.text, sizeof(t->action.text), "%s", t->typed.p);
	return TOP_ACT;
}

static enum top_want
key_typed(struct top *t, int key)
{
	if (key == TOP_KEY_ESCAPE)
		t->mode = TOP_LIST;
	else if (key == TOP_KEY_ENTER)
		return typed(t);
	else if (key == TOP_KEY_ERASE)
		top_type_erase(&t->typed);
	else if (key >= ' ' && t->typed.len < 200)
		top_type_point(&t->typed, (uint32_t)key);
	return TOP_REDRAW;
}

/* ---- actions ---- */

static enum top_want
say(struct top *t, const char *what)
{
	buf_reset(&t->message);
	buf_adds(&t->message, what);
	return TOP_REDRAW;
}

static enum top_want
act(struct top *t, enum top_verb verb, bool everything)
{
	t->action = (struct top_action){ .verb = verb };
	if (everything)
		return TOP_ACT;
	if (!t->has_chosen)
		return say(t, "nothing is chosen");
	t->action.of = t->chosen;
	return TOP_ACT;
}

static enum top_want
ask(struct top *t, enum top_verb verb, bool everything)
{
	static const char *const questions[] = {
		[TOP_PAUSE] = "pause everything?",
		[TOP_CANCEL] = "cancel it?",
		[TOP_KILL] = "it runs; kill and cancel it?",
		[TOP_RELEASE] = "stop it and put it back?",
		[TOP_DISCARD] = "discard it from quarantine?",
	};
	enum top_want want = act(t, verb, everything);

	if (want != TOP_ACT)
		return want;
	t->mode = TOP_ASK;
	buf_reset(&t->message);
	if (!everything)
		buf_addf(&t->message, "job %lld: ", (long long)t->chosen.job);
	buf_addf(&t->message, "%s (y/n)", questions[verb]);
	return TOP_REDRAW;
}

/* By what it is doing as far as the user has seen; should that have changed,
 * the queue refuses. */
static enum top_want
cancel(struct top *t)
{
	return ask(t, t->chosen.state == STATE_RUNNING ? TOP_KILL :
	    t->chosen.state == STATE_QUARANTINED ? TOP_DISCARD : TOP_CANCEL,
	    false);
}

static enum top_want
key_asked(struct top *t, int key)
{
	t->mode = TOP_LIST;
	buf_reset(&t->message);
	return key == 'y' || key == 'Y' ? TOP_ACT : TOP_REDRAW;
}

static enum top_want
limit(struct top *t)
{
	enum top_want want = act(t, TOP_SET_LIMIT, false);

	if (want == TOP_ACT)
		begin_typing(t, TOP_LIMIT, NULL);
	return TOP_REDRAW;
}

/* ---- the pager ---- */

void
top_show(struct top *t, struct buf *text)
{
	buf_release(&t->text);
	t->text = *text;
	*text = (struct buf){ 0 };
	t->mode = TOP_PAGER;
	t->lines = 0;
}

static enum top_want
help(struct top *t)
{
	struct buf text = { 0 };

	top_keys_text(&text);
	top_show(t, &text);
	return TOP_REDRAW;
}

static size_t
count_lines(const struct buf *text)
{
	size_t n = 0;

	for (size_t i = 0; i < text->len; i++)
		n += text->p[i] == '\n';
	return n;
}

static enum top_want
key_pager(struct top *t, int key)
{
	size_t n = count_lines(&t->text);
	size_t most = n > t->rows ? n - t->rows : 0;

	switch (top_command(t->view, key)) {
	case COMMAND_UP:
		t->lines -= t->lines > 0;
		break;
	case COMMAND_DOWN:
		t->lines += t->lines < most;
		break;
	case COMMAND_PAGE_DOWN:
		t->lines = t->lines + t->rows < most ? t->lines + t->rows :
		    most;
		break;
	case COMMAND_PAGE_UP:
		t->lines = t->lines > t->rows ? t->lines - t->rows : 0;
		break;
	default:
		t->mode = TOP_LIST;
	}
	return TOP_REDRAW;
}

/* ---- keys ---- */

static enum top_want
open_chosen(struct top *t)
{
	if (!t->has_chosen)
		return say(t, "nothing is chosen");
	if (t->view == TOP_JOBS)
		return TOP_EXPLAIN;
	memcpy(t->type, t->chosen.type, sizeof(t->type));
	buf_reset(&t->filter);
	return view(t, TOP_JOBS);
}

/* A step back: the filter first, then the type */
static enum top_want
back(struct top *t)
{
	buf_reset(&t->message);
	if (t->filter.len)
		buf_reset(&t->filter);
	else
		memcpy(t->type, t->base, sizeof(t->type));
	return TOP_READ;
}

static enum top_want
command(struct top *t, enum top_command c, int key)
{
	switch (c) {
	case COMMAND_UP:
		return step(t, -1);
	case COMMAND_DOWN:
		return step(t, 1);
	case COMMAND_PAGE_UP:
		return step(t, -(int64_t)t->rows);
	case COMMAND_PAGE_DOWN:
		return step(t, (int64_t)t->rows);
	case COMMAND_FIRST:
		choose(t, 0);
		return TOP_REDRAW;
	case COMMAND_LAST:
		choose(t, t->n ? t->n - 1 : 0);
		return TOP_REDRAW;
	case COMMAND_NEXT_VIEW:
		return view(t, (t->view + 1) % TOP_VIEWS);
	case COMMAND_VIEW:
		return view(t, (enum top_view)(key - '1'));
	case COMMAND_FILTER:
		begin_typing(t, TOP_FILTER, t->filter.p);
		return TOP_REDRAW;
	case COMMAND_SORT:
		top_next_sort(t);
		return TOP_READ;
	case COMMAND_REVERSE:
		t->descending[t->view] = !t->descending[t->view];
		return TOP_READ;
	case COMMAND_STATE:
		top_next_state(t);
		return view(t, t->view);
	case COMMAND_OPEN:
		return open_chosen(t);
	case COMMAND_BACK:
		return back(t);
	case COMMAND_HELP:
		return help(t);
	case COMMAND_QUIT:
		return TOP_QUIT;
	default:
		return TOP_NOTHING;
	}
}

static enum top_want
command_act(struct top *t, enum top_command c)
{
	switch (c) {
	case COMMAND_PAUSE:
		return act(t, TOP_PAUSE, false);
	case COMMAND_RESUME:
		return act(t, TOP_RESUME, false);
	case COMMAND_LIMIT:
		return limit(t);
	case COMMAND_PAUSE_ALL:
		return ask(t, TOP_PAUSE, true);
	case COMMAND_RESUME_ALL:
		return act(t, TOP_RESUME, true);
	case COMMAND_RETRY:
		return act(t, TOP_RETRY, false);
	case COMMAND_QUARANTINE:
		return act(t, TOP_QUARANTINE, false);
	case COMMAND_RELEASE:
		return ask(t, TOP_RELEASE, false);
	case COMMAND_CANCEL:
		return cancel(t);
	default:
		return TOP_NOTHING;
	}
}

enum top_want
top_key(struct top *t, int key)
{
	enum top_command c;
	enum top_want want;

	if (key == TOP_KEY_NONE)
		return TOP_NOTHING;
	if (t->mode == TOP_PAGER)
		return key_pager(t, key);
	if (t->mode == TOP_ASK)
		return key_asked(t, key);
	if (t->mode != TOP_LIST)
		return key_typed(t, key);
	c = top_command(t->view, key);
	want = command(t, c, key);
	return want == TOP_NOTHING ? command_act(t, c) : want;
}
