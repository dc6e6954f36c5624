/* Limits of iq-stats --html: what is set, where, and what there is of it. */
#include <string.h>

#include "stats_html.h"

struct limit {
	const char *type;	/* NULL: the whole queue */
	enum setting_key key;
	int64_t used;
	const char *of;		/* what is counted; NULL: nothing is */
};

static int
add_limit(struct buf *b, const struct summary *s, const struct limit *l,
	struct err *err)
{
	enum origin origin;
	const char *text;
	int code = store_setting(s->store, l->type, l->key, &text, &origin,
	    err);

	/* 0 is no bound; what comes from above is said there */
	if (code || text == NULL || strcmp(text, "0") == 0 ||
	    (l->type && (origin == ORIGIN_GLOBAL || origin == ORIGIN_BUILTIN ||
	    origin == ORIGIN_PARENT)))
		return code;
	buf_addf(b, "<tr><td class=\"l\">%s<td class=\"l\">%s<td>",
	    l->type ? l->type : "everything", setting_def(l->key)->name);
	html_string(b, text);
	buf_addf(b, "<td class=\"l\">%s<td>", origin_name(origin));
	if (l->of)
		buf_addf(b, "%lld %s", (long long)l->used, l->of);
	buf_adds(b, "\n");
	return 0;
}

/* Of a type and its children */
static void
count_live(const struct summary *s, const char *type, int64_t *running,
	int64_t *pending)
{
	*running = *pending = 0;
	for (size_t i = 0; i < s->stats.ntypes; i++) {
		const struct depth *d = &s->stats.types[i].depth;

		if (!type_within(s->stats.types[i].type, type))
			continue;
		*running += d->running;
		*pending += d->ready + d->delayed + d->waiting;
	}
}

int
stats_html_limits(struct buf *b, const struct summary *s, struct err *err)
{
	int64_t slots, active, running, pending;
	int code;

	summary_slots(s, &slots, &active);
	buf_adds(b, "<h2>Limits</h2>\n<div class=\"table\"><table><tr>"
	    "<th class=\"l\">Of<th class=\"l\">Setting<th>Configured"
	    "<th class=\"l\">From<th>Now\n<tr><td class=\"l\">live workers"
	    "<td class=\"l\">slots<td>");
	html_value(b, HTML_COUNT, (double)slots, "workers.effective");
	buf_adds(b, "<td class=\"l\">workers<td>");
	html_value(b, HTML_COUNT, (double)active, "workers.active");
	buf_adds(b, " in use\n");
	code = add_limit(b, s, &(struct limit){ NULL, SET_WORKERS, 0, NULL },
	    err);
	for (size_t i = 0; i < s->stats.ntypes && code == 0; i++) {
		const char *type = s->stats.types[i].type;

		count_live(s, type, &running, &pending);
		code = add_limit(b, s, &(struct limit){ type, SET_MAX_WORKERS,
		    running, "running" }, err);
		if (code == 0)
			code = add_limit(b, s, &(struct limit){ type,
			    SET_MAX_QUEUE, pending, "pending" }, err);
		if (code == 0)
			code = add_limit(b, s, &(struct limit){ type,
			    SET_RATE_LIMIT, 0, NULL }, err);
	}
	buf_adds(b, "</table></div>\n");
	return code;
}
