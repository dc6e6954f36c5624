/* iq-log --prune. */
#include <inttypes.h>

#include "log.h"

/* In one transaction: others wait for some milliseconds. */
#define AT_ONCE 500

int
log_prune(struct log_program *p, struct err *err)
{
	struct buf line = { 0 };
	int64_t n, events = 0;
	struct json j;
	int code;

	do {
		code = store_log_prune(p->store, p->filter.until, AT_ONCE, &n,
		    err);
		events += n;
	} while (code == 0 && n == AT_ONCE);
	if (code)
		return code;
	if (p->filter.until > clock_wall(&clock_system) -
	    STORE_LOG_KEEPS)
		warn_say("--until: events of the last hour stay");
	if (p->report.json) {
		json_init(&j, &line);
		json_begin_object(&j, NULL);
		json_put_path(&j, "queue", bytes_of(store_path(p->store)));
		json_put_int(&j, "pruned_events", events);
		json_end_object(&j);
	} else {
		buf_addf(&line, "%" PRId64 " %s pruned", events,
		    events == 1 ? "event" : "events");
	}
	report_line(&line);
	buf_release(&line);
	return 0;
}
