#include <limits.h>
#include <string.h>

#include "engine/stage.h"

/* The end of a record and that of a batch */
#define MARK_MOST 24

void
stage_init(struct stage *s, const struct stage_options *o, int fd)
{
	struct hash_key key;

	memset(s, 0, sizeof(*s));
	s->options = *o;
	hash_key_draw(&key);
	debounce_init(&s->held, &o->debounce, key);
	output_init(&s->out, fd);
}

void
stage_release(struct stage *s)
{
	debounce_release(&s->held);
	output_release(&s->out);
}

void
stage_put(struct stage *s, int64_t now, struct bytes identity,
	struct bytes content)
{
	s->tally.events++;
	if (debounce_put(&s->held, now, identity, content))
		s->tally.deduplicated++;
}

bool
stage_again(struct stage *s, int64_t now, struct bytes content)
{
	bool again = debounce_again(&s->held, now, content);

	s->tally.events += again;
	s->tally.deduplicated += again;
	return again;
}

static void
end_batch(struct stage *s)
{
	static const char flush[] = "{\"flush\":true}\n";
	const char *mark = s->options.format == STREAM_JSON ? flush :
		s->options.format == STREAM_NUL ? "" : "\n";

	s->in_batch = 0;
	s->tally.batches++;
	if (s->options.boundaries)
		output_add(&s->out, mark, *mark ? strlen(mark) : 1);
}

/* A pipe takes PIPE_BUF at once or not at all, so that whoever reads never sees
 * a part of a record, however we end.  (One that is longer stands alone.) */
static bool
fits(const struct stage *s, struct bytes content)
{
	int64_t most = s->out.regular ? 64 << 10 : PIPE_BUF;

	return s->out.waiting == 0 || s->out.waiting + (int64_t)content.n +
	    MARK_MOST <= most;
}

static void
write_first(struct stage *s, int64_t now, struct bytes content)
{
	output_add(&s->out, content.p, content.n);
	output_add(&s->out, s->options.format == STREAM_NUL ? "" : "\n", 1);
	debounce_drop(&s->held);
	rate_count(&s->options.rate, now);
	if (++s->in_batch >= s->options.debounce.batch ||
	    s->held.nreleased == 0)
		end_batch(s);
}

void
stage_write(struct stage *s, int64_t now)
{
	struct bytes content;

	debounce_advance(&s->held, now);
	do {
		/* what is not in the buffer can still be merged */
		while (!s->out.failed && rate_next(&s->options.rate) <= now &&
		    debounce_first(&s->held, &content) && fits(s, content))
			write_first(s, now, content);
		if (s->out.waiting == 0)
			break;
		output_flush(&s->out);
	} while (s->out.waiting == 0 && !s->out.failed);
}

void
stage_hurry(struct stage *s)
{
	s->options.rate = (struct rate){ 0 };
}

bool
stage_blocked(const struct stage *s, int64_t now)
{
	return s->out.waiting > 0 || (s->held.nreleased > 0 &&
		rate_next(&s->options.rate) <= now);
}

int64_t
stage_due(const struct stage *s)
{
	int64_t due = debounce_due(&s->held);
	int64_t next = rate_next(&s->options.rate);

	if (s->out.waiting == 0 && s->held.nreleased > 0 && next < due)
		due = next;
	return due;
}

size_t
stage_pending(const struct stage *s)
{
	return s->held.nwaiting + s->held.nreleased;
}

bool
stage_empty(const struct stage *s)
{
	return stage_pending(s) == 0 && s->out.waiting == 0;
}
