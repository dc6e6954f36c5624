/* Which events iq-log shows. */
#include <fnmatch.h>
#include <stdlib.h>

#include "log.h"
#include "rules/detail.h"

const char *
log_type_name(struct log_program *p, int64_t id)
{
	return p->type_name ? p->type_name(p->names, id) :
	    store_type_name(p->store, id);
}

static void
add(struct moves *m, const struct move *v)
{
	if (m->n == m->cap) {
		m->cap = m->cap ? 2 * m->cap : 64;
		m->v = mem_grow(m->v, m->cap, sizeof(*m->v));
	}
	m->v[m->n++] = *v;
}

/* Of a run those jobs that were asked for */
static void
add_jobs(struct moves *m, const struct log_filter *f, const struct move *run)
{
	if (f->jobs == NULL)
		add(m, run);
	for (size_t i = 0; i < f->njobs; i++) {
		struct move one = *run;

		one.first = f->jobs[i];
		one.count = 1;
		if (one.first >= run->first &&
		    one.first - run->first < run->count)
			add(m, &one);
	}
}

static bool
type_wanted(struct log_program *p, int64_t id)
{
	const char *name = p->filter.type ? log_type_name(p, id) : NULL;

	return p->filter.type == NULL ||
	    (name && type_within(name, p->filter.type));
}

static bool
entry_wanted(const struct log_filter *f, const struct entry *e)
{
	struct buf actor = { 0 };
	bool wanted = true;

	if (f->kinds && (e->kind < 0 || e->kind >= KIND_COUNT ||
	    !(f->kinds >> e->kind & 1)))
		return false;
	if ((f->since && e->at < f->since) || (f->until && e->at >= f->until))
		return false;
	if (f->actor) {
		buf_add(&actor, e->actor.p ? e->actor.p : "", e->actor.n);
		wanted = fnmatch(f->actor, actor.p, 0) == 0;
		buf_release(&actor);
	}
	return wanted;
}

static bool
detail_wanted(const struct log_filter *f, const struct entry *e)
{
	bool wanted = f->jobs == NULL;

	if (f->type)
		return wanted && detail_has_type(e->detail, f->type);
	for (size_t i = 0; i < f->njobs && !wanted; i++)
		wanted = detail_has_job(e->detail, f->jobs[i]);
	return wanted;
}

bool
log_choose(struct log_program *p, const struct entry *e, struct moves *out)
{
	size_t at = 0;
	int64_t end = 0;
	struct move m;
	int got;

	out->n = 0;
	out->malformed = false;
	if (!entry_wanted(&p->filter, e))
		return false;
	while ((got = event_next_move(e->moves, &at, &end, &m)) == 1)
		if (type_wanted(p, m.type))
			add_jobs(out, &p->filter, &m);
	out->malformed = got < 0;
	return out->n > 0 || detail_wanted(&p->filter, e);
}

void
moves_release(struct moves *m)
{
	free(m->v);
	*m = (struct moves){ 0 };
}
