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
 * To open the queue takes several times as long as to put in a record.  So who
 * wants little posts it before that, when there is a server: one of the workers,
 * which leads whenever somebody has posted (serve.c); it does not ask for the
 * door, since who has that may have been stopped.  A thread of it syncs and tells
 * (syncer.h), while it claims what it has put in; that starts when it is on the
 * disk.  When the server has not begun soon the poster opens the queue and goes
 * on as above.  Where the queue lies and who may use it is looked at as ever;
 * that the server has the same file open each leader makes sure of.
 *
 * Nothing is done twice or lost, whoever dies when.  Before the COMMIT each
 * slot has the answer, and the number and hash of an event that is written in
 * the same transaction.  A poster whose leader has died looks for that event
 * with the turn held: it is there, then all that is left to do is the sync; or
 * not, then the poster does it in that very transaction.  And nobody believes
 * anybody's word about the disk but a sync that went well: when the leader's
 * failed, each does its own; also who has not opened the queue, and so holds the
 * log open from before the commit.
 */
#include <string.h>

#include "store/enqueue.h"
#include "store/post.h"

/* Who has the door for longer may have been stopped.  The door only saves the
 * others the way, so they go without. */
#define DOOR_SLOW (100 * NS_PER_MS)
#define TICK_MS 50
/* A server that has not begun by then has something else to do, or was
 * stopped.  It takes what is posted within a millisecond as a rule, unless the
 * machine is so busy that it waits some slices of the processor; and what is
 * waited for it is lost when the queue has to be opened after all, which takes
 * half a millisecond. */
#define SERVER_SLOW (20 * NS_PER_MS)
/* A leader that takes longer may have been stopped; whether it has committed
 * can be seen. */
#define LEADER_SLOW (1 * NS_PER_S)

/* ---- leading ---- */

/* For all that have posted, itself included */
static int
lead(struct store *s, int64_t end, struct err *err)
{
	struct led l;
	int code = lead_begin(s, &l, end - clock_boot(&clock_system), err);

	mail_door_leave(&s->mail);
	if (code == 0) {
		code = lead_in_turn(s, &l, err);
		if (l.committed)
			code = lead_sync(s, &l, err);
		s->mail.crowded = l.n > 1;
	}
	lead_end(s, &l);
	return code;
}

/* ---- following ---- */

/* Whether to do something about it, after so long.  While the queue is not
 * open that is left to the server. */
static bool
must_act(struct store *s, int64_t waited)
{
	if (queue_is_open(s))
		return mail_door_take(&s->mail) || waited > DOOR_SLOW;
	if (waited > SERVER_SLOW)
		mail_doubt(&s->mail);
	return waited > SERVER_SLOW || !mail_served(&s->mail, s->turn.fd);
}

static int
act(struct store *s, int64_t until, struct err *err)
{
	return queue_is_open(s) ? lead(s, until, err) : queue_open(s, err);
}

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
	return queue_open(s, &ignored) == 0 &&
	    find_event(s, &o, &there, &ignored) == 0 && there;
}

/* Until the slot is settled, or its leader dead (TAKEN).  After an error there
 * is nothing to come.  Who gives up after it was taken does not know what will
 * become of it. */
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
		if (*end == MAIL_POSTED && must_act(s, now - began)) {
			code = act(s, until, &why);
			/* a sync that failed is not tried again: the second
			 * one would go well, and mean nothing */
			if (code && (mail_withdraw(m) ||
			    mail_look(m) == MAIL_COMMITTED))
				return err_set(err, code, "%s", why.text);
			continue;
		}
		if (*end == MAIL_POSTED && now >= until && mail_withdraw(m))
			return turnstile_refuse(&s->turn, err);
		if (*end == MAIL_TAKEN && now >= until)
			return err_set(err, EX_TEMPFAIL, "wait for the process "
			    "that puts it into %s: outcome unknown, repeat "
			    "with the same key", s->path);
		if (*end != MAIL_POSTED && *end != MAIL_TAKEN)
			return 0;
		if (*end == MAIL_TAKEN && mail_orphaned(m))
			return 0;
		if (*end == MAIL_TAKEN && now - began > LEADER_SLOW &&
		    has_committed(s)) {
			*end = MAIL_COMMITTED;
			return 0;
		}
		mail_sleep(m, *end, queue_is_open(s) ? TICK_MS :
		    SERVER_SLOW / NS_PER_MS + 1);
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
	struct envelope envelope = { .actor = { s->actor.p, s->actor.len } };
	char content[MAIL_CONTENT];
	struct mail_outcome outcome;
	enum mail_status end;
	size_t size;

	/* Whoever leads has the environment of its own. */
	if (s->own_settings || s->serving || !queue_file(s, &envelope.queue))
		return;
	size = post_write(content, sizeof(content), &envelope, o, v, n);
	if (size == 0 || (!queue_is_open(s) && !log_open(s, &s->log_fd)) ||
	    !mail_claim(&s->mail, s->turn.fd))
		return;
	s->mail.crowded = true;
	mail_post(&s->mail, content, size);
	if (!queue_is_open(s))
		wake_ring(s->turn.fd);
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
