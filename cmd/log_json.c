/* An event as one object. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "log.h"
#include "rules/detail.h"

/* "worker 7", or "user@host pid program"; anything else as it is */
static void
put_actor(struct json *j, struct bytes text)
{
	char user[256], host[256], program[256], line[512];
	long long number;
	int end = 0;

	snprintf(line, sizeof(line), "%.*s", (int)text.n, text.p ? text.p : "");
	json_begin_object(j, "actor");
	if (sscanf(line, "worker %lld%n", &number, &end) == 1 &&
	    (size_t)end == text.n) {
		json_put_int(j, "worker", number);
	} else if (sscanf(line, "%255[^@ ]@%255[^ ] %lld %255s%n", user, host,
	    &number, program, &end) == 4 && (size_t)end == text.n) {
		json_put_string(j, "user", user);
		json_put_string(j, "host", host);
		json_put_int(j, "pid", number);
		json_put_string(j, "program", program);
	} else {
		json_put_bytes(j, "text", text.p ? text : bytes_of(""));
	}
	json_end_object(j);
}

static void
put_state(struct json *j, const char *name, enum state s)
{
	json_put_string(j, name, s == STATE_NONE ? NULL : state_detail(s));
}

static void
put_move(struct json *j, struct log_program *p, const struct move *m,
	bool seen)
{
	json_begin_object(j, NULL);
	json_put_int(j, "id", m->first);
	json_put_int(j, "count", m->count);
	json_put_string(j, "type", log_type_name(p, m->type));
	put_state(j, "from", m->from);
	put_state(j, "to", m->to);
	json_put_string(j, "reason", reason_name(m->reason));
	if (m->from == STATE_RUNNING && seen) {
		json_put_int(j, "exit", m->exit);
		json_put_seconds(j, "duration_seconds", m->duration);
	} else if (m->from == STATE_RUNNING) {
		json_put_null(j, "exit");
		json_put_null(j, "duration_seconds");
	}
	json_end_object(j);
}

void
log_hash_json(struct json *j, const char *name, struct bytes hash)
{
	char hex[2 * EVENT_HASH_SIZE + 1];

	if (hash.n != EVENT_HASH_SIZE) {
		json_put_null(j, name);
		return;
	}
	hex_put(hex, (const unsigned char *)hash.p, hash.n);
	json_put_string(j, name, hex);
}

static void
put_detail(struct json *j, struct bytes detail)
{
	if (detail_valid(detail))
		json_put_raw(j, "detail", detail);
	else
		json_put_bytes(j, "detail", detail);
}

static void
put_canonical(struct json *j, const struct entry *e)
{
	struct buf canonical = { 0 }, text = { 0 };

	entry_canonical(&canonical, e);
	base64_encode(&text, (struct bytes){ canonical.p, canonical.len });
	json_put_bytes(j, "canonical_base64", (struct bytes){ text.p,
	    text.len });
	buf_release(&canonical);
	buf_release(&text);
}

void
log_json(struct log_program *p, const struct entry *e, const struct moves *m,
	const unsigned char *previous, struct json *j)
{
	struct buf detail = { 0 };
	bool withheld = p->redact != REDACT_NONE &&
	    detail_redact(e->detail, &detail);

	json_begin_object(j, NULL);
	json_put_int(j, "seq", e->seq);
	json_put_time(j, "logged_at", e->at);
	json_put_string(j, "kind", event_kind_name(e->kind));
	put_actor(j, e->actor);
	json_begin_array(j, "moves");
	for (size_t i = 0; i < m->n; i++)
		put_move(j, p, &m->v[i], e->kind != KIND_REAP);
	json_end_array(j);
	put_detail(j, withheld ? (struct bytes){ detail.p, detail.len } :
	    e->detail);
	log_hash_json(j, "hash", e->hash);
	if (previous)
		log_hash_json(j, "previous", (struct bytes){
		    (const char *)previous, EVENT_HASH_SIZE });
	if (previous && withheld)
		json_put_null(j, "canonical_base64");
	else if (previous)
		put_canonical(j, e);
	buf_release(&detail);
}
