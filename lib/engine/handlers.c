#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/handlers.h"
#include "rules/command.h"

#define ASIDE_FIRST (10 * NS_PER_S)
#define ASIDE_LONGEST (600 * NS_PER_S)

struct stored_handler {
	char *text;
	struct arena arena;	/* of its arguments */
	struct handler handler;
	bool found;
	int64_t pause;		/* ns that it was set aside for the last time */
	int64_t set_aside;	/* boot: when that was */
	int64_t again;		/* boot: when to look again; 0: not aside */
};

static struct stored_handler *
look_up(struct handlers *h, const char *text)
{
	struct stored_handler *s;

	for (size_t i = 0; i < h->n; i++) {
		if (strcmp(h->v[i]->text, text) == 0)
			return h->v[i];
	}
	s = mem_zero(1, sizeof(*s));
	s->text = mem_strdup(text);
	h->v = mem_grow(h->v, h->n + 1, sizeof(*h->v));
	h->v[h->n++] = s;
	return s;
}

static int
find(struct handlers *h, struct stored_handler *s, struct err *err)
{
	const char *const *argv;
	size_t argc;
	int code = command_parse(s->text, &s->arena, &argv, &argc, err);

	if (code == 0)
		code = handler_init_stored(&s->handler, argv, h->queue, err);
	if (code == 0 && h->no_path)
		s->handler.append = false;
	s->found = code == 0;
	if (code) {
		handler_release(&s->handler);
		arena_reset(&s->arena);
	}
	return code;
}

const struct handler *
handlers_find(struct handlers *h, const char *text, struct err *err)
{
	struct stored_handler *s = look_up(h, text);

	if (!s->found && find(h, s, err) != 0)
		return NULL;
	return &s->handler;
}

static void
list_aside(struct handlers *h)
{
	h->naside = 0;
	h->aside = mem_grow(h->aside, h->n + 1, sizeof(*h->aside));
	for (size_t i = 0; i < h->n; i++) {
		if (h->v[i]->again > 0)
			h->aside[h->naside++] = h->v[i]->text;
	}
}

bool
handlers_set_aside(struct handlers *h, const char *text, int64_t now)
{
	struct stored_handler *s = look_up(h, text);

	if (s->again > 0)
		return false;
	/* it worked for a while */
	if (now - s->set_aside > 3 * s->pause)
		s->pause = 0;
	s->pause = s->pause > 0 ? 2 * s->pause : ASIDE_FIRST;
	if (s->pause > ASIDE_LONGEST)
		s->pause = ASIDE_LONGEST;
	s->set_aside = now;
	s->again = now + s->pause;
	list_aside(h);
	return true;
}

bool
handlers_take_back(struct handlers *h, int64_t now)
{
	bool any = false, there;
	struct err ignored;

	for (size_t i = 0; i < h->n; i++) {
		struct stored_handler *s = h->v[i];

		if (s->again == 0 || s->again > now)
			continue;
		/* (what runs has its words, so they stay) */
		there = s->found ? handler_exists(&s->handler) :
			find(h, s, &ignored) == 0;
		s->again = there ? 0 : now + ASIDE_FIRST;
		any = any || there;
	}
	if (any)
		list_aside(h);
	return any;
}

void
handlers_release(struct handlers *h)
{
	for (size_t i = 0; i < h->n; i++) {
		handler_release(&h->v[i]->handler);
		arena_release(&h->v[i]->arena);
		free(h->v[i]->text);
		free(h->v[i]);
	}
	free(h->v);
	free(h->aside);
}
