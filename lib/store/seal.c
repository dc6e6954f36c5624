/*
 * Seals: anchors that are signed under a key which is then forgotten.  The key
 * of the next seal is in QUEUE-seal; the row is committed first, so who dies in
 * between leaves a key that has only to be brought forward.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "store/anchor.h"
#include "store/reading.h"
#include "store/secret.h"

static void
key_path(const struct store *s, struct buf *out)
{
	buf_addf(out, "%s-seal", s->path);
}

/* The first epoch that no seal has */
static int
next_epoch(struct store *s, int64_t *epoch, struct err *err)
{
	int code = db_int(&s->db, SQL_ANCHOR_EPOCH, epoch, -1, err, "");

	++*epoch;
	return code;
}

static int
write_key(struct store *s, const struct seal_key *key, bool new,
	struct err *err)
{
	struct buf path = { 0 }, text = { 0 };
	int code;

	key_path(s, &path);
	seal_key_put(key, &text);
	code = secret_write(path.p, s->path, (struct bytes){ text.p,
	    text.len }, new, err);
	explicit_bzero(text.p, text.len);
	buf_release(&path);
	buf_release(&text);
	return code;
}

static int
read_key(struct store *s, struct seal_key *key, struct err *err)
{
	struct buf path = { 0 }, text = { 0 };
	struct err why;
	bool there;
	int code;

	key_path(s, &path);
	code = secret_read(path.p, &text, &there, err);
	if (code == 0 && !there)
		code = err_set(err, EX_NOINPUT, "open %s: there is no key for "
		    "seals; make one with: iq-log --new-seal-key", path.p);
	if (code == 0 && seal_key_get((struct bytes){ text.p, text.len }, key,
	    &why) != 0)
		code = err_set(err, EX_IOERR, "read %s: %s", path.p,
		    why.text);
	if (text.p)
		explicit_bzero(text.p, text.len);
	buf_release(&path);
	buf_release(&text);
	return code;
}

/* Whoever comes second finds the key of the first, later at the latest. */
static int
no_key_yet(const struct store *s, struct err *err)
{
	struct buf path = { 0 };
	int code = 0;

	key_path(s, &path);
	if (access(path.p, F_OK) == 0)
		code = err_set(err, EX_CANTCREAT, "make %s: there is a key "
		    "for seals already; for another one, or if what was "
		    "printed then was not kept, move it aside first", path.p);
	buf_release(&path);
	return code;
}

int
store_seal_key(struct store *s, struct seal_key *out, struct err *err)
{
	int code = no_key_yet(s, err);

	if (code == 0)
		code = read_begin(s, err);
	if (code)
		return code;
	code = next_epoch(s, &out->epoch, err);
	read_end(s);
	secret_random(out->key, sizeof(out->key));
	return code ? code : write_key(s, out, true, err);
}

/* Forward to the epoch that comes next */
static int
bring_forward(struct store *s, struct seal_key *key, struct err *err)
{
	int64_t epoch;
	int code = next_epoch(s, &epoch, err);

	if (code)
		return code;
	if (key->epoch > epoch)
		return err_set(err, EX_IOERR, "seal %s: the key is that of "
		    "seal %lld, and seal %lld is not there: seals were taken "
		    "away, or the queue is a backup. To begin anew, move "
		    "%s-seal aside and run iq-log --new-seal-key", s->path,
		    (long long)key->epoch, (long long)epoch, s->path);
	seal_evolve(key, epoch);
	return 0;
}

static int
seal(struct store *s, struct seal_key *key, struct anchor *a, struct err *err)
{
	struct store_info info;
	char more[40];
	int code = info_read(s, &info, err);

	a->seq = s->tx.seq;
	memcpy(a->hash, s->tx.hash, sizeof(a->hash));
	if (code == 0)
		code = bring_forward(s, key, err);
	if (code)
		return code;
	a->epoch = key->epoch;
	seal_make(key, a->seq, a->hash, info.uuid, a->seal);
	snprintf(more, sizeof(more), ",\"epoch\":%lld", (long long)a->epoch);
	return anchor_write(s, KIND_ANCHOR, a, more, err);
}

/* In a turn of its own, so that a later key is not replaced by an earlier */
static int
forget_key(struct store *s, struct seal_key *key, struct err *err)
{
	struct seal_key there;
	int code = turnstile_enter(&s->turn, err);

	if (code)
		return code;
	seal_evolve(key, key->epoch + 1);
	code = read_key(s, &there, err);
	if (code == 0 && there.epoch < key->epoch)
		code = write_key(s, key, false, err);
	turnstile_leave(&s->turn);
	explicit_bzero(&there, sizeof(there));
	return code;
}

int
store_seal(struct store *s, struct log_anchor *out, int64_t *epoch,
	struct err *err)
{
	struct seal_key key;
	struct anchor a = { 0 };
	int code = tx_begin(s, err);

	if (code)
		return code;
	code = read_key(s, &key, err);
	if (code == 0)
		code = seal(s, &key, &a, err);
	code = tx_end(s, code, err);
	if (code == 0)
		code = store_sync(s, err);
	if (code == 0)
		code = forget_key(s, &key, err);
	out->seq = a.seq;
	memcpy(out->hash, a.hash, sizeof(out->hash));
	*epoch = a.epoch;
	explicit_bzero(&key, sizeof(key));
	return code;
}
