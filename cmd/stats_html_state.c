/* What is wrong, at the top of the page of iq-stats --html. */
#include <string.h>

#include "stats_health.h"
#include "stats_html.h"

static const char *const tones[] = { "good", "warn", "bad", "warn" };

static void
add_health(struct buf *b, const struct health *h)
{
	buf_addf(b, "<p class=\"%s\">Health: ", tones[h->worst]);
	html_words(b, bytes_of(health_level(h->worst)), "health.status");
	buf_adds(b, "</p>\n");
	for (size_t i = 0; i < h->n; i++) {
		const struct problem *p = &h->v[i];

		buf_addf(b, "<p><b class=\"%s\">", tones[p->level]);
		html_words(b, bytes_of(health_level(p->level)),
		    "health.problems.%zu.level", i);
		buf_adds(b, "</b> ");
		html_words(b, (struct bytes){ p->sentence.p, p->sentence.len },
		    "health.problems.%zu.sentence", i);
		buf_adds(b, "</p>\n");
	}
}

struct warnings {
	struct buf *b;
	size_t n;
};

static void
add_warning(void *ctx, const char *sentence)
{
	struct warnings *w = ctx;

	buf_adds(w->b, "<p><b class=\"warn\">setting</b> ");
	html_words(w->b, bytes_of(sentence), "settings_warnings.%zu", w->n++);
	buf_adds(w->b, "</p>\n");
}

static void
add_watch_state(struct buf *b, const struct watcher_stats *w, size_t i)
{
	if (!w->alive)
		buf_adds(b, "<td class=\"l bad\">dead");
	else if (w->overdue)
		buf_adds(b, "<td class=\"l warn\">overdue");
	else if (w->health.healthy)
		buf_adds(b, "<td class=\"l good\">healthy");
	else {
		buf_adds(b, "<td class=\"l s warn\">not well");
		if (w->health.reason) {
			buf_adds(b, ": ");
			html_words(b, bytes_of(w->health.reason),
			    "watch.processes.%zu.reason", i);
		}
	}
}

static void
add_watcher(struct buf *b, const struct watcher_stats *w, size_t i)
{
	buf_adds(b, "<tr>");
	add_watch_state(b, w, i);
	buf_adds(b, "<td class=\"l w\">");
	for (size_t k = 0; k < w->nroots; k++) {
		buf_adds(b, k ? "<br>" : "");
		html_words(b, w->roots[k],
		    "watch.processes.%zu.directories.%zu.path", i, k);
	}
	buf_adds(b, "<td class=\"l\">");
	html_words(b, bytes_of(w->health.source), "watch.processes.%zu.source",
	    i);
	buf_adds(b, "<td class=\"l\">");
	html_words(b, bytes_of(watch_coverage_name(w->health.coverage)),
	    "watch.processes.%zu.coverage", i);
	buf_adds(b, "<td>");
	html_value(b, HTML_COUNT, (double)w->health.pending,
	    "watch.processes.%zu.pending_files", i);
	buf_adds(b, "<td class=\"l\">");
	html_words(b, bytes_of(w->host), "watch.processes.%zu.host", i);
	buf_adds(b, "<td>");
	html_value(b, HTML_COUNT, w->pid, "watch.processes.%zu.pid", i);
	buf_adds(b, "<td class=\"l\">");
	html_time(b, w->told, 0, true);
	buf_adds(b, "\n");
}

int
stats_html_state(struct buf *b, const struct summary *s, struct err *err)
{
	struct warnings w = { .b = b };
	int code;

	add_health(b, s->health);
	code = settings_warnings(s, add_warning, &w, err);
	if (s->stats.nwatchers == 0)
		return code;
	buf_adds(b, "<h2>Watches</h2>\n<div class=\"table\"><table><tr>"
	    "<th class=\"l\">State<th class=\"l\">Directories"
	    "<th class=\"l\">Source<th class=\"l\">Coverage<th>Pending"
	    "<th class=\"l\">Host<th>PID<th class=\"l\">Told\n");
	for (size_t i = 0; i < s->stats.nwatchers; i++)
		add_watcher(b, &s->stats.watchers[i], i);
	buf_adds(b, "</table></div>\n");
	return code;
}
