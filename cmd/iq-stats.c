/* Tells what the queue holds, what it did in a window of time, and how fast. */
#include "stats_health.h"
#include "stats_options.h"

static int
gather(struct summary *s, const struct stats_options *o, struct err *err)
{
	struct stats_request r = { .type = o->type, .since = o->since,
	    .counts = o->form == STATS_HEALTH || o->form == STATS_PROMETHEUS };
	int code;

	if (o->form == STATS_HTML)
		r.series = &s->series;
	code = summary_read(s, &r, err);

	if (code == 0 && (s->by == BY_FAILURE || s->by == BY_TYPE_AND_FAILURE))
		code = store_failures(s->store, &r, &s->failures, err);
	return code;
}

static int
show_page(struct summary *s, struct err *err)
{
	struct health health;
	int code = health_find(&health, s, 0, err);

	s->health = &health;
	if (code == 0)
		code = stats_html(s, err);
	s->health = NULL;
	health_release(&health);
	return code;
}

static int
show_json(struct summary *s, struct err *err)
{
	struct buf b = { 0 };
	int code = stats_json_add(&b, s, err);

	if (code == 0)
		report_line(&b);
	buf_release(&b);
	return code;
}

static int
show(struct summary *s, const struct stats_options *o, struct err *err)
{
	struct report report;

	report_init(&report, o->print);
	if (o->form == STATS_HTML)
		return show_page(s, err);
	if (report.json)
		return show_json(s, err);
	else
		stats_text(s, &report);
	return 0;
}

int
main(int argc, char **argv)
{
	struct stats_options o;
	struct summary s = { 0 };
	struct err err = { 0 };
	int code;

	stats_options_parse(&o, argc, argv);
	s.by = o.form == STATS_HTML ? BY_TYPE_AND_FAILURE : o.by;
	code = store_open(&s.store, &(struct store_options){
	    .path = o.args.queue, .mode = STORE_READ,
	    .program = o.args.program->name }, &err);
	if (code == 0)
		code = gather(&s, &o, &err);
	if (o.form == STATS_HEALTH)
		code = stats_health(&s, o.print == REPORT_JSON, code, &err);
	else if (o.form == STATS_PROMETHEUS)
		code = stats_prometheus(&s, o.args.queue, code, &err);
	else if (code == 0)
		code = show(&s, &o, &err);
	if (o.form != STATS_HEALTH && code)
		warn_say("%s", err.text);
	summary_release(&s);
	store_close(s.store);
	return output_finish(code);
}
