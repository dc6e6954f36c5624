/* What is wrong with the settings that are stored: sentences that say what, why
 * and what to do, each once, where the setting stands. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "rules/command.h"
#include "stats.h"

struct own_setting {
	char *type;		/* NULL: of the whole queue */
	enum setting_key key;
	char *text;
	struct setting_value v;
};

struct look {
	const struct summary *s;
	sentence_fn *fn;
	void *ctx;
	struct own_setting *v;
	size_t n;
	char of[TYPE_MAX + 8];	/* " of notes", or "" */
	struct err *err;
};

static void say(struct look *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void
say(struct look *l, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	l->fn(l->ctx, b.p);
	buf_release(&b);
}

static const struct own_setting *
find(const struct look *l, const char *type, enum setting_key key)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].key == key && (type == NULL || l->v[i].type == NULL ?
		    type == l->v[i].type : strcmp(type, l->v[i].type) == 0))
			return &l->v[i];
	return NULL;
}

/* What holds there for another key, unless only for this process */
static bool
holds(struct look *l, const char *type, enum setting_key key,
	const char **text, struct setting_value *v)
{
	enum origin origin;
	struct err ignored;

	return store_setting(l->s->store, type, key, text, &origin, l->err) ==
	    0 && *text && origin != ORIGIN_ENVIRONMENT &&
	    setting_parse(key, *text, v, &ignored) == 0;
}

/* ---- one that is above what bounds it ---- */

static const struct pair {
	enum setting_key low, high;
	const char *why;
} pairs[] = {
	{ SET_RETRY_BASE, SET_RETRY_MAX, "each delay is cut to that; raise "
	    "retry_max, or lower retry_base" },
	{ SET_DEBOUNCE, SET_MAX_DELAY, "iq-watch takes a file after that "
	    "time, also while it changes; raise max_delay, or lower "
	    "debounce" },
	{ SET_BATCH_FILES, SET_MAX_QUEUE, "no more jobs than that wait to be "
	    "taken together; raise max_queue, or lower batch_files" },
};

/* Delays are what retry_base says only then; 0 is no bound of a queue. */
static bool
is_bound(struct look *l, const struct own_setting *at, const struct pair *p,
	int64_t high)
{
	struct setting_value v;
	const char *text;

	if (p->high == SET_RETRY_MAX)
		return holds(l, at->type, SET_RETRY_STRATEGY, &text, &v) &&
		    v.choice != RETRY_NONE && v.choice != RETRY_IMMEDIATE;
	return p->high != SET_MAX_QUEUE || high > 0;
}

/* Told where the lower one stands, or the higher one stands alone. */
static void
judge_pair(struct look *l, const struct own_setting *at, const struct pair *p)
{
	struct setting_value low, high;
	const char *low_text, *high_text;

	if (at->key != p->low && (at->key != p->high ||
	    find(l, at->type, p->low)))
		return;
	if (holds(l, at->type, p->low, &low_text, &low) &&
	    holds(l, at->type, p->high, &high_text, &high) &&
	    low.i > high.i && is_bound(l, at, p, high.i))
		say(l, "%s %s%s is above %s %s: %s",
		    setting_def(p->low)->name, low_text, l->of,
		    setting_def(p->high)->name, high_text, p->why);
}

/* A rate is that only if it lets no more through at once either. */
static bool
is_above(const struct own_setting *a, const struct own_setting *b)
{
	double x = (double)a->v.i, y = (double)b->v.i;

	if (a->key != SET_RATE_LIMIT)
		return b->v.i > 0 && x > y;
	return x >= y && x / a->v.f > y / b->v.f;
}

static void
judge_parents(struct look *l, const struct own_setting *at)
{
	char name[TYPE_MAX + 1], up[TYPE_MAX + 1];

	snprintf(name, sizeof(name), "%s", at->type ? at->type : "");
	while (type_parent(name, up)) {
		const struct own_setting *above = find(l, up, at->key);

		memcpy(name, up, sizeof(name));
		if (above == NULL || !is_above(at, above))
			continue;
		say(l, "%s %s%s is above %s of %s, which holds for all types "
		    "below it: raise that, or lower this",
		    setting_def(at->key)->name, at->text, l->of, above->text,
		    name);
		return;
	}
}

/* ---- one that others make useless ---- */

static bool
serves(const struct worker_stats *w, const char *type)
{
	for (size_t i = 0; i < w->serves.n; i++)
		if (type_within(type, w->serves.types[i]) ||
		    type_within(w->serves.types[i], type))
			return true;
	return w->serves.n == 0;
}

