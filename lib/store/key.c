/*
 * QUEUE-key: 32 random bytes beside the queue, under which paths are hashed
 * when the log is redacted.  Not in the queue, so that a copy of it without
 * the key does not tell them; who deletes the key has made the hashes dumb.
 */
#include "store/log.h"
#include "store/secret.h"

/* *there false: there is none */
static int
read_key(const char *path, unsigned char *key, bool *there, struct err *err)
{
	struct buf text = { 0 };
	int code = secret_read(path, &text, there, err);

	if (code == 0 && *there && text.len != LOG_KEY_SIZE)
		code = err_set(err, EX_IOERR, "read %s: it is no key; restore "
		    "it, or delete it and have another one", path);
	else if (code == 0 && *there)
		memcpy(key, text.p, LOG_KEY_SIZE);
	buf_release(&text);
	return code;
}

int
store_log_key(struct store *s, unsigned char key[LOG_KEY_SIZE],
	struct err *err)
{
	struct buf path = { 0 };
	struct err ignored;
	bool there = false;
	int code;

	buf_addf(&path, "%s-key", s->path);
	code = read_key(path.p, key, &there, err);
	if (code == 0 && !there) {
		secret_random(key, LOG_KEY_SIZE);
		code = secret_write(path.p, s->path, (struct bytes){
		    (const char *)key, LOG_KEY_SIZE }, true, err);
		/* somebody may have been faster */
		if (code && read_key(path.p, key, &there, &ignored) == 0 &&
		    there)
			code = 0;
	}
	buf_release(&path);
	return code;
}
