/* The worker's verb: what ended, what is due, what starts next. */
#include <stdlib.h>
#include <string.h>

#include "store/claim.h"
#include "store/reserve.h"

bool
selection_has(const struct selection *sel, const char *type)
{
	for (size_t i = 0; i < sel->n; i++)
		if (type_within(type, sel->types[i]))
			return true;
	return sel->n == 0;
}

bool
selection_runs(const struct selection *sel, const char *handler)
{
	if (sel->own_command)
		return true;
	for (size_t i = 0; handler && i < sel->naside; i++)
		if (strcmp(sel->aside[i], handler) == 0)
			return false;
	return handler != NULL;
}

void
turn_look_at(struct turn *t, int64_t wall)
{
	if (t->next_due == 0 || wall < t->next_due)
		t->next_due = wall;
}

static int
turn_body(struct store *s, const struct turn_request *r, struct turn *t,
	struct err *err)
{
	int64_t pause;
	int code;

	t->old = s->outdated;
	code = finish_attempts(s, r, t->fates, err);
	if (code)
		return code;
	/* whose memory the jobs that ended may have been in */
	arena_reset(&t->arena);
	if (t->old)
		return 0;
	code = promote_due(s, err);
	if (code == 0)
		code = children_hear(s, err);
	if (code == 0)
		code = db_int(&s->db, SQL_JOB_NEXT_DUE, &t->next_due, 0, err,
		    "");
	pause = catalog_pause_end(s, s->tx.now);
	if (pause)
		turn_look_at(t, pause);
	return code ? code : claim_jobs(s, r, t, err);
}

static int
take_turn(struct store *s, const struct turn_request *r, struct turn *t,
	struct err *err)
{
	int code = tx_begin(s, err);

	t->njobs = 0;	/* the array itself stays until there are new ones */
	t->old = t->gone = false;
	t->young = t->next_due = 0;
	return code ? code : tx_end(s, turn_body(s, r, t, err), err);
}

int
store_turn(struct store *s, const struct turn_request *r, struct turn *t,
	struct err *err)
{
	struct turn_request q = *r;
	bool again;
	int code;

	t->fates = mem_grow(t->fates, r->nends + 1, sizeof(*t->fates));
	memset(t->fates, 0, (r->nends + 1) * sizeof(*t->fates));
	t->full = q.nslots && !reserve_whole(s);
	do {
		if (t->full)
			q.nslots = 0;
		code = take_turn(s, &q, t, err);
		again = code && q.nends && reserve_break(s);
		t->full |= again;
	} while (code == FOLLOW_REFUSED || again);
	t->more = code == 0 && s->tx.unheard;
	if (code)
		t->njobs = 0;
	return code;
}

void
turn_release(struct turn *t)
{
	free(t->fates);
	free(t->jobs);
	arena_release(&t->arena);
	memset(t, 0, sizeof(*t));
}
