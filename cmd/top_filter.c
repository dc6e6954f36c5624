/* What is listed, and in what order; and the line in which that is typed. */
#include <string.h>

#include "top_model.h"

static const char *const type_sorts[] = { "name", "ready", "running", "done",
	"failed", "quarantined", "p95", NULL };
static const char *const job_sorts[] = { "id", "state", "type", "priority",
	"attempt", "created_at", "reason", "path", NULL };

static const char *const *
sorts(const struct top *t)
{
	static const char *const none[] = { NULL };

	return t->view == TOP_TYPES ? type_sorts : t->view == TOP_JOBS ?
	    job_sorts : none;
}

const char *
top_sort(const struct top *t)
{
	return sorts(t)[t->sort[t->view]];
}

void
top_next_sort(struct top *t)
{
	size_t *at = &t->sort[t->view];

	*at = sorts(t)[*at + 1] ? *at + 1 : 0;
	/* of numbers the large ones matter */
	t->descending[t->view] = t->view == TOP_TYPES && *at > 0;
}

static const struct {
	const char *name;
	unsigned states;
} states[] = {
	{ "all", 0 }, { "running", 1u << STATE_RUNNING },
	{ "ready", 1u << STATE_READY }, { "delayed", 1u << STATE_DELAYED },
	{ "waiting", 1u << STATE_WAITING },
	{ "quarantined", 1u << STATE_QUARANTINED },
};

const char *
top_state(const struct top *t, unsigned *bits)
{
	if (bits)
		*bits = states[t->state].states;
	return states[t->state].name;
}

void
top_next_state(struct top *t)
{
	t->state = (t->state + 1) % (sizeof(states) / sizeof(*states));
}

void
top_pattern(const struct top *t, struct buf *b)
{
	const char *text = t->filter.len ? t->filter.p : "";
	bool whole = strpbrk(text, "*?[") != NULL;

	if (*text == '\0')
		return;
	if (whole) {
		buf_adds(b, text);
		return;
	}
	buf_addc(b, '*');
	for (; *text; text++)
		buf_addf(b, "%s%c", *text == '\\' ? "\\" : "", *text);
	buf_addc(b, '*');
}

/* ---- a line that is typed ---- */

void
top_type_point(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_addc(b, (char)c);
	} else if (c < 0x800) {
		buf_addc(b, (char)(0xc0 | c >> 6));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_addc(b, (char)(0xe0 | c >> 12));
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_addc(b, (char)(0xf0 | c >> 18));
		buf_addc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	}
}

void
top_type_erase(struct buf *b)
{
	while (b->len && ((unsigned char)b->p[b->len - 1] & 0xc0) == 0x80)
		b->len--;
	if (b->len)
		b->len--;
	if (b->p)
		b->p[b->len] = '\0';
}
