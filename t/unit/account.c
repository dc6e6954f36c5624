#include "rules/account.h"

#include "tap.h"

/* One of type 7 enqueued thrice, one of those run and retried, one ended */
static void
count(struct accounts *a)
{
	struct event e = { 0 };

	event_reset(&e, KIND_ENQUEUE);
	for (int id = 1; id <= 3; id++)
		event_move(&e, id, 7, STATE_NONE, STATE_READY, REASON_NONE, 0,
		    0);
	event_move(&e, 4, 8, STATE_NONE, STATE_DELAYED, REASON_NONE, 0, 0);
	event_close(&e);
	is_int(account_moves(a, (struct bytes){ e.moves.p, e.moves.len }), 0,
	    "moves");
	event_reset(&e, KIND_FINISH);
	event_move(&e, 1, 7, STATE_READY, STATE_RUNNING, REASON_NONE, 0, 0);
	event_move(&e, 1, 7, STATE_RUNNING, STATE_FAILED, REASON_TRANSIENT, 1,
	    0);
	event_move(&e, 1, 7, STATE_FAILED, STATE_DELAYED, REASON_TRANSIENT, 0,
	    0);
	event_move(&e, 2, 7, STATE_WAITING, STATE_CANCELLED, REASON_OPERATOR,
	    0, 0);
	event_close(&e);
	is_int(account_moves(a, (struct bytes){ e.moves.p, e.moves.len }), 0,
	    "more of them");
	event_release(&e);
}

int
main(void)
{
	struct accounts a = { 0 };
	struct buf b = { 0 };

	count(&a);
	accounts_put(&a, &b);
	is_str(b.p, "[[7,2,0,0,0,1],[8,1,0,0,0,0]]", "what is left");
	accounts_release(&a);
	is_int(accounts_get(&a, bytes_of("[{\"seq\":1,\"jobs\":"
	    "[[7,2,0,0,0,1],[8,1,0,0,0,0]]}]")), 0, "and back");
	is_int(account_of(&a, 7)->n[STATE_CANCELLED], 1, "one was cancelled");
	is_int(accounts_get(&a, bytes_of("[{\"jobs\":[[7,1,0,0,0,0]]}]")), 0,
	    "added");
	is_int(account_of(&a, 7)->n[STATE_READY], 3, "three are pending");
	is_int(accounts_get(&a, bytes_of("[{\"jobs\":[]}]")), 0, "none");
	is_int(accounts_get(&a, bytes_of("[{}]")), -1, "not said");
	is_int(accounts_get(&a, bytes_of("[{\"jobs\":[[1,2]]}]")), -1,
	    "too few");
	is_int(accounts_get(&a, bytes_of("[{\"jobs\":[[1,2,3,4,5,\"6\"]]}]")),
	    -1, "no number");
	is_int(accounts_get(&a, BYTES_NONE), -1, "nothing");
	is_int(account_moves(&a, bytes_of("\xff")), -1, "no moves");
	accounts_release(&a);
	buf_release(&b);
	return done();
}