static void
judge_max_workers(struct look *l, const struct own_setting *at)
{
	const struct stats *s = &l->s->stats;
	int64_t slots = 0;

	judge_parents(l, at);
	for (size_t i = 0; at->type && i < s->nworkers; i++)
		if (s->workers[i].alive && serves(&s->workers[i], at->type))
			slots += s->workers[i].limit;
	if (slots && at->v.i > slots)
		say(l, "max_workers %s%s is not reached: the workers that "
		    "serve it have %lld slots; give iq-work a larger -j, or "
		    "start another", at->text, l->of, (long long)slots);
}

static void
judge_batch(struct look *l, const struct own_setting *at)
{
	struct arena arena = { 0 };
	const char *const *argv, *text;
	struct setting_value v;
	struct err ignored;
	size_t argc;

	if (at->v.i > 1 && holds(l, at->type, SET_HANDLER, &text, &v) &&
	    command_parse(text, &arena, &argv, &argc, &ignored) == 0 &&
	    command_wants_one(argv))
		say(l, "batch_files %s%s does nothing with its handler, an "
		    "argument of which holds what is said of one job: make "
		    "it {} alone, or take batch_files back", at->text, l->of);
	arena_release(&arena);
}

static void
judge_attempts(struct look *l, const struct own_setting *at)
{
	struct setting_value how;
	const char *text;

	if (at->v.i > 1 && holds(l, at->type, SET_RETRY_STRATEGY, &text,
	    &how) && how.choice == RETRY_NONE)
		say(l, "%s %s%s does nothing with retry_strategy none, which "
		    "tries nothing again: take one of them back",
		    setting_def(at->key)->name, at->text, l->of);
}

/* ---- those of the whole queue ---- */

static void
judge_telemetry(struct look *l, const struct own_setting *at)
{
	if (at->v.choice == 1)
		say(l, "telemetry off: of what ends now neither times nor "
		    "sizes are recorded, nor the depth each minute; set "
		    "telemetry=on to see them");
}

static void
judge_retention_bytes(struct look *l, const struct own_setting *at)
{
	struct buf disk = { 0 };

	if (l->s->disk > 0 && at->v.i > l->s->disk) {
		size_human(&disk, l->s->disk);
		say(l, "retention_bytes %s is more than the disk has, %s: it "
		    "bounds nothing; lower it", at->text, disk.p);
	}
	buf_release(&disk);
}

/* Also where nobody has set it */
static void
judge_window(struct look *l)
{
	const struct stats *s = &l->s->stats;
	struct setting_value v;
	const char *text;

	if (holds(l, NULL, SET_TELEMETRY_RETENTION, &text, &v) &&
	    s->sampled - s->since >= v.i && l->s->asked < s->since)
		say(l, "telemetry_retention %s is shorter than what --since "
		    "asks for: what is older is not known; raise it to know "
		    "that later", text);
}

/* ---- all of them ---- */

static void
judge(struct look *l, const struct own_setting *at)
{
	static void (*const judges[SET_COUNT])(struct look *l,
		const struct own_setting *at) = {
		[SET_MAX_WORKERS] = judge_max_workers,
		[SET_MAX_QUEUE] = judge_parents,
		[SET_RATE_LIMIT] = judge_parents,
		[SET_BATCH_FILES] = judge_batch,
		[SET_MAX_ATTEMPTS] = judge_attempts,
		[SET_TRANSIENT_MAX_ATTEMPTS] = judge_attempts,
		[SET_TELEMETRY] = judge_telemetry,
		[SET_RETENTION_BYTES] = judge_retention_bytes,
	};
	const char *wanted = l->s->type;

	if (wanted && at->type && !type_within(at->type, wanted) &&
	    !type_within(wanted, at->type))
		return;
	snprintf(l->of, sizeof(l->of), "%s%s", at->type ? " of " : "",
	    at->type ? at->type : "");
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		judge_pair(l, at, &pairs[i]);
	if (judges[at->key])
		judges[at->key](l, at);
}

/* A value that is none has no effect: iq-db check tells of it. */
static int
keep(void *ctx, const char *type, enum setting_key k, const char *text)
{
	struct look *l = ctx;
	struct setting_value v;
	struct err ignored;

	if (setting_parse(k, text, &v, &ignored) != 0)
		return 0;
	l->v = mem_grow(l->v, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = (struct own_setting){ type ? mem_strdup(type) : NULL, k,
	    mem_strdup(text), v };
	return 0;
}

int
settings_warnings(const struct summary *s, sentence_fn *fn, void *ctx,
	struct err *err)
{
	struct look l = { .s = s, .fn = fn, .ctx = ctx, .err = err };
	int code = store_settings_each(s->store, keep, &l, err);

	for (size_t i = 0; i < l.n && code == 0; i++)
		judge(&l, &l.v[i]);
	if (code == 0)
		judge_window(&l);
	for (size_t i = 0; i < l.n; i++) {
		free(l.v[i].type);
		free(l.v[i].text);
	}
	free(l.v);
	return code;
}
