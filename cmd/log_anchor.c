/* Anchors: what the log was at one event, noted elsewhere. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

static int
keep(void *ctx, const struct entry *e)
{
	struct log_anchor *a = ctx;

	a->seq = e->seq;
	if (e->hash.n == sizeof(a->hash))
		memcpy(a->hash, e->hash.p, e->hash.n);
	return 0;
}

/* epoch: of a seal, or -1 */
static void
print(struct log_program *p, const struct log_anchor *a, int64_t epoch,
	const char *uuid)
{
	char hex[2 * EVENT_HASH_SIZE + 1];
	struct buf line = { 0 };
	struct json j;

	hex_put(hex, a->hash, sizeof(a->hash));
	if (p->report.json) {
		json_init(&j, &line);
		json_begin_object(&j, NULL);
		json_put_int(&j, "seq", a->seq);
		json_put_string(&j, "hash", hex);
		json_put_path(&j, "queue", bytes_of(store_path(p->store)));
		json_put_string(&j, "uuid", uuid);
		if (epoch >= 0)
			json_put_int(&j, "epoch", epoch);
		json_put_time(&j, "anchored_at", clock_system.wall(NULL));
		json_end_object(&j);
	} else {
		buf_addf(&line, "%" PRId64 " %s", a->seq, hex);
	}
	report_line(&line);
	buf_release(&line);
}

int
log_anchor(struct log_program *p, struct err *err)
{
	struct log_anchor a = { 0 };
	struct store_info info;
	struct log_span span;
	int64_t after;
	int code = store_log_span(p->store, &span, err);

	after = span.last - 1;
	if (code == 0)
		code = store_log(p->store, &after, span.last, keep, &a, err);
	if (code == 0)
		code = store_info(p->store, &info, err);
	/* what a power cut takes away must not have been promised */
	if (code == 0)
		code = store_settle(p->store, err);
	if (code == 0)
		print(p, &a, -1, info.uuid);
	return code;
}

int
log_seal(struct log_program *p, struct err *err)
{
	struct log_anchor a;
	struct store_info info;
	int64_t epoch;
	int code = store_info(p->store, &info, err);

	if (code == 0)
		code = store_seal(p->store, &a, &epoch, err);
	if (code == 0)
		print(p, &a, epoch, info.uuid);
	return code;
}

int
log_new_key(struct log_program *p, struct err *err)
{
	struct seal_key key;
	struct buf line = { 0 };
	int code = store_seal_key(p->store, &key, err);

	if (code)
		return code;
	seal_key_put(&key, &line);
	fwrite(line.p, 1, line.len, stdout);
	buf_release(&line);
	return 0;
}
