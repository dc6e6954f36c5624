/* The paths of the jobs that an event is about.  They are not in the log but
 * in the queue, and leave it with the job's history. */
#include <string.h>

#include "base/text.h"
#include "log.h"
#include "rules/hmac.h"

#define REF_SIZE 16		/* of a hash: enough to tell paths apart */

int
log_redact_init(struct log_program *p, struct err *err)
{
	struct setting_value v;
	bool set = false;
	int code = 0;

	if (p->redacting)
		code = setting_parse(SET_REDACT, p->redacting, &v, err);
	else
		code = store_setting_value(p->store, NULL, SET_REDACT, &v,
		    &set, err);
	if (code)
		return code;
	p->redact = (enum redact)v.choice;
	return p->redact == REDACT_HASH ? store_log_key(p->store, p->key, err) :
	    0;
}

static void
make_ref(const struct log_program *p, struct bytes path,
	char out[2 * REF_SIZE + 1])
{
	unsigned char mac[HMAC_SIZE];

	hmac_sha256((struct bytes){ (const char *)p->key, sizeof(p->key) },
	    path, mac);
	hex_put(out, mac, REF_SIZE);
}

struct listing {
	const struct log_program *program;
	struct json *json;
};

static void
put_path(void *ctx, int64_t job, struct bytes path)
{
	struct listing *l = ctx;
	char ref[2 * REF_SIZE + 1];

	json_begin_object(l->json, NULL);
	json_put_int(l->json, "id", job);
	if (l->program->redact == REDACT_NONE) {
		json_put_path(l->json, "path", path);
	} else {
		make_ref(l->program, path, ref);
		json_put_string(l->json, "path_hmac", ref);
	}
	json_end_object(l->json);
}

int
log_paths_json(struct log_program *p, const struct moves *m, struct json *j,
	struct err *err)
{
	struct listing l = { p, j };
	int64_t before = 0;
	int code = 0;

	if (p->redact == REDACT_FULL || m->n == 0)
		return 0;
	json_begin_array(j, "paths");
	for (size_t i = 0; i < m->n && code == 0; i++) {
		/* one that fails moves twice */
		if (m->v[i].first != before)
			code = store_paths(p->store, m->v[i].first,
			    m->v[i].count, put_path, &l, err);
		before = m->v[i].first;
	}
	json_end_array(j);
	return code;
}

struct first_path {
	const struct log_program *program;
	struct buf *line;
	bool done;
};

static void
add_path(void *ctx, int64_t job, struct bytes path)
{
	struct first_path *f = ctx;
	char ref[2 * REF_SIZE + 1];

	(void)job;
	if (f->done)
		return;
	f->done = true;
	buf_adds(f->line, "  ");
	if (f->program->redact == REDACT_HASH) {
		make_ref(f->program, path, ref);
		path = bytes_of(ref);
	}
	text_escape(f->line, path);
}

int
log_path_text(struct log_program *p, const struct move *m, struct buf *line,
	struct err *err)
{
	struct first_path f = { .program = p, .line = line };

	if (p->redact == REDACT_FULL)
		return 0;
	return store_paths(p->store, m->first, 1, add_path, &f, err);
}
