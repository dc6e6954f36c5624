/* iq-log --verify. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "findings.h"
#include "log_files.h"
#include "meter.h"

#define SEAL_KEYS_MAX 65536	/* bytes of their file */

struct verdict_of_log {
	struct findings findings;
	struct log_proof proof;
	struct log_anchor *anchors;
	size_t n, cap;
	struct seal_key *keys;
	size_t nkeys;
	char uuid[40];		/* of the queue */
	bool other;		/* an anchor is of another queue */
};

static void
add_anchor(void *ctx, const struct exported *x, struct bytes line)
{
	struct verdict_of_log *v = ctx;

	(void)line;
	if (x->uuid.p && !bytes_equal(x->uuid, bytes_of(v->uuid))) {
		v->other = true;
		return;
	}
	if (v->n == v->cap) {
		v->cap = v->cap ? 2 * v->cap : 64;
		v->anchors = mem_grow(v->anchors, v->cap,
		    sizeof(*v->anchors));
	}
	v->anchors[v->n].seq = x->seq;
	memcpy(v->anchors[v->n++].hash, x->hash, sizeof(x->hash));
}

static int
read_anchors(struct log_program *p, struct verdict_of_log *v, struct err *err)
{
	struct store_info info;
	int code = store_info(p->store, &info, err);

	if (code)
		return code;
	memcpy(v->uuid, info.uuid, sizeof(v->uuid));
	code = log_files_read(p, add_anchor, v, err);
	if (code == 0 && v->other)
		findings_keep(&v->findings, "an anchor is of another queue");
	return code;
}

/* A key that was made before another one with its number has no seal. */
static int
add_key(struct verdict_of_log *v, struct bytes line, struct err *err)
{
	struct seal_key key;
	int code = seal_key_get(line, &key, err);

	if (code)
		return code;
	if (v->nkeys && v->keys[v->nkeys - 1].epoch > key.epoch)
		return err_set(err, EX_DATAERR, "the key of seal %" PRId64
		    " comes after a later one", key.epoch);
	if (v->nkeys && v->keys[v->nkeys - 1].epoch == key.epoch)
		v->nkeys--;
	v->keys = mem_grow(v->keys, v->nkeys + 1, sizeof(*v->keys));
	v->keys[v->nkeys++] = key;
	return 0;
}

/* The file has the lines that --new-seal-key printed */
static int
read_seal_keys(struct log_program *p, struct verdict_of_log *v,
	struct err *err)
{
	struct buf text = { 0 };
	struct err why;
	int code = 0;

	if (io_read_file(p->seal_key, SEAL_KEYS_MAX, &text) < 0)
		return err_errno(err, EX_NOINPUT, "open %s", p->seal_key);
	for (size_t at = 0, n; code == 0 && (at == 0 || at < text.len);
	    at += n + 1) {
		struct bytes rest = { text.p + at, text.len - at };
		const char *end = rest.n ? memchr(rest.p, '\n', rest.n) : NULL;

		n = end ? (size_t)(end - rest.p) : rest.n;
		if (add_key(v, (struct bytes){ rest.p, n }, &why))
			code = err_set(err, EX_DATAERR, "%s: %s", p->seal_key,
			    why.text);
	}
	buf_release(&text);
	return code;
}

static void
print_json(struct log_program *p, const struct verdict_of_log *v)
{
	struct buf line = { 0 };
	struct json j;

	json_init(&j, &line);
	json_begin_object(&j, NULL);
	json_put_path(&j, "queue", bytes_of(store_path(p->store)));
	findings_json(&v->findings, &j);
	json_put_int(&j, "events", v->proof.events);
	json_put_int(&j, "pruned", v->proof.pruned);
	json_put_int(&j, "anchors", (int64_t)v->proof.anchors);
	json_put_int(&j, "anchors_unknown", (int64_t)v->proof.unknown);
	json_put_int(&j, "seals", (int64_t)v->proof.seals);
	json_put_int(&j, "seals_unchecked", (int64_t)v->proof.unchecked);
	json_put_int(&j, "seq", v->proof.seq);
	log_hash_json(&j, "hash", (struct bytes){ (const char *)v->proof.hash,
	    sizeof(v->proof.hash) });
	json_end_object(&j);
	report_line(&line);
	buf_release(&line);
}

static void
print_text(struct log_program *p, const struct verdict_of_log *v)
{
	struct buf good = { 0 };

	buf_addf(&good, ", %" PRId64 " %s", v->proof.events,
	    v->proof.events == 1 ? "event" : "events");
	if (v->proof.pruned)
		buf_addf(&good, " behind event %" PRId64, v->proof.pruned);
	if (v->proof.anchors)
		buf_addf(&good, ", %zu %s", v->proof.anchors,
		    v->proof.anchors == 1 ? "anchor holds" : "anchors hold");
	if (v->proof.unknown)
		buf_addf(&good, ", %zu of pruned events cannot be told",
		    v->proof.unknown);
	if (p->seal_key)
		buf_addf(&good, ", %zu %s genuine", v->proof.seals,
		    v->proof.seals == 1 ? "seal is" : "seals are");
	if (v->proof.unchecked)
		buf_addf(&good, ", %zu before the first key not looked at",
		    v->proof.unchecked);
	findings_text(&v->findings, store_path(p->store), good.p);
	buf_release(&good);
}

int
log_verify(struct log_program *p, struct err *err)
{
	struct verdict_of_log v = { 0 };
	struct meter m;
	int code = read_anchors(p, &v, err);

	if (code == 0 && p->seal_key)
		code = read_seal_keys(p, &v, err);
	meter_init(&m, p->store, store_bytes(p->store));
	if (code == 0)
		code = store_log_verify(p->store, &(struct log_evidence){
		    v.anchors, v.n, v.keys, v.nkeys },
		    findings_keep, &v.findings, &v.proof, err);
	meter_clear(&m);
	if (code == 0 && p->report.json)
		print_json(p, &v);
	else if (code == 0)
		print_text(p, &v);
	free(v.anchors);
	free(v.keys);
	code = code ? code : v.findings.n ? 1 : 0;
	findings_release(&v.findings);
	return code;
}
