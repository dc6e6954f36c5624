/* Events for people: a line for each move. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "base/text.h"
#include "log.h"
#include "rules/detail.h"

#define NARROW 110		/* columns: with fewer, less stands before a move */

static bool
is_narrow(const struct log_program *p)
{
	return p->report.width && p->report.width < NARROW;
}

static struct tm
utc(int64_t at)
{
	time_t seconds = (time_t)(at / NS_PER_S);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	return tm;
}

static void
add_clock(struct buf *b, const struct tm *tm)
{
	buf_addf(b, "%02d:%02d:%02d", tm->tm_hour, tm->tm_min, tm->tm_sec);
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
	struct tm tm = utc(e->at);
	size_t start;

	buf_addf(b, "%6" PRId64 " %02d-%02d ", e->seq, tm.tm_mon + 1,
	    tm.tm_mday);
	add_clock(b, &tm);
	buf_adds(b, "Z ");
	start = b->len;
	buf_addf(b, "%s", event_kind_name(e->kind));
	add_padded(b, start, 13);
	start = b->len;
	add_actor(b, e->actor);
	add_padded(b, start, 16);
}

/* There is no room for it in each line. */
static void
put_day(struct log_program *p, int64_t at)
{
	struct tm tm = utc(at);

	if (tm.tm_year != p->day.tm_year || tm.tm_yday != p->day.tm_yday)
		printf("%04d-%02d-%02d UTC\n", tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday);
	p->day = tm;
}

/* The states say what these did. */
static bool
is_plain(const struct entry *e, bool moves)
{
	return moves && (e->kind == KIND_ENQUEUE || e->kind == KIND_CLAIM ||
	    e->kind == KIND_FINISH);
}

static void
add_narrow_head(struct buf *b, const struct entry *e, bool moves)
{
	struct tm tm = utc(e->at);
	size_t start;

	buf_addf(b, "%4" PRId64 " ", e->seq);
	add_clock(b, &tm);
	buf_addc(b, ' ');
	start = b->len;
	add_actor(b, e->actor);
	add_padded(b, start, 10);
	if (!is_plain(e, moves))
		buf_addf(b, "%s ", event_kind_name(e->kind));
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

/* That of the first job, unless its mark alone would cut off what is before */
static int
add_path(struct buf *b, struct log_program *p, const struct move *m,
	struct err *err)
{
	size_t width = p->report.width, before = b->len;
	int code = log_path_text(p, m, b, err);

	if (width && text_columns((struct bytes){ b->p, b->len }) > width &&
	    text_columns((struct bytes){ b->p, before }) + 3 > width)
		b->len = before;
	return code;
}

int
log_text(struct log_program *p, const struct entry *e, const struct moves *m,
	struct err *err)
{
	struct buf b = { 0 };
	size_t i = 0;
	int code = 0;

	if (is_narrow(p))
		put_day(p, e->at);
	do {
		if (is_narrow(p))
			add_narrow_head(&b, e, i < m->n);
		else
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
			code = add_path(&b, p, &m->v[i], err);
		while (b.len && b.p[b.len - 1] == ' ')
			b.len--;
		report_clip(&p->report, &b);
		report_line(&b);
	} while (++i < m->n && code == 0);
	buf_release(&b);
	return code;
}
