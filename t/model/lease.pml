/*
 * Claims, leases, and taking back what the dead left behind.
 *
 * A step here is a step there: a transaction (only while nobody else has the
 * turn), a look at a lock, or what a process does or suffers.  Who hangs takes
 * no step, so a lease that is overdue needs nothing of its own.  Whatever the
 * order: no job runs twice at once, nothing is taken from a worker that lives,
 * an attempt is over when the queue says so, its end is told by who has claimed
 * it, and at last every job has ended.
 * (lib/store: claim.c, finish.c, lock.c, reap.c, control.c, repair.c, tx.c;
 * lib/engine: worker_turn.c, worker_coproc.c, keeper.c)
 *
 * MUTANT in the environment is the number of one of the mistakes below, which
 * must be found.  t/model/run does all that.
 */
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef JOBS
#define JOBS 2
#endif
#ifndef EVENTS
#define EVENTS 2
#endif
/* A worker that is started again has another number.  After the files with the
 * locks were deleted each one has to be. */
#define NUMBERS (2 * WORKERS + EVENTS - 1)
#define NOBODY 255

#define NOT_INHERITED 1		/* a handler has no lock of its own */
#define START_UNLOCKED 2	/* it starts before its slot is locked */
#define UNLOCK_EARLY 3		/* that is unlocked before it has ended */
#define NO_WORKER_LOOK 4	/* who takes back looks at the slot only, */
#define NO_SLOT_LOOK 5		/* at the worker only, */
#define SLOT_FIRST 6		/* at the slot before the worker, */
#define BY_TIME 7		/* or at neither: the lease is over */
#define NO_FENCE 8		/* whoever has the job's id may finish it */
#define FINISH_EARLY 9		/* handed in while something of it lives */
#define ORDER_NOW 10		/* an order is carried out while it runs */
#define KEEPER_EARLY 11		/* a keeper goes before what it keeps */
#define NO_REAP 12		/* nobody takes anything back */
#define ADOPT_BLIND 13		/* other files are taken, whoever lives, */
#define CLAIM_BLIND 14		/* or jobs, whichever files the queue knows */

mtype = { pending, running, succeeded, cancelled };	/* a job's state */
mtype = { nothing, kill, release };			/* an order */

typedef Job {
	mtype state = pending;
	byte worker;		/* whose claim it is, */
	byte claim;		/* and which */
	mtype order = nothing;
	byte live;		/* handlers at work on it */
};

typedef Number {		/* of a worker */
	bool lives, keeper;	/* either holds the lock of the worker */
	bool stops;		/* claims nothing any more */
	bool slot;		/* holds the lock of its slot */
	byte hand;		/* jobs that it has claimed */
	bool handler;		/* there is a process tree in the slot, */
	bool inherited;		/* which holds that lock as well, */
	bool closed;		/* unless it has closed what it inherited */
	byte job = NOBODY;	/* that this works on */
	bool files;		/* on which of the two the locks are */
};

Job job[JOBS];
Number at[NUMBERS];
byte number[WORKERS] = NOBODY;
byte numbers;
bool turn;			/* somebody has it for more than a step */
bool name;			/* which files can be opened, */
bool known;			/* which the queue knows */
byte events;			/* out of the ordinary, of any kind: so many */
byte mutant;
hidden byte x, yes;

#define LIVES(w) (number[w] != NOBODY && at[number[w]].lives)
#define HOLDS_WORKER(m) (at[m].lives || at[m].keeper)
#define HOLDS_SLOT(m) (at[m].slot || \
	(at[m].handler && at[m].inherited && !at[m].closed))
/* Who has other files open than the queue knows takes nothing back; who has
 * those sees the locks that are on them. */
#define FREE_WORKER(m) (mutant == NO_WORKER_LOOK || mutant == BY_TIME || \
	!(HOLDS_WORKER(m) && at[m].files == known))
#define FREE_SLOT(m) (mutant == NO_SLOT_LOOK || mutant == BY_TIME || \
	!(HOLDS_SLOT(m) && at[m].files == known))
/* Of workers that are alike, idle or gone, it is the first that does something:
 * what another one could do differs in nothing but its number. */
#define IDLE(v, w) (v < w && LIVES(v) && at[number[v]].hand == 0 && \
	!at[number[v]].handler && !at[number[v]].stops && \
	at[number[v]].files == at[number[w]].files)
#define GONE(v, w) (v < w && !LIVES(v))
#if WORKERS == 2
#define FIRST(w, is) (!is(0, w))
#else
#define FIRST(w, is) (!is(0, w) && !is(1, w) && !is(2, w))
#endif
#define MINE(j, token) (job[j].state == running && job[j].claim == token)

