/* An event as one object. */
#include <ctype.h>
#include <string.h>

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
put_move(struct json *j, struct store *s, const struct move *m)
{
	json_begin_object(j, NULL);
	json_put_int(j, "id", m->first);
	json_put_int(j, "count", m->count);
	json_put_string(j, "type", store_type_name(s, m->type));
	put_state(j, "from", m->from);
	put_state(j, "to", m->to);
	json_put_string(j, "reason", reason_name(m->reason));
	if (m->from == STATE_RUNNING) {
		json_put_int(j, "exit", m->exit);
		json_put_seconds(j, "duration_seconds", m->duration);
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
	for (size_t i = 0; i < hash.n; i++)
		snprintf(hex + 2 * i, 3, "%02x", (unsigned char)hash.p[i]);
	json_put_string(j, name, hex);
}

void
log_json(struct log_program *p, const struct entry *e, const struct moves *m,
	struct buf *out)
{
	struct json j;

	json_init(&j, out);
	json_begin_object(&j, NULL);
	json_put_int(&j, "seq", e->seq);
	json_put_time(&j, "logged_at", e->at);
	json_put_string(&j, "kind", event_kind_name(e->kind));
	put_actor(&j, e->actor);
	json_begin_array(&j, "moves");
	for (size_t i = 0; i < m->n; i++)
		put_move(&j, p->store, &m->v[i]);
	json_end_array(&j);
	if (detail_valid(e->detail))
		json_put_raw(&j, "detail", e->detail);
	else
		json_put_bytes(&j, "detail", e->detail);
	log_hash_json(&j, "hash", e->hash);
	json_end_object(&j);
}
