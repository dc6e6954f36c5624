/*
 * Taking the beginning of the audit log away, so that what is left still
 * proves itself: an anchor is left with the number and the hash of the last
 * event that went, and the event that tells of it has what the events that
 * went accounted for.
 */
#include <inttypes.h>

#include "store/anchor.h"

struct pruning {
	int64_t before;		/* events of this time or later stay */
	int64_t floor;		/* and from this number on */
	struct beginning begin;
	struct anchor last;	/* event that goes */
	int64_t events;
};

/* Goes on to the next event; false when it stays, and all behind it */
static bool
take(struct pruning *p, const struct entry *e, struct err *err, int *code)
{
	if (e->at >= p->before || e->seq >= p->floor)
		return false;
	/* what is wrong must not be made right */
	if (chain_next(&p->begin.at, e) != CHAIN_FITS ||
	    account_moves(&p->begin.accounts, e->moves) < 0) {
		*code = err_set(err, EX_IOERR, "prune the audit log: event %"
		    PRId64 " is not what was written; see iq-log --verify",
		    e->seq);
		return false;
	}
	p->last.seq = e->seq;
	memcpy(p->last.hash, e->hash.p, sizeof(p->last.hash));
	p->events++;
	return true;
}

static int
choose(struct store *s, struct pruning *p, int64_t most, struct err *err)
{
	struct query q;
	int got = 0, code = db_start(&q, &s->db, SQL_LOG, err, "iii",
	    p->begin.at.seq, INT64_MAX, most);

	if (code)
		return code;
	while ((got = db_row(&q, err)) == 1) {
		struct entry e;

		entry_read(&q, &e);
		if (!take(p, &e, err, &code)) {
			db_end(&q);
			break;
		}
	}
	return got < 0 ? err->code : code;
}

static int
remove_events(struct store *s, struct pruning *p, struct err *err)
{
	struct buf more = { 0 };
	int code;

	buf_addf(&more, ",\"events\":%" PRId64 ",\"jobs\":", p->events);
	accounts_put(&p->begin.accounts, &more);
	p->last.pruned = true;
	p->last.epoch = -1;
	code = anchor_write(s, KIND_PRUNE, &p->last, more.p, err);
	if (code == 0)
		code = db_run(&s->db, SQL_LOG_PRUNE, err, "i", p->last.seq);
	buf_release(&more);
	return code;
}

static int
prune(struct store *s, struct pruning *p, int64_t most, struct err *err)
{
	int code = beginning_read(s, &p->begin, err);

	if (code == 0 && !p->begin.told)
		code = err_set(err, EX_IOERR, "prune the audit log: its "
		    "beginning is not what was signed off; see iq-log "
		    "--verify");
	/* a running job started at the time of the event that claimed it */
	if (code == 0)
		code = db_int(&s->db, SQL_LOG_FLOOR, &p->floor, s->tx.seq,
		    err, "");
	if (code == 0)
		code = choose(s, p, most, err);
	if (code == 0 && p->events)
		code = remove_events(s, p, err);
	beginning_release(&p->begin);
	return code;
}

int
store_log_prune(struct store *s, int64_t before, int64_t most,
	int64_t *events, struct err *err)
{
	struct pruning p = { 0 };
	int code = tx_begin(s, err);

	*events = 0;
	if (code)
		return code;
	p.before = before < s->tx.now - STORE_LOG_KEEPS ? before :
	    s->tx.now - STORE_LOG_KEEPS;
	code = tx_end(s, prune(s, &p, most, err), err);
	if (code == 0)
		*events = p.events;
	return code;
}
