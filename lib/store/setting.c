/* Effective settings: environment, type, parents, global, profile, built in.
 * (Flags win over all of them; their owner looks at them first.) */
#include <stdlib.h>
#include <string.h>

#include "rules/json.h"
#include "store/internal.h"
#include "store/reserve.h"

/* A profile counts where it was set: it is weaker than a value set for the
 * same type, and stronger than the parents'. */
static const char *
at_level(char *const set[SET_COUNT], enum setting_key k, bool *profile)
{
	*profile = false;
	if (set[k])
		return set[k];
	if (set[SET_PROFILE] && k != SET_PROFILE) {
		*profile = true;
		return profile_value(set[SET_PROFILE], k);
	}
	return NULL;
}

static const char *
look_up(struct store *s, const struct type *t, enum setting_key k,
	enum origin *origin)
{
	const struct type *own = t;
	const char *text = s->environment[k];
	bool profile;

	*origin = ORIGIN_ENVIRONMENT;
	if (text)
		return text;
	for (; t; t = t->parent) {
		text = at_level(t->set, k, &profile);
		*origin = profile ? ORIGIN_PROFILE : t == own ? ORIGIN_TYPE :
		    ORIGIN_PARENT;
		if (text)
			return text;
	}
	text = at_level(s->catalog.global, k, &profile);
	*origin = profile ? ORIGIN_PROFILE : ORIGIN_GLOBAL;
	if (text)
		return text;
	*origin = ORIGIN_BUILTIN;
	return setting_def(k)->standard;
}

/* A stored value that somebody else put in and that is none has no effect:
 * iq-db check tells of it. */
static bool
read_value(enum setting_key k, const char *text, struct setting_value *v)
{
	const char *standard = setting_def(k)->standard;
	struct err ignored;

	return (text && setting_parse(k, text, v, &ignored) == 0) ||
	    (standard && setting_parse(k, standard, v, &ignored) == 0);
}

const struct effective *
setting_effective(struct store *s, struct type *t, enum setting_key k)
{
	struct effective **all = t ? &t->effective : &s->catalog.effective;
	struct effective *e;

	if (*all == NULL)
		*all = mem_zero(SET_COUNT, sizeof(**all));
	e = &(*all)[k];
	if (!e->known) {
		e->known = true;
		e->text = look_up(s, t, k, &e->origin);
		e->set = read_value(k, e->text, &e->value);
	}
	return e;
}

bool
setting_number(struct store *s, struct type *t, enum setting_key k,
	struct setting_value *v)
{
	const struct effective *e = setting_effective(s, t, k);

	*v = e->value;
	return e->set;
}

int
setting_read_environment(struct store *s, struct err *err)
{
	struct err why;
	int code = setting_check_environment(err);

	for (int k = 0; k < SET_COUNT && code == 0; k++) {
		s->environment[k] = setting_environment(k);
		s->own_settings |= s->environment[k] != NULL;
		if (s->environment[k] && setting_parse(k, s->environment[k],
		    NULL, &why))
			code = err_set(err, why.code,
			    "use the environment's IQ_SET_ value of %s",
			    why.text);
	}
	return code;
}

int64_t
setting_int(struct store *s, struct type *t, enum setting_key k,
	int64_t dflt)
{
	struct setting_value v;

	return setting_number(s, t, k, &v) ? v.i : dflt;
}

void
setting_retry_policy(struct store *s, struct type *t,
	struct retry_policy *p)
{
	struct setting_value v;

	p->strategy = setting_number(s, t, SET_RETRY_STRATEGY, &v) ?
	    (enum retry_strategy)v.choice : RETRY_EXPONENTIAL;
	p->max_attempts = (int)setting_int(s, t, SET_MAX_ATTEMPTS, 3);
	p->transient_max_attempts =
	    (int)setting_int(s, t, SET_TRANSIENT_MAX_ATTEMPTS, 0);
	p->base = setting_int(s, t, SET_RETRY_BASE, 0);
	p->max = setting_int(s, t, SET_RETRY_MAX, 0);
	p->multiplier = setting_number(s, t, SET_RETRY_MULTIPLIER, &v) ?
	    v.f : 2;
	p->jitter = setting_number(s, t, SET_RETRY_JITTER, &v) ? v.f : 0;
	p->rate_limit_delay = setting_int(s, t, SET_RATE_LIMIT_DELAY, 0);
	p->crash_limit = (int)setting_int(s, t, SET_CRASH_LIMIT, 5);
}

/* Where its text is; NULL: the type does not exist */
static char **
place_of(struct store *s, const struct setting_change *c)
{
	struct type *t = c->type ? catalog_find(s, c->type, strlen(c->type)) :
	    NULL;

	if (c->type == NULL)
		return &s->catalog.global[c->key];
	return t ? &t->set[c->key] : NULL;
}

