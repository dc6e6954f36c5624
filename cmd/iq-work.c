/* iq-work: run the queue's jobs. */
#include <stdlib.h>
#include <sysexits.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/proc.h"
#include "engine/keeper.h"
#include "engine/signals.h"
#include "engine/worker.h"
#include "opt.h"
#include "rules/type.h"
#include "store/store.h"
#include "type_option.h"
#include "work_options.h"

#define STANDARD_GRACE (10 * NS_PER_S)

static void
say(void *ctx, const char *sentence)
{
	(void)ctx;
	warn_say("%s", sentence);
}

/* ---- without COMMAND ---- */

struct search {
	struct store *store;
	const struct selection *selection;
	int n;
};

static void
look_for_handler(void *ctx, const char *type)
{
	struct search *h = ctx;
	const char *text = NULL;
	enum origin origin;
	struct err err;

	if (selection_has(h->selection, type) && store_setting(h->store, type,
	    SET_HANDLER, &text, &origin, &err) == 0 && text != NULL)
		h->n++;
}

/* A handler that the queue names runs only when this user trusts the queue. */
static void
check_stored_handlers(struct store *store, const struct selection *sel)
{
	struct search h = { store, sel, 0 };
	struct err err;
	bool trusted;

	for (size_t i = 0; i < sel->n; i++)
		look_for_handler(&h, sel->types[i]);
	if (sel->n == 0)
		look_for_handler(&h, TYPE_DEFAULT);
	if (store_types_each(store, look_for_handler, &h, &err) != 0)
		die(err.code, "%s", err.text);
	if (h.n == 0)
		die(EX_CONFIG, "nothing to run: no COMMAND was given, and no "
			"selected type has a handler");
	if (store_trusted(store, &trusted, &err) != 0)
		die(err.code, "%s", err.text);
	if (!trusted)
		die(EX_NOPERM, "%s: its stored handlers are not trusted; see "
			"them with iq-tune export, trust them with iq-db "
			"trust, or name a COMMAND: iq-work -- COMMAND",
			store_path(store));
}

/* ---- the end ---- */

static int64_t
count_left(const struct backlog *b)
{
	return b->ready + b->delayed + b->waiting + b->running + b->held;
}

static int
drain_status(const struct worker_tally *t)
{
	const struct backlog *b = &t->left;
	int64_t left = count_left(b);

	if (t->failed == 0 && t->lost == 0 && left == 0)
		return EX_OK;
	warn_say("%lld succeeded, %lld failed, %lld left (%lld ready, "
		"%lld delayed, %lld waiting, %lld running, %lld held)",
		(long long)t->succeeded, (long long)(t->failed + t->lost),
		(long long)left, (long long)b->ready, (long long)b->delayed,
		(long long)b->waiting, (long long)b->running,
		(long long)b->held);
	return 1;
}

static int
exit_status(const struct worker_options *o, const struct worker_tally *t)
{
	int64_t bad = t->failed + t->again + t->lost + t->released;

	if (o->drain != DRAIN_NO)
		return drain_status(t);
	if (o->attempts == 0 || bad == 0)
		return EX_OK;
	warn_say("%lld succeeded, %lld failed, %lld to be tried again",
		(long long)t->succeeded, (long long)(t->failed + t->lost),
		(long long)(t->again + t->released));
	return 1;
}

/* They may come to be: worth saying, no error. */
static void
warn_of_types(struct store *store, const struct selection *sel)
{
	struct err err;

	for (size_t i = 0; i < sel->n; i++) {
		if (type_known(store, "--type", sel->types[i], &err) != 0)
			die(err.code, "%s", err.text);
	}
}

int
main(int argc, char **argv)
{
	struct keeper keeper = { .grace = STANDARD_GRACE, .say = say };
	struct store_options where = { .mode = STORE_CREATE };
	struct worker_tally tally;
	struct store *store;
	struct work w;
	struct err err;
	int code;

	work_options(&w, argc, argv);
	if (w.worker.grace >= 0)
		keeper.grace = w.worker.grace;
	proc_keep_fds();
	if (keeper_start(&keeper, &err) != 0)
		die(err.code, "%s", err.text);
	mem_keep();
	where.path = w.args.queue;
	where.program = w.args.program->name;
	if (store_open(&store, &where, &err) != 0)
		die(err.code, "%s", err.text);
	if (w.worker.command == NULL)
		check_stored_handlers(store, &w.selection);
	warn_of_types(store, &w.selection);
	w.worker.store = store;
	w.worker.keeper = &keeper;
	w.worker.say = say;
	code = worker_run(&w.worker, &tally, &err);
	if (code != 0 && err.text[0] != '\0')
		warn_say("%s", err.text);
	if (code == 0)
		code = exit_status(&w.worker, &tally);
	store_close(store);
	free(w.types);
	/* so that a script around it ends, too */
	if (tally.interrupted && code <= 1)
		signal_die(SIGINT);
	return code;
}
