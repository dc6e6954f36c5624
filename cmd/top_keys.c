/* The keys of iq-top: what they do is in top_model.c; the last line of the
 * screen and its help are made of this table. */
#include <string.h>

#include "top_model.h"

#define IN(view) (1u << (view))
#define EVERYWHERE (IN(TOP_VIEWS) - 1)
#define LISTS (IN(TOP_TYPES) | IN(TOP_JOBS))

static const struct binding {
	int keys[3];
	enum top_command command;
	unsigned views;
	const char *shown;
	const char *brief;	/* in the last line; NULL: not there */
	const char *help;
} bindings[] = {
	{ { 'q' }, COMMAND_QUIT, EVERYWHERE, "q", "quit", "quit" },
	{ { '?', 'h' }, COMMAND_HELP, EVERYWHERE, "?", "help", "this text" },
	{ { '\t' }, COMMAND_NEXT_VIEW, EVERYWHERE, "Tab", "view",
	    "next view: types, jobs, workers, times" },
	{ { '1', '2', '3' }, COMMAND_VIEW, EVERYWHERE, "1 2 3 4", NULL,
	    "that view" },
	{ { '4' }, COMMAND_VIEW, EVERYWHERE, NULL, NULL, NULL },
	{ { TOP_KEY_UP, 'k' }, COMMAND_UP, EVERYWHERE, "Up k", NULL,
	    "choose the line above" },
	{ { TOP_KEY_DOWN, 'j' }, COMMAND_DOWN, EVERYWHERE, "Down j", NULL,
	    "choose the line below" },
	{ { TOP_KEY_PAGE_UP }, COMMAND_PAGE_UP, EVERYWHERE, "PgUp", NULL,
	    "a page up" },
	{ { TOP_KEY_PAGE_DOWN, ' ' }, COMMAND_PAGE_DOWN, EVERYWHERE,
	    "PgDn Space", NULL, "a page down" },
	{ { TOP_KEY_HOME, 'g' }, COMMAND_FIRST, EVERYWHERE, "Home g", NULL,
	    "the first line" },
	{ { TOP_KEY_END, 'G' }, COMMAND_LAST, EVERYWHERE, "End G", NULL,
	    "the last line" },
	{ { TOP_KEY_ENTER }, COMMAND_OPEN, IN(TOP_TYPES), "Enter", "jobs",
	    "types: this type only, and its jobs" },
	{ { TOP_KEY_ENTER }, COMMAND_OPEN, IN(TOP_JOBS), "Enter", NULL,
	    "jobs: what holds the job back, and its last error" },
	{ { TOP_KEY_ESCAPE }, COMMAND_BACK, EVERYWHERE, "Esc", NULL,
	    "no filter; all types" },
	{ { '/' }, COMMAND_FILTER, LISTS, "/", "filter",
	    "only names or paths that contain this, or match a pattern" },
	{ { 's' }, COMMAND_SORT, LISTS, "s", NULL,
	    "sort by the next column" },
	{ { 'S' }, COMMAND_REVERSE, LISTS, "S", NULL, "sort backwards" },
	{ { 'f' }, COMMAND_STATE, IN(TOP_JOBS), "f", "state",
	    "jobs: only running, ready, delayed, waiting, quarantined ones" },
	{ { 'p' }, COMMAND_PAUSE, IN(TOP_TYPES), "p", "pause",
	    "types: pause the type and its children" },
	{ { 'r' }, COMMAND_RESUME, IN(TOP_TYPES), "r", "resume",
	    "types: resume it" },
	{ { 'l' }, COMMAND_LIMIT, IN(TOP_TYPES), "l", "limit",
	    "types: change max_workers of the type" },
	{ { 'r' }, COMMAND_RETRY, IN(TOP_JOBS), "r", "retry",
	    "jobs: retry the job" },
	{ { 'c' }, COMMAND_CANCEL, IN(TOP_JOBS), "c", "cancel",
	    "jobs: cancel it, or discard it from quarantine; asks first" },
	{ { 'x' }, COMMAND_QUARANTINE, IN(TOP_JOBS), "x", "quarantine",
	    "jobs: put it into quarantine" },
	{ { 'b' }, COMMAND_RELEASE, IN(TOP_JOBS), "b", NULL,
	    "jobs: stop it and put it back, uncharged; asks first" },
	{ { 'P' }, COMMAND_PAUSE_ALL, EVERYWHERE, "P", NULL,
	    "pause everything; asks first" },
	{ { 'R' }, COMMAND_RESUME_ALL, EVERYWHERE, "R", NULL,
	    "resume that" },
};
#define NBINDINGS (sizeof(bindings) / sizeof(*bindings))

const char *
top_view_name(enum top_view view)
{
	static const char *const names[TOP_VIEWS] = { "types", "jobs",
	    "workers", "times" };

	return names[view];
}

enum top_command
top_command(enum top_view view, int key)
{
	for (size_t i = 0; i < NBINDINGS && key; i++)
		for (size_t k = 0; k < 3; k++)
			if (bindings[i].keys[k] == key &&
			    (bindings[i].views & IN(view)))
				return bindings[i].command;
	return COMMAND_NONE;
}

void
top_keys_line(enum top_view view, size_t columns, struct buf *b)
{
	for (size_t i = 0; i < NBINDINGS; i++) {
		const struct binding *k = &bindings[i];

		if (k->brief == NULL || !(k->views & IN(view)))
			continue;
		if (b->len + strlen(k->shown) + strlen(k->brief) + 3 > columns)
			return;
		buf_addf(b, "%s%s %s", b->len ? "  " : "", k->shown, k->brief);
	}
}

void
top_keys_text(struct buf *b)
{
	for (size_t i = 0; i < NBINDINGS; i++)
		if (bindings[i].help)
			buf_addf(b, "%-11s %s\n", bindings[i].shown,
			    bindings[i].help);
}
