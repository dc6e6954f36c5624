/* iq-log --verify. */
#include <inttypes.h>

#include "findings.h"
#include "log.h"
#include "meter.h"

static void
print_json(struct log_program *p, const struct findings *f,
	const struct log_proof *proof)
{
	struct buf line = { 0 };
	struct json j;

	json_init(&j, &line);
	json_begin_object(&j, NULL);
	findings_json(f, p->store, &j);
	json_put_int(&j, "events", proof->events);
	json_put_int(&j, "seq", proof->seq);
	log_hash_json(&j, "hash", (struct bytes){ (const char *)proof->hash,
	    sizeof(proof->hash) });
	json_end_object(&j);
	report_line(&line);
	buf_release(&line);
}

static void
print_text(struct log_program *p, const struct findings *f,
	const struct log_proof *proof)
{
	char good[64];

	snprintf(good, sizeof(good), ", %" PRId64 " %s", proof->events,
	    proof->events == 1 ? "event" : "events");
	findings_text(f, p->store, good);
}

int
log_verify(struct log_program *p, struct err *err)
{
	struct findings f = { 0 };
	struct log_proof proof;
	struct meter m;
	int code;

	meter_init(&m, p->store);
	code = store_log_verify(p->store, findings_keep, &f, &proof, err);
	meter_clear(&m);
	if (code == 0 && p->report.json)
		print_json(p, &f, &proof);
	else if (code == 0)
		print_text(p, &f, &proof);
	findings_release(&f);
	return code ? code : f.n ? 1 : 0;
}
