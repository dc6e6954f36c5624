/*
 * Many processes that each put in a record at a time share transactions and
 * syncs: flat combining (D. Hendler, I. Incze, N. Shavit, M. Tzafrir: Flat
 * combining and the synchronization-parallelism tradeoff, SPAA 2010).
 *
 * Who finds the turn taken posts its records in the mailbox, then tries the
 * door.  Who gets that is the leader: it waits for the turn, opens the door
 * for the next one, and only then looks into the slots; so whatever is posted
 * by one that found the door taken is seen.  The leader puts everything into
 * one transaction, each with its poster's options and as its actor, gives the
 * turn back, syncs once, and tells the others, which sleep meanwhile.
 *
 * Nothing is done twice or lost, whoever dies when.  Before the COMMIT each
 * slot has the answer, and the number and hash of an event that is written in
 * the same transaction.  A poster whose leader has died looks for that event
 * with the turn held: it is there, then all that is left to do is the sync; or
 * not, then the poster does it in that very transaction.  And nobody believes
 * anybody's word about the disk but a sync that went well: when the leader's
 * failed, each does its own.
 */
#include <string.h>

#include "store/enqueue.h"
#include "store/post.h"

/* Who has the door for longer may have been stopped.  The door only saves the
 * others the way, so they go without. */
#define DOOR_SLOW (100 * NS_PER_MS)
/* A leader that takes longer may have been stopped; whether it has committed
 * can be seen. */
#define LEADER_SLOW (1 * NS_PER_S)

/* ---- leading ---- */

struct led {			/* slots that were taken */
	uint32_t slots[MAIL_SLOTS];
	struct mail_outcome outcomes[MAIL_SLOTS];
	size_t n;
};

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

	if (!post_read(content, &post)) {
		mail_settle(&s->mail, i, MAIL_RETURNED);
		return 0;
	}
	n = post.n;
	l->slots[l->n++] = i;
	code = enqueue_records(s, &post.options, post.records, &n, results,
	    err);
	if (code == 0)
		code = tx_sign(s, post.actor, err);
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

/* The turn is held. */
static int
lead_transaction(struct store *s, struct led *l, struct err *err)
{
	enum mail_status status = MAIL_RETURNED;
	int code = tx_begin(s, err);

	if (code)
		return code;
	if (tx_end(s, serve_all(s, l, err), err) == 0) {
		s->unsynced = true;
		code = store_sync(s, err);
		status = code ? MAIL_COMMITTED : MAIL_DONE;
	}
	for (size_t k = 0; k < l->n; k++)
		mail_settle(&s->mail, l->slots[k], status);
	s->mail.crowded = l->n > 1;
	return code;
}

/* A failure is that of the turn, when nothing was taken, or of the sync; what
 * else goes wrong may be due to somebody else's records, and each finds out
 * alone. */
static int
lead(struct store *s, int64_t end, struct err *err)
{
	int64_t deadline = s->turn.deadline;
	struct led l;
	sigset_t stops, mask;
	int code;

	/* Ctrl-Z must not take the door away, nor come before the others know
	 * what became of theirs. */
	sigemptyset(&stops);
	sigaddset(&stops, SIGTSTP);
	sigaddset(&stops, SIGTTOU);
	sigprocmask(SIG_BLOCK, &stops, &mask);
	s->turn.deadline = end - clock_boot(&clock_system);
	code = turnstile_enter(&s->turn, err);
	s->turn.deadline = deadline;
	mail_door_leave(&s->mail);
	if (code == 0)
		turnstile_stay_blocked(&s->turn);
	l.n = 0;
	if (code == 0 && mail_waiting(&s->mail))
		code = lead_transaction(s, &l, err);
	turnstile_leave(&s->turn);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return code;
}

/* ---- following ---- */

static int
find_event(struct store *s, const struct mail_outcome *o, bool *there,
	struct err *err)
{
	int64_t found = 0;
	int code = 0;

