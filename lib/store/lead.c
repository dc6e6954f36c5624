/* What several have posted, in one transaction: combine.c has the whole story.
 */
#include <signal.h>
#include <string.h>

#include "store/enqueue.h"
#include "store/post.h"
#include "store/reserve.h"

/* Slot i is taken. */
static int
serve(struct store *s, struct led *l, uint32_t i, struct bytes content,
	struct err *err)
{
	struct enqueue_result results[MAIL_RECORDS] = { { 0 } };
	struct mail_outcome *out = &l->outcomes[l->n];
	struct post post;
	size_t n;
	int code;

	/* somebody may have put another queue in the place of ours */
	if (!post_read(content, &post) || !l->known ||
	    post.envelope.queue.dev != l->queue.dev ||
	    post.envelope.queue.ino != l->queue.ino) {
		mail_settle(&s->mail, i, MAIL_RETURNED);
		return 0;
	}
	n = post.n;
	l->slots[l->n++] = i;
	code = enqueue_records(s, &post.options, post.records, &n, results,
	    err);
	if (code == 0)
		code = tx_sign(s, post.envelope.actor, err);
	memset(out, 0, sizeof(*out));
	out->taken = (int64_t)n;
	for (size_t k = 0; k < post.n; k++) {
		out->results[k].id = results[k].id;
		out->results[k].what = results[k].what;
	}
	return code;
}

static void
answer(struct store *s, struct led *l, int64_t before)
{
	for (size_t k = 0; k < l->n; k++) {
		/* Without an event nothing has changed but counts of merged
		 * and refused records: it may be done again. */
		if (s->tx.seq != before) {
			l->outcomes[k].seq = s->tx.seq;
			memcpy(l->outcomes[k].hash, s->tx.hash,
			    EVENT_HASH_SIZE);
		}
		mail_answer(&s->mail, l->slots[k], &l->outcomes[k]);
	}
}

/* Round after round, as long as something comes in. */
static int
serve_all(struct store *s, struct led *l, struct err *err)
{
	int64_t before = s->tx.seq;
	char content[MAIL_CONTENT];
	size_t had, n;
	int code = 0;

	do {
		had = l->n;
		for (uint32_t i = 0; i < MAIL_SLOTS && code == 0 &&
		    l->n < MAIL_SLOTS; i++)
			if (mail_take(&s->mail, i, content, &n))
				code = serve(s, l, i, (struct bytes){ content,
				    n }, err);
	} while (code == 0 && l->n > had);
	if (code == 0)
		answer(s, l, before);
	return code;
}

/* Ctrl-Z must not take the door away, nor come before the others know what
 * became of theirs.  (A server may be stopped before its thread has told them:
 * then they look after a second.) */
int
lead_begin(struct store *s, struct led *l, int64_t patience, struct err *err)
{
	int64_t deadline = s->turn.deadline;
	sigset_t stops;
	int code;

	l->n = 0;
	l->committed = false;
	sigemptyset(&stops);
	sigaddset(&stops, SIGTSTP);
	sigaddset(&stops, SIGTTOU);
	sigprocmask(SIG_BLOCK, &stops, &l->mask);
	s->turn.deadline = patience;
	code = turnstile_enter(&s->turn, err);
	s->turn.deadline = deadline;
	if (code == 0)
		turnstile_stay_blocked(&s->turn);
	return code;
}

void
lead_end(struct store *s, const struct led *l)
{
	turnstile_leave(&s->turn);
	sigprocmask(SIG_SETMASK, &l->mask, NULL);
}

static void
settle(struct store *s, const struct led *l, enum mail_status end)
{
	for (size_t k = 0; k < l->n; k++)
		mail_settle(&s->mail, l->slots[k], end);
}

static void
finish(struct store *s, struct led *l, int code, struct err *err)
{
	if (l->n == 0)
		tx_abort(s);
	else if (tx_end(s, code, err) == 0)
		l->committed = true;
	if (!l->committed)
		settle(s, l, MAIL_RETURNED);
}

int
lead_in_turn(struct store *s, struct led *l, struct err *err)
{
	int code;

	if (!mail_waiting(&s->mail))
		return 0;
	l->known = db_file(&s->db, &l->queue);
	code = tx_begin(s, err);
	if (code)
		return code;
	if (!s->outdated)
		code = reserve_spare(s, NULL, 0, err);
	if (s->outdated || code) {
		tx_abort(s);
		return code;
	}
	finish(s, l, serve_all(s, l, err), err);
	return 0;
}

int
lead_sync(struct store *s, const struct led *l, struct err *err)
{
	int code = store_sync(s, err);

	settle(s, l, code ? MAIL_COMMITTED : MAIL_DONE);
	return code;
}
