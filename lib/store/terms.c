/* What a claim asks of a type's settings, for each lane each time. */
#include "rules/command.h"
#include "store/claim.h"

const char *
type_handler(struct store *s, struct type *t)
{
	return setting_effective(s, t, SET_HANDLER)->text;
}

static bool
wants_one(const char *handler)
{
	struct arena arena = { 0 };
	const char *const *argv;
	struct err ignored;
	size_t argc;
	bool one = handler && command_parse(handler, &arena, &argv, &argc,
		&ignored) == 0 && command_wants_one(argv);

	arena_release(&arena);
	return one;
}

const struct terms *
type_terms(struct store *s, struct type *t)
{
	struct setting_value weight;

	if (t->terms)
		return t->terms;
	t->terms = mem_zero(1, sizeof(*t->terms));
	*t->terms = (struct terms){
		.handler = type_handler(s, t),
		.weight = setting_number(s, t, SET_WEIGHT, &weight) ?
		    weight.f : 1,
		.aging = setting_int(s, t, SET_AGING, 0),
		.batch = setting_int(s, t, SET_BATCH_FILES, 1),
		.capped = type_has_cap(s, t),
		.limited = throttle_limited(s, t),
	};
	t->terms->wants_one = wants_one(t->terms->handler);
	return t->terms;
}