	if (o->seq)
		code = db_int(&s->db, SQL_EVENT_IS, &found, 0, err, "ib",
		    o->seq, (struct bytes){ (const char *)o->hash,
		    sizeof(o->hash) });
	*there = code == 0 && found;
	return code;
}

static bool
has_committed(struct store *s)
{
	struct mail_outcome o;
	struct err ignored;
	bool there;

	mail_outcome(&s->mail, &o);
	return find_event(s, &o, &there, &ignored) == 0 && there;
}

/* Until the slot is settled, or its leader dead (TAKEN).  After an error there
 * is nothing to come.  The deadline is for the turn: once taken it may happen
 * at any moment, and to give up would be a lie. */
static int
await(struct store *s, enum mail_status *end, struct err *err)
{
	int64_t began = clock_boot(&clock_system), now = began;
	int64_t until = began + s->turn.deadline;
	struct mailbox *m = &s->mail;
	struct err why;
	int code;

	for (;; now = clock_boot(&clock_system)) {
		if (s->turn.interrupted && until > now + TURNSTILE_HURRY)
			until = now + TURNSTILE_HURRY;
		*end = mail_look(m);
		if (*end == MAIL_POSTED && (mail_door_take(m) ||
		    now - began > DOOR_SLOW)) {
			code = lead(s, until, &why);
			/* a sync that failed is not tried again: the second
			 * one would go well, and mean nothing */
			if (code && (mail_withdraw(m) ||
			    mail_look(m) == MAIL_COMMITTED))
				return err_set(err, code, "%s", why.text);
			continue;
		}
		if (*end == MAIL_POSTED && now >= until && mail_withdraw(m))
			return turnstile_refuse(&s->turn, err);
		if (*end != MAIL_POSTED && *end != MAIL_TAKEN)
			return 0;
		if (*end == MAIL_TAKEN && mail_orphaned(m))
			return 0;
		if (*end == MAIL_TAKEN && now - began > LEADER_SLOW &&
		    has_committed(s)) {
			*end = MAIL_COMMITTED;
			return 0;
		}
		mail_sleep(m, *end);
	}
}

/* false: nothing that a leader writes */
static bool
read_answer(const struct mail_outcome *o, size_t n,
	struct enqueue_result *results, size_t *taken)
{
	if (o->taken < 0 || o->taken > (int64_t)n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (o->results[i].what < ENQUEUED_NEW ||
		    o->results[i].what > ENQUEUED_BLOCKED)
			return false;
		results[i].id = o->results[i].id;
		results[i].what = (enum enqueued)o->results[i].what;
	}
	*taken = (size_t)o->taken;
	return true;
}

void
enqueue_combined(struct store *s, const struct enqueue_options *o,
	const struct record *v, size_t n, struct enqueue_result *results,
	struct combined *c, struct err *err)
{
	char content[MAIL_CONTENT];
	struct mail_outcome outcome;
	enum mail_status end;
	size_t size;

	/* Whoever leads has the environment of its own. */
	if (s->own_settings)
		return;
	size = post_write(content, sizeof(content), (struct bytes){
	    s->actor.p, s->actor.len }, o, v, n);
	if (size == 0 || !mail_claim(&s->mail, s->turn.fd))
		return;
	s->mail.crowded = true;
	mail_post(&s->mail, content, size);
	c->code = await(s, &end, err);
	mail_outcome(&s->mail, &outcome);
	mail_release(&s->mail);
	c->answered = true;
	if (c->code)
		return;
	if (end == MAIL_TAKEN)
		c->before = outcome;
	if ((end != MAIL_DONE && end != MAIL_COMMITTED) ||
	    !read_answer(&outcome, n, results, &c->taken)) {
		c->answered = false;
		return;
	}
	if (end == MAIL_COMMITTED) {
		s->unsynced = true;
		c->code = store_sync(s, err);
	}
}

int
enqueue_was_combined(struct store *s, const struct combined *c, size_t n,
	struct enqueue_result *results, size_t *taken, bool *was,
	struct err *err)
{
	int code = find_event(s, &c->before, was, err);

	if (*was && !read_answer(&c->before, n, results, taken))
		*was = false;
	return code;
}