/* What is not set there is not taken back. */
static bool
has_effect(struct store *s, const struct setting_change *c)
{
	char **at = c->text ? NULL : place_of(s, c);

	return c->text || (at && *at);
}

/* One event per change, {"type":..,"key":..,"from":..,"to":..} */
static int
change_one(struct store *s, const struct setting_change *c, struct json *j,
	struct err *err)
{
	const char *name = setting_def(c->key)->name;
	struct type *t = NULL;
	char **at;
	int code = 0;

	if (c->type)
		code = catalog_make_type(s, bytes_of(c->type), &t, err);
	if (code)
		return code;
	at = t ? &t->set[c->key] : &s->catalog.global[c->key];
	json_begin_object(j, NULL);
	json_put_string(j, "type", c->type);
	json_put_string(j, "key", name);
	json_put_string(j, "from", *at);
	json_put_string(j, "to", c->text);
	json_end_object(j);
	free(*at);
	*at = c->text ? mem_strdup(c->text) : NULL;
	s->tx.regenerate = true;
	s->tx.wake = true;
	if (c->text)
		return db_run(&s->db, SQL_SETTING_SET, err, "itt",
		    t ? t->id : INT64_C(0), name, c->text);
	return db_run(&s->db, SQL_SETTING_UNSET, err, "it",
	    t ? t->id : INT64_C(0), name);
}

static int
validate(const struct setting_change *c, struct err *err)
{
	const struct setting_def *d = setting_def(c->key);
	int code = 0;

	if (c->type)
		code = type_check(bytes_of(c->type), err);
	if (code == 0 && c->type && d->global)
		code = err_set(err, EX_CONFIG, "set %s for %s: it is for the "
		    "whole queue; leave out --type", d->name, c->type);
	if (code == 0 && c->text)
		code = setting_parse(c->key, c->text, NULL, err);
	return code;
}

static int
change_all(struct store *s, const struct setting_change *v, size_t n,
	struct err *err)
{
	struct event *e;
	struct json j;
	size_t first = 0;
	int code = tx_begin(s, err);

	if (code)
		return code;
	while (first < n && !has_effect(s, &v[first]))
		first++;
	if (first == n) {
		tx_abort(s);
		return 0;
	}
	e = tx_event(s, KIND_SETTING);
	json_init(&j, &e->detail);
	json_begin_array(&j, NULL);
	for (size_t i = first; i < n && code == 0; i++)
		if (has_effect(s, &v[i]))
			code = change_one(s, &v[i], &j, err);
	json_end_array(&j);
	return tx_end(s, code, err);
}

int
store_settings_change(struct store *s, const struct setting_change *v,
	size_t n, struct err *err)
{
	int code = 0;

	for (size_t i = 0; i < n && code == 0; i++)
		code = validate(&v[i], err);
	if (code || n == 0)
		return code;
	do {
		code = change_all(s, v, n, err);
	} while (code && reserve_break(s));
	return code ? code : store_sync(s, err);
}

int
store_setting(struct store *s, const char *type, enum setting_key k,
	const char **text, enum origin *origin, struct err *err)
{
	const struct effective *e;
	struct type *t = NULL;
	char at[TYPE_MAX + 1], up[TYPE_MAX + 1];
	bool exact = true;
	int code = read_begin(s, err);

	if (code)
		return code;
	read_end(s);
	if (type) {
		snprintf(at, sizeof(at), "%s", type);
		/* A type without jobs inherits from the parents that exist. */
		while ((t = catalog_find(s, at, strlen(at))) == NULL &&
		    type_parent(at, up)) {
			exact = false;
			memcpy(at, up, sizeof(at));
		}
	}
	e = setting_effective(s, t, k);
	*text = e->text;
	*origin = e->origin;
	if (*origin == ORIGIN_TYPE && !exact)
		*origin = ORIGIN_PARENT;
	return 0;
}

int
store_setting_value(struct store *s, const char *type, enum setting_key k,
	struct setting_value *v, bool *set, struct err *err)
{
	enum origin origin;
	const char *text;
	int code = store_setting(s, type, k, &text, &origin, err);

	*set = false;
	memset(v, 0, sizeof(*v));
	if (code || text == NULL)
		return code;
	*set = true;
	return setting_parse(k, text, v, err);
}

int
store_settings_each(struct store *s, setting_fn *fn, void *ctx,
	struct err *err)
{
	int code = read_begin(s, err);

	if (code)
		return code;
	read_end(s);
	for (int k = 0; k < SET_COUNT; k++)
		if (s->catalog.global[k] && fn(ctx, NULL, k,
		    s->catalog.global[k]))
			return 0;
	for (size_t i = 0; i < s->catalog.ntypes; i++) {
		struct type *t = s->catalog.types[i];
		for (int k = 0; k < SET_COUNT; k++)
			if (t->set[k] && fn(ctx, t->name, k, t->set[k]))
				return 0;
	}
	return 0;
}
