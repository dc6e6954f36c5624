/* The server: a worker, which has the queue open, puts in what programs have
 * posted that have not.  combine.c has the whole story. */
#include "store/enqueue.h"
#include "store/work.h"

/* Between tries to become the one */
#define TRY_AGAIN NS_PER_S
/* Who posted something waits that long, and then helps himself. */
#define PATIENCE (20 * NS_PER_MS)

/* What holds for others are not the settings of its own environment. */
static bool
may_serve(struct store *s)
{
	int64_t now = clock_boot(s->clock);

	if (s->own_settings || now < s->serve_at)
		return false;
	s->serve_at = now + TRY_AGAIN;
	s->serving = mail_claim_server(&s->mail, s->turn.fd);
	if (s->serving) {
		sync_begin(s);
		wake_by_ring(s);
	}
	return s->serving;
}

void
serve_end(struct store *s)
{
	sync_end(s);
	if (s->serving)
		mail_release(&s->mail);
	s->serving = false;
}

/* Without a thread that is waited for.  The first failure is what is told. */
static int
bring_to_disk(struct store *s, const struct led *l, struct err *err)
{
	struct err ignored;
	int before, code;

	if (sync_ask(s, l->slots, l->n, &before, err))
		return 0;
	code = lead_sync(s, l, before ? &ignored : err);
	return before ? before : code;
}

/* Only in the turn nobody can upgrade the queue. */
static int
serve_in_turn(struct store *s, struct led *l, struct err *err)
{
	int code = lead_in_turn(s, l, err);

	if (s->outdated) {
		serve_end(s);
		s->serve_at = INT64_MAX;
	}
	return code;
}

int
store_serve(struct store *s, bool *served, bool *news, struct err *err)
{
	struct led l;
	int code;

	*served = *news = false;
	if (!s->serving && !may_serve(s))
		return 0;
	mail_attend(&s->mail);
	code = sync_look(s, err);
	if (code || !mail_waiting(&s->mail))
		return code;
	*served = true;
	code = lead_begin(s, &l, PATIENCE, err);
	if (code == 0)
		code = serve_in_turn(s, &l, err);
	*news = l.committed && s->tx.wake;
	/* whoever posted finds out himself what else is wrong */
	code = l.committed ? bring_to_disk(s, &l, err) : 0;
	lead_end(s, &l);
	return code;
}
