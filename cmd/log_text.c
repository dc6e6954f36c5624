/* Events for people: a line for each move. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "base/text.h"
#include "log.h"
#include "rules/detail.h"

/* "11-21 08:15:30Z" */
static void
add_time(struct buf *b, int64_t at)
{
	time_t seconds = (time_t)(at / NS_PER_S);
	char text[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%m-%d %H:%M:%SZ", &tm);
	buf_adds(b, text);
}

/* Of "user@host pid program" the first and the last word; a worker whole */
static void
add_actor(struct buf *b, struct bytes actor)
{
	struct buf text = { 0 }, who = { 0 };
	char *at, *program;

	buf_add(&text, actor.p ? actor.p : "", actor.n);
	at = strchr(text.p, '@');
	program = strrchr(text.p, ' ');
	if (at && program && at < program) {
		*at = '\0';
		buf_addf(&who, "%s %s", text.p, program + 1);
	} else {
		buf_adds(&who, text.p);
	}
	text_escape(b, (struct bytes){ who.p, who.len });
	buf_release(&text);
	buf_release(&who);
}

static void
add_padded(struct buf *b, size_t start, size_t width)
{
	buf_addf(b, "%*s", b->len - start < width ?
	    (int)(width - (b->len - start)) : 1, "");
}

static void
add_head(struct buf *b, const struct entry *e)
{
	size_t start;

	buf_addf(b, "%6" PRId64 " ", e->seq);
	add_time(b, e->at);
	start = b->len + 1;
	buf_addf(b, " %s", event_kind_name(e->kind));
	add_padded(b, start, 13);
	start = b->len;
	add_actor(b, e->actor);
	add_padded(b, start, 16);
}

/* "5 notes running -> succeeded, exit 0, 12 ms"; seen: somebody saw it end */
static void
add_move(struct buf *b, struct log_program *p, const struct move *m,
	bool seen)
{
	const char *type = log_type_name(p, m->type);
	const char *reason = m->to == STATE_SUCCEEDED ? NULL :
	    reason_name(m->reason);

	buf_addf(b, "%" PRId64, m->first);
	if (m->count > 1)
		buf_addf(b, "-%" PRId64, m->first + m->count - 1);
	buf_addf(b, " %s ", type ? type : "?");
	if (m->from == m->to)
		buf_addf(b, "%s", state_detail(m->to));
	else
		buf_addf(b, "%s -> %s", m->from == STATE_NONE ? "new" :
		    state_detail(m->from), state_detail(m->to));
	if (reason)
		buf_addf(b, " (%s)", reason);
	if (m->from == STATE_RUNNING && seen) {
		buf_addf(b, ", exit %d, ", m->exit);
		duration_human(b, m->duration);
	}
}

static void
add_detail(struct buf *b, struct log_program *p, struct bytes detail)
{
	struct buf redacted = { 0 }, text = { 0 };

	if (p->redact != REDACT_NONE && detail_redact(detail, &redacted))
		detail = (struct bytes){ redacted.p, redacted.len };
	detail_text(detail, &text);
	text_escape(b, (struct bytes){ text.p, text.len });
	buf_release(&text);
	buf_release(&redacted);
}

int
log_text(struct log_program *p, const struct entry *e, const struct moves *m,
	struct err *err)
{
	struct buf b = { 0 };
	size_t i = 0;
	int code = 0;

	do {
		add_head(&b, e);
		if (i < m->n)
			add_move(&b, p, &m->v[i], e->kind != KIND_REAP);
		if (i < m->n && e->detail.p)
			buf_addc(&b, ' ');
		if (e->detail.p)
			add_detail(&b, p, e->detail);
		else if (m->malformed)
			buf_adds(&b, "its moves cannot be read");
		if (i < m->n)
			code = log_path_text(p, &m->v[i], &b, err);
		while (b.len && b.p[b.len - 1] == ' ')
			b.len--;
		report_clip(&p->report, &b);
		report_line(&b);
	} while (++i < m->n && code == 0);
	buf_release(&b);
	return code;
}