/* All jobs have ended. */
inline all_ended() {
	yes = true;
	for (x : 0 .. JOBS - 1) {
		yes = yes && (job[x].state == succeeded ||
			job[x].state == cancelled)
	}
}

/* Something runs, or could. */
inline is_busy() {
	yes = false;
	for (x : 0 .. JOBS - 1) {
		yes = yes || job[x].state == running
	}
	for (x : 0 .. NUMBERS - 1) {
		yes = yes || HOLDS_WORKER(x)
	}
}

/* Somebody has a lock, on whatever files. */
inline is_held() {
	yes = false;
	for (x : 0 .. NUMBERS - 1) {
		yes = yes || HOLDS_WORKER(x) || HOLDS_SLOT(x)
	}
}

/* The kernel, and then the keeper, take from a worker what it had. */
inline die(n) {
	at[n].lives = false;
	at[n].slot = false;
	at[n].stops = false;
	at[n].hand = 0;
	at[n].keeper = at[n].handler && mutant != KEEPER_EARLY;
	at[n].files = at[n].files && at[n].handler
}

inline end_work(n) {
	if
	:: at[n].job != NOBODY ->
		job[at[n].job].live--;
		at[n].job = NOBODY
	:: else -> skip
	fi
}

inline end_tree(n) {
	end_work(n);
	at[n].handler = false;
	at[n].inherited = false;
	at[n].closed = false;
	at[n].keeper = at[n].lives;
	at[n].files = at[n].files && at[n].lives;
	at[n].slot = at[n].slot && at[n].hand > 0
}

inline handed_in(n) {
	at[n].hand--;
	at[n].slot = at[n].slot && (at[n].hand > 0 || at[n].handler)
}

/* An attempt is over. */
inline end_as(j, to) {
	assert(job[j].live == 0);
	job[j].state = to;
	job[j].worker = 0;
	job[j].order = nothing
}

/* It did not succeed. */
inline go_back(j) {
	if
	:: job[j].order == kill -> end_as(j, cancelled)
	:: else -> end_as(j, pending)
	fi
}

/* A worker comes, and goes. */
proctype Worker(byte w) {
	do
	:: atomic { !turn && !LIVES(w) && numbers < NUMBERS &&
		(known == name || mutant == CLAIM_BLIND) &&
		FIRST(w, GONE) ->
		number[w] = numbers;
		at[numbers].lives = true;
		at[numbers].keeper = true;
		at[numbers].files = name;
		numbers++ }
	:: atomic { LIVES(w) && at[number[w]].stops &&
		at[number[w]].hand == 0 && !at[number[w]].handler ->
		die(number[w]) }
	od
}

/* What a worker does with a job.  It may have several of them; its handler, or
 * co-process, works on one after the other. */
proctype Hand(byte w, j) {
	byte n, token;
	bool back;		/* unstarted, or by order */

	do
	:: atomic { !turn && job[j].state == pending && LIVES(w) &&
		!at[number[w]].stops && FIRST(w, IDLE) &&
		(j == 0 || job[j - 1].claim > 0) ->
		n = number[w];
		job[j].state = running;
		job[j].worker = n;
		job[j].claim++;
		token = job[j].claim;
		back = false;
		at[n].hand++ };
	   {
		do
		/* the slot is locked, unless leftovers hold it, */
		:: atomic { !HOLDS_SLOT(n) ->
			if
			:: at[n].files == name -> at[n].slot = true
			:: else -> at[n].stops = true; back = true; break
			fi }
		/* and then the handler starts, or hears of its next job */
		:: atomic { at[n].job == NOBODY &&
			(at[n].slot || mutant == START_UNLOCKED) ->
			if
			:: !at[n].handler ->
				at[n].handler = true;
				at[n].inherited = at[n].slot &&
					mutant != NOT_INHERITED
			:: else -> skip
			fi;
			at[n].job = j;
			job[j].live++;
			assert(job[j].live == 1);
			break }
		/* or the job is not to be started: somebody wants that, or
		 * what is before it takes too long */
		:: atomic { at[n].stops || job[j].order != nothing ->
			back = true;
			break }
		:: atomic { events < EVENTS ->
			events++;
			back = true;
			break }
		od;
		/* it ends, or is ended */
		if
		:: at[n].job != j
		:: atomic { at[n].job == j && MINE(j, token) &&
			job[j].order != nothing ->
			end_tree(n);
			back = true }
		:: at[n].job == j && mutant == FINISH_EARLY
		fi;
		/* what became of it is handed in, more than once when nobody
		 * knows whether that has arrived */
		do
		:: atomic { !turn && (MINE(j, token) || (mutant == NO_FENCE &&
			job[j].state == running)) ->
			assert(job[j].claim == token);
			if
			:: !back -> end_as(j, succeeded)
			:: !back && events < EVENTS ->	/* it failed */
				events++;
				go_back(j)
			:: back -> go_back(j)
			fi;
			if
			:: handed_in(n); break
			:: events < EVENTS ->
				events++;
				at[n].stops = true
			fi }
		:: atomic { !turn && !MINE(j, token) && !(mutant == NO_FENCE &&
			job[j].state == running) ->
			handed_in(n);
			break }
		od
	   } unless { atomic { !at[n].lives ->
		n = 0; token = 0; back = false } }
	od
}

