/*
 * What the screen of iq-top is to show, and what its keys do.  Knows neither
 * the terminal nor the queue: it is told what there is, and says what is
 * wanted.
 */
#ifndef IQ_TOP_MODEL_H
#define IQ_TOP_MODEL_H

#include <stdbool.h>

#include "base/buf.h"
#include "rules/state.h"
#include "rules/type.h"

enum top_view { TOP_TYPES, TOP_JOBS, TOP_WORKERS, TOP_TIMES, TOP_VIEWS };

/* What keys are for now */
enum top_mode {
	TOP_LIST,
	TOP_PAGER,		/* a text is shown instead of the list */
	TOP_FILTER,		/* a line is typed: what to filter by, */
	TOP_LIMIT,		/* or max_workers of a type */
	TOP_ASK,		/* y does it */
};

/* Keys: code points, and these */
enum {
	TOP_KEY_UP = -20, TOP_KEY_DOWN, TOP_KEY_PAGE_UP, TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME, TOP_KEY_END, TOP_KEY_ENTER, TOP_KEY_ESCAPE,
	TOP_KEY_ERASE, TOP_KEY_NONE
};

/* One line of the list: a job, or a type; or neither (job 0, type "") */
struct top_item {
	int64_t job;
	enum state state;	/* of the job */
	char type[TYPE_MAX + 1];
	enum top_tone { TOP_PLAIN, TOP_GOOD, TOP_WARNING, TOP_BAD } tone;
};

enum top_verb {
	TOP_PAUSE, TOP_RESUME,	/* the type; "": everything */
	TOP_SET_LIMIT,		/* of the type, to the text; "": unset */
	TOP_RETRY, TOP_CANCEL, TOP_KILL, TOP_RELEASE, TOP_QUARANTINE,
	TOP_DISCARD,
};

struct top_action {
	enum top_verb verb;
	struct top_item of;
	char text[32];
};

/* What the caller is to do after a key */
enum top_want {
	TOP_NOTHING,
	TOP_REDRAW,
	TOP_READ,		/* what is shown is something else now */
	TOP_ACT,		/* the action */
	TOP_EXPLAIN,		/* the job that is chosen, into the pager */
	TOP_QUIT
};

struct top {
	enum top_view view;
	enum top_mode mode;
	const struct top_item *items;
	size_t n;
	struct top_item chosen;
	bool has_chosen;	/* not when it has gone: who is about to press
				 * a key must not hit another one */
	bool fresh;		/* the first one is to be chosen */
	size_t at, first;	/* lines: where the choice is, the topmost */
	size_t rows;		/* there are for the list */
	char base[TYPE_MAX + 1], type[TYPE_MAX + 1];	/* only these; "": all */
	struct buf filter, typed;
	size_t sort[TOP_VIEWS];
	bool descending[TOP_VIEWS];
	size_t state;
	struct top_action action;	/* wanted, or asked about */
	struct buf message;	/* in the last line: what was done, or asked */
	struct buf text;	/* of the pager */
	size_t lines;
};

/* type: only this one and its children, or NULL */
void top_init(struct top *t, const char *type);
void top_release(struct top *t);
/* The lines of the list are these now; they live until the next call. */
void top_items(struct top *t, const struct top_item *items, size_t n);
/* There is room for so many. */
void top_rows(struct top *t, size_t rows);
enum top_want top_key(struct top *t, int key);
/* A text is to be shown; it is taken over. */
void top_show(struct top *t, struct buf *text);

/* ---- top_filter.c ---- */

/* What the list is sorted by, as its column or the job's field is called; NULL:
 * it has an order of its own. */
const char *top_sort(const struct top *t);
/* "all", "running" ..., and its bits as job_filter.states has them */
const char *top_state(const struct top *t, unsigned *states);
/* The filter as a pattern for fnmatch(3), added to b; nothing: no filter */
void top_pattern(const struct top *t, struct buf *b);

void top_next_sort(struct top *t);
void top_next_state(struct top *t);
/* A character is added to what was typed, and the last one removed. */
void top_type_point(struct buf *b, uint32_t point);
void top_type_erase(struct buf *b);

/* ---- top_keys.c ---- */

enum top_command {
	COMMAND_NONE, COMMAND_UP, COMMAND_DOWN, COMMAND_PAGE_UP,
	COMMAND_PAGE_DOWN, COMMAND_FIRST, COMMAND_LAST, COMMAND_NEXT_VIEW,
	COMMAND_VIEW,		/* that of the number */
	COMMAND_OPEN, COMMAND_BACK, COMMAND_FILTER, COMMAND_SORT,
	COMMAND_REVERSE, COMMAND_STATE, COMMAND_PAUSE, COMMAND_RESUME,
	COMMAND_LIMIT, COMMAND_PAUSE_ALL, COMMAND_RESUME_ALL, COMMAND_RETRY,
	COMMAND_CANCEL, COMMAND_RELEASE, COMMAND_QUARANTINE, COMMAND_HELP,
	COMMAND_QUIT
};

enum top_command top_command(enum top_view view, int key);
/* The keys that matter in this view, as many as fit into a line */
void top_keys_line(enum top_view view, size_t columns, struct buf *b);
/* All of them, a line each */
void top_keys_text(struct buf *b);
const char *top_view_name(enum top_view view);

#endif
