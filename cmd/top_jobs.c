/* The jobs of the screen. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "top.h"

/* A screen is no place for more; iq-list has them all. */
#define SHOWN 500
#define LOOK 20000		/* jobs that are looked at for it, about */

struct jobs {
	struct top_page *page;
	struct table table;
	int64_t now;
};

static enum top_tone
tone(enum state s)
{
	return s == STATE_RUNNING ? TOP_GOOD : s == STATE_QUARANTINED ?
	    TOP_BAD : s == STATE_DELAYED ? TOP_WARNING : TOP_PLAIN;
}

static int
add_job(void *ctx, const struct job *j)
{
	struct jobs *jobs = ctx;
	struct top_page *p = jobs->page;
	struct top_item *item;

	p->items = mem_grow(p->items, p->n + 1, sizeof(*p->items));
	item = memset(&p->items[p->n++], 0, sizeof(*item));
	item->job = j->id;
	item->state = j->state;
	item->tone = tone(j->state);
	snprintf(item->type, sizeof(item->type), "%s", j->type ? j->type : "");
	report_jobs_add(&jobs->table, j, jobs->now);
	return 0;
}

#define RUNNING (1u << STATE_RUNNING)
#define RESTING (1u << STATE_READY | 1u << STATE_DELAYED | \
	1u << STATE_WAITING | 1u << STATE_QUARANTINED)

int
top_jobs_read(struct top_page *p, struct store *s, const struct top *t,
	const struct report *r, struct err *err)
{
	struct jobs jobs = { .page = p, .now = clock_wall(&clock_system) };
	struct buf pattern = { 0 }, sort = { 0 };
	unsigned states;
	struct job_filter f;
	int code = 0;

	top_state(t, &states);
	top_pattern(t, &pattern);
	buf_addf(&sort, "%s%s", t->descending[TOP_JOBS] ? "-" : "",
	    top_sort(t));
	f = (struct job_filter){ .type = t->type[0] ? t->type : NULL,
	    .path_glob = pattern.p, .limit = SHOWN, .look = LOOK,
	    .sort = strcmp(sort.p, "id") == 0 ? NULL : sort.p };
	report_jobs_init(&jobs.table, r);
	/* what runs stands first, wherever it is among the others */
	f.states = RUNNING;
	if (states == 0 || states == RUNNING)
		code = store_list(s, &f, add_job, NULL, &jobs, err);
	f.states = states ? states : RESTING;
	f.limit = SHOWN - (int64_t)p->n;
	if (code == 0 && states != RUNNING && f.limit > 0)
		code = store_list(s, &f, add_job, NULL, &jobs, err);
	table_flush(&jobs.table);
	table_release(&jobs.table);
	buf_release(&pattern);
	buf_release(&sort);
	return code;
}

/* ---- one of them ---- */

static void
add_reason(void *ctx, const char *code, const char *sentence)
{
	struct buf *b = ctx;

	(void)code;
	text_escape(b, bytes_of(sentence));
	buf_addc(b, '\n');
}

static int
add_details(void *ctx, const struct job *j)
{
	struct buf *b = ctx;

	buf_addf(b, "job %lld  type %s  %s  attempt %d\n", (long long)j->id,
	    j->type ? j->type : "?", report_job_state(j), j->attempt);
	text_escape(b, report_job_subject(j));
	buf_adds(b, "\n\n");
	if (j->error.p && j->error.n) {
		struct bytes rest = j->error;

		buf_adds(b, "It said last:\n");
		while (rest.n) {
			const char *end = memchr(rest.p, '\n', rest.n);
			size_t n = end ? (size_t)(end - rest.p) : rest.n;

			text_escape(b, (struct bytes){ rest.p, n });
			buf_addc(b, '\n');
			n += end != NULL;
			rest = (struct bytes){ rest.p + n, rest.n - n };
		}
		buf_addc(b, '\n');
	}
	return 0;
}

int
top_job_explain(struct store *s, int64_t job, struct buf *b, struct err *err)
{
	struct job_filter f = { .ids = &job, .nids = 1 };
	int code = store_list(s, &f, add_details, NULL, b, err);

	return code ? code : store_why(s, job, add_reason, b, err);
}