/* What may happen to a worker, to its keeper and to its handler */
proctype Fate(byte m) {
	do
	/* the handler ends, by itself or because somebody ends it, */
	:: atomic { at[m].handler -> end_tree(m) }
	/* or says how its job ended, and lives on */
	:: atomic { at[m].job != NOBODY -> end_work(m) }
	/* it closes what it inherited (where a keeper would not know of it any
	 * more, nobody would) */
	:: atomic { at[m].handler && at[m].keeper && !at[m].closed &&
		events < EVENTS ->
		events++;
		at[m].closed = true }
	:: atomic { at[m].slot && at[m].handler && mutant == UNLOCK_EARLY ->
		at[m].slot = false;
		at[m].inherited = false }
	/* the worker is killed, the keeper perhaps as well */
	:: atomic { at[m].lives && events < EVENTS ->
		events++;
		die(m);
		if
		:: skip
		:: at[m].handler && !at[m].closed -> at[m].keeper = false
		fi }
	od
}

/* Whoever takes back: first it looks at the worker, then, while others go on,
 * at the slot. */
proctype Reaper(byte j) {
	do
	:: atomic { !turn && job[j].state == running && mutant != NO_REAP &&
		(mutant == SLOT_FIRST -> FREE_SLOT(job[j].worker) :
		FREE_WORKER(job[j].worker)) ->
		turn = true };
	   atomic {
		if
		:: (mutant == SLOT_FIRST -> FREE_WORKER(job[j].worker) :
		    FREE_SLOT(job[j].worker)) ->
			assert(!at[job[j].worker].lives);
			go_back(j)
		:: else -> skip
		fi;
		turn = false }
	od
}

/* What somebody does to a job.  An order is for its worker, or for who takes it
 * back. */
proctype Operator(byte j) {
	do
	:: atomic { !turn && events < EVENTS && job[j].state == running &&
		job[j].order == nothing ->
		events++;
		if
		:: mutant == ORDER_NOW -> end_as(j, cancelled)
		:: mutant != ORDER_NOW -> job[j].order = kill
		:: mutant != ORDER_NOW -> job[j].order = release
		fi }
	:: atomic { !turn && events < EVENTS && job[j].state == cancelled ->
		events++;
		job[j].state = pending }
	od
}

/* Somebody deletes the files with the locks, and others are made. */
proctype Files() {
	atomic { events < EVENTS -> events++; name = !name };
	do
	:: atomic { !turn && known != name ->
		is_busy();
		if
		/* any transaction does it, */
		:: !yes || mutant == ADOPT_BLIND -> known = name
		:: else ->
			/* else iq-db check --repair */
			is_held();
			known = (yes -> known : name)
		fi }
	/* whose process may have had the old ones open since before */
	:: atomic { !turn && known == name && events < EVENTS ->
		is_busy();
		if
		:: !yes -> events++; known = !name
		:: else -> skip
		fi }
	od
}

/* When nothing can happen any more every job has ended, unless there is nobody
 * left to do it. */
proctype End() {
	timeout -> atomic { all_ended(); assert(yes || numbers == NUMBERS) }
}

init {
	byte i;

	c_code {
		const char *m = getenv("MUTANT");

		now.mutant = m ? (unsigned char)strtol(m, NULL, 10) : 0;
	};
	atomic {
		for (i : 0 .. NUMBERS - 1) { run Fate(i) }
		for (i : 0 .. JOBS - 1) { run Operator(i); run Reaper(i) }
		for (i : 0 .. WORKERS - 1) { run Worker(i) }
		for (i : 0 .. WORKERS * JOBS - 1) { run Hand(i / JOBS, i % JOBS) }
		run Files();
		run End()
	}
}
