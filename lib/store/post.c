/* One table of what a record and its options consist of, walked in both
 * directions, so that writing and reading cannot differ. */
#include <limits.h>
#include <string.h>

#include "store/post.h"

/* So far from the end that the time of day can be added: 73 years */
#define SPAN_MAX (INT64_MAX / 4)

struct walk {
	char *out;		/* NULL: reading */
	const char *in;
	size_t left;
	bool good;
};

static void
walk_number(struct walk *w, int64_t *v, int64_t min, int64_t max)
{
	if (w->left < sizeof(*v))
		w->good = false;
	if (!w->good)
		return;
	if (w->out) {
		memcpy(w->out, v, sizeof(*v));
		w->out += sizeof(*v);
	} else {
		memcpy(v, w->in, sizeof(*v));
		w->in += sizeof(*v);
	}
	w->left -= sizeof(*v);
	w->good = *v >= min && *v <= max;
}

static int
walk_int(struct walk *w, int v, int min, int max)
{
	int64_t wide = v;

	walk_number(w, &wide, min, max);
	return w->good ? (int)wide : min;
}

static void
walk_span(struct walk *w, int64_t *v)
{
	walk_number(w, v, 0, SPAN_MAX);
}

/* Anything, also RECORD_UNSET */
static void
walk_any(struct walk *w, int64_t *v)
{
	walk_number(w, v, INT64_MIN, INT64_MAX);
}

static void
walk_bytes(struct walk *w, struct bytes *b)
{
	int64_t n = b->p ? (int64_t)b->n : -1;

	walk_number(w, &n, -1, MAIL_SLOT_SIZE);
	if (!w->good || n < 0) {
		*b = BYTES_NONE;
		return;
	}
	if ((size_t)n > w->left) {
		w->good = false;
		return;
	}
	if (w->out) {
		memcpy(w->out, b->p, (size_t)n);
		w->out += n;
	} else {
		*b = (struct bytes){ w->in, (size_t)n };
		w->in += n;
	}
	w->left -= (size_t)n;
}

static void
walk_envelope(struct walk *w, struct envelope *e)
{
	walk_any(w, &e->queue.dev);
	walk_any(w, &e->queue.ino);
	walk_bytes(w, &e->actor);
	w->good = w->good && e->actor.n > 0 && e->actor.n <= POST_ACTOR_MAX;
}

static void
walk_options(struct walk *w, struct enqueue_options *o)
{
	o->on_duplicate = (enum on_duplicate)walk_int(w, (int)o->on_duplicate,
	    DUPLICATE_SKIP, DUPLICATE_FAIL);
	walk_span(w, &o->unique_for);
	walk_span(w, &o->debounce);
	walk_span(w, &o->max_delay);
	walk_span(w, &o->max_queue);
	o->on_full = (enum on_full)walk_int(w, (int)o->on_full, FULL_BLOCK,
	    FULL_SETTING);
	o->blocked = walk_int(w, o->blocked, false, true);
	o->on_parent_failure = (enum on_parent_failure)walk_int(w,
	    (int)o->on_parent_failure, PARENT_WAIT, PARENT_RUN);
	o->no_key = walk_int(w, o->no_key, false, true);
	walk_any(w, &o->from.device);
	walk_any(w, &o->from.inode);
}

static void
walk_record(struct walk *w, struct record *r)
{
	walk_bytes(w, &r->path);
	walk_bytes(w, &r->key);
	walk_bytes(w, &r->payload);
	walk_bytes(w, &r->type);
	walk_bytes(w, &r->group);
	r->event = (enum file_event)walk_int(w, (int)r->event, EVENT_NONE,
	    EVENT_COUNT - 1);
	r->priority = walk_int(w, r->priority, 1, 5);
	walk_any(w, &r->run_at);
	walk_number(w, &r->delay, INT64_MIN, SPAN_MAX);
	walk_any(w, &r->size);
	walk_any(w, &r->mtime);
	walk_any(w, &r->timeout);
	r->max_attempts = walk_int(w, r->max_attempts, 0, INT_MAX);
}

static bool
holds_nul(struct bytes b)
{
	return b.p && memchr(b.p, '\0', b.n);
}

/* What the readers of the command line and of the streams make sure of */
static bool
is_sane(const struct record *r)
{
	struct err why;

	return type_check(r->type, &why) == 0 && !holds_nul(r->path) &&
	    !holds_nul(r->payload) && (r->path.p || r->key.p || r->payload.p);
}

size_t
post_write(char *out, size_t room, const struct envelope *e,
	const struct enqueue_options *o, const struct record *v, size_t n)
{
	struct walk w = { .out = out, .left = room, .good = true };
	struct enqueue_options options = *o;
	struct envelope envelope = *e;

	if (n == 0 || n > MAIL_RECORDS)
		return 0;
	walk_envelope(&w, &envelope);
	walk_options(&w, &options);
	walk_int(&w, (int)n, 1, MAIL_RECORDS);
	for (size_t i = 0; i < n && w.good; i++) {
		struct record r = v[i];

		walk_record(&w, &r);
		w.good &= r.nafter == 0;
	}
	return w.good ? room - w.left : 0;
}

bool
post_read(struct bytes from, struct post *post)
{
	struct walk w = { .in = from.p, .left = from.n, .good = true };

	memset(post, 0, sizeof(*post));
	walk_envelope(&w, &post->envelope);
	walk_options(&w, &post->options);
	post->n = (size_t)walk_int(&w, 0, 1, MAIL_RECORDS);
	for (size_t i = 0; i < post->n && w.good; i++) {
		struct record *r = &post->records[i];

		record_init(r);
		walk_record(&w, r);
		w.good = w.good && is_sane(r);
	}
	return w.good && w.left == 0;
}
