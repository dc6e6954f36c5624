/*
 * The audit log's grammar: one event per transaction and kind, whose canonical
 * bytes are hashed together with the hash of the event before it.
 *
 * canonical = "iq-event-1" then, each as varint length + bytes (numbers as
 * varints): seq, at, kind, actor, moves, detail.
 * hash(n) = SHA-256(hash(n-1) || canonical(n)); hash(0) is 32 zero bytes.
 *
 * moves: what happened to which jobs, as runs of consecutive ids:
 *   varint zigzag(first id - end of the previous run), count,
 *   type id, from << 4 | to, reason,
 *   and when (from == RUNNING): zigzag(exit), duration in us
 */
#ifndef IQ_EVENT_H
#define IQ_EVENT_H

#include <stdint.h>

#include "base/buf.h"
#include "rules/state.h"

#define EVENT_HASH_SIZE 32

/* Stored numbers: never renumber. */
enum event_kind {
	KIND_INIT = 1,		/* the queue was made */
	KIND_MIGRATE = 2,
	KIND_ENQUEUE = 3,
	KIND_MERGE = 4,		/* a repeat changed a pending job */
	KIND_CLAIM = 5,
	KIND_FINISH = 6,
	KIND_RELEASE = 7,
	KIND_REAP = 8,		/* a dead worker's jobs were taken back */
	KIND_CANCEL = 9,
	KIND_RETRY = 10,
	KIND_QUARANTINE = 11,
	KIND_DISCARD = 12,
	KIND_PRIORITY = 13,
	KIND_PAUSE = 14,
	KIND_RESUME = 15,
	KIND_SETTING = 16,
	KIND_WORKER_JOIN = 17,
	KIND_WORKER_LEAVE = 18,
	KIND_REPAIR = 19,
	KIND_BREAKER = 20,
	KIND_RESTORE = 21,	/* the queue became what a backup was */
	KIND_COMPACT = 22,
	KIND_TYPE = 23,		/* a type was made */
	KIND_ANCHOR = 24,	/* what the log was at an event */
	KIND_PRUNE = 25,	/* the same, and it begins behind that now */
	KIND_FORGET = 26,	/* ended jobs left the history */
	KIND_COUNT
};

const char *event_kind_name(int64_t kind);	/* "unknown": a newer one */
int64_t event_kind_parse(const char *name);	/* 0: there is none */

/* An event being put together; release with event_release. */
struct event {
	enum event_kind kind;
	struct buf moves;
	struct buf detail;	/* JSON array, or empty */
	/* the run being extended */
	int64_t first, count, end;
	struct move_class {
		int64_t type;
		enum state from, to;
		enum reason reason;
	} run;
};

void event_reset(struct event *e, enum event_kind kind);
/* One job that moves. Jobs with consecutive ids and the same class become one
 * run, unless from is RUNNING (exit and duration differ). exit: status or
 * -signal; duration in ns. */
void event_move(struct event *e, int64_t job, int64_t type, enum state from,
	enum state to, enum reason reason, int exit, int64_t duration);
/* Nonzero when nothing was said: such an event is not stored. */
int event_empty(const struct event *e);
/* Ends the open run; afterwards moves and detail are the stored bytes. */
void event_close(struct event *e);
void event_release(struct event *e);

void event_hash(const unsigned char prev[EVENT_HASH_SIZE], int64_t seq,
	int64_t at, int64_t kind, struct bytes actor, struct bytes moves,
	struct bytes detail, unsigned char out[EVENT_HASH_SIZE]);

/* Reading moves back. */
struct move {
	int64_t first, count, type;
	enum state from, to;
	enum reason reason;
	int exit;
	int64_t duration;	/* ns, microsecond steps */
};

/* *pos: an offset that starts at 0; *end: 0 at first, the reader's memory.
 * 1 a move, 0 the end, -1 malformed */
int event_next_move(struct bytes moves, size_t *pos, int64_t *end,
	struct move *out);

#endif
