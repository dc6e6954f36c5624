#include <stdio.h>

#include "act.h"

#define AT_ONCE 3

struct offered {
	struct enqueue_options options;
	struct ledger_record told[AT_ONCE];
	struct record records[AT_ONCE];
	char paths[AT_ONCE][24], keys[AT_ONCE][24];
	size_t n;
};

/* Some job, most often one of the last */
static int64_t
some_job(struct trial *p)
{
	int64_t next = p->ledger.next, back = next < 40 ? next : 40;

	if (dice_one_in(&p->dice, 8))
		back = next;
	return next - (int64_t)dice_below(&p->dice, (size_t)back + 1);
}

static void
roll_options(struct trial *p, struct enqueue_options *o)
{
	struct dice *d = &p->dice;

	*o = (struct enqueue_options){ .on_full = FULL_DROP };
	if (dice_one_in(d, 3))
		o->on_duplicate = (enum on_duplicate)dice_below(d, 4);
	if (dice_one_in(d, 3))
		o->on_full = (enum on_full)dice_below(d, 3);
	if (dice_one_in(d, 8))
		o->max_queue = dice_one_in(d, 2) ? STORE_UNBOUNDED :
		    (int64_t)dice_below(d, 10) + 1;
	if (dice_one_in(d, 6))
		o->debounce = (int64_t)dice_below(d, 40) * NS_PER_S;
	if (o->debounce && dice_one_in(d, 2))
		o->max_delay = (int64_t)dice_below(d, 90) * NS_PER_S;
	o->no_key = dice_one_in(d, 15);
	o->on_parent_failure = (enum on_parent_failure)dice_below(d, 3);
}

static void
roll_record(struct trial *p, struct offered *o, size_t i)
{
	struct dice *d = &p->dice;
	struct ledger_record *t = &o->told[i];
	struct record *r = &o->records[i];

	*t = (struct ledger_record){ .type = (int)dice_below(d, p->used_types),
	    .path = (int)dice_below(d, p->keys),
	    .priority = (int)dice_below(d, 5) + 1,
	    .class = dice_one_in(d, 4) };
	t->key = dice_one_in(d, 4) ? (int)dice_below(d, p->keys) : t->path;
	if (dice_one_in(d, 6))
		t->delay = (int64_t)dice_below(d, 60) * NS_PER_S;
	if (dice_one_in(d, 8))
		t->run_at = p->ledger.now + ((int64_t)dice_below(d, 100) - 30) *
		    NS_PER_S;
	if (dice_one_in(d, 8))
		t->max_attempts = (int)dice_below(d, 4) + 1;
	while (t->nafter < 2 && dice_one_in(d, 6))
		t->after[t->nafter++] = some_job(p);
	record_init(r);
	snprintf(o->paths[i], sizeof(o->paths[i]), "/%d", t->path);
	snprintf(o->keys[i], sizeof(o->keys[i]), "/%d", t->key);
	r->type = bytes_of(p->types[t->type].name);
	r->path = bytes_of(o->paths[i]);
	if (t->key != t->path)
		r->key = bytes_of(o->keys[i]);
	r->priority = t->priority;
	r->size = t->class ? INT64_C(20) << 20 : dice_one_in(d, 2) ? 100 :
	    RECORD_UNSET;
	if (t->run_at)
		r->run_at = t->run_at;
	if (t->delay)
		r->delay = t->delay;
	r->max_attempts = t->max_attempts;
	r->after = t->after;
	r->nafter = t->nafter;
}

static const char *
name_of(enum enqueued e)
{
	static const char *const names[] = { "new", "merged", "replaced",
	    "duplicate", "no parent", "circle", "dropped", "full", "blocked",
	    "refused" };

	return names[e];
}

/* The answer for a record; true: the next ones were not taken. */
static bool
compare_answer(struct trial *p, const struct offered *o, size_t i,
	const struct enqueue_result *got)
{
	struct enqueue_result want = ledger_enqueue(&p->ledger, &o->options,
	    &o->told[i]);

	/* a circle of those that are not pending names any of them */
	if (want.what == ENQUEUED_CIRCLE && want.id < 0)
		want.id = got->id;
	if (got->what != want.what || got->id != want.id)
		differs(p, "record %zu (%s, key /%d): %s %lld, the reference "
		    "says %s %lld", i + 1, p->types[o->told[i].type].name,
		    o->told[i].key, name_of(got->what), (long long)got->id,
		    name_of(want.what), (long long)want.id);
	return got->what == ENQUEUED_FULL || got->what == ENQUEUED_BLOCKED;
}

void
act_enqueue(struct trial *p)
{
	struct enqueue_result results[AT_ONCE] = { 0 };
	struct offered o = { .n = dice_below(&p->dice, AT_ONCE) + 1 };
	size_t taken, i;
	bool stops = false;
	struct err e;

	DOING(p, "%zu records are enqueued", o.n);
	roll_options(p, &o.options);
	for (i = 0; i < o.n; i++)
		roll_record(p, &o, i);
	trial_must(p, store_enqueue(p->store, &o.options, o.records, o.n,
	    results, &taken, &e), &e);
	for (i = 0; i < o.n && !stops; i += !stops)
		stops = compare_answer(p, &o, i, &results[i]);
	ledger_hear(&p->ledger);
	if (i != taken)
		differs(p, "%zu records were taken, by the reference %zu",
		    taken, i);
}
