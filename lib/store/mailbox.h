/*
 * Records of processes that found the turn taken, in the sidecar, for the next
 * one that has it; or for a worker that has the queue open anyway, the server:
 * combine.c has the whole story.
 *
 * A page that all processes map, with a slot for each of so many at a time,
 * and one for the server, who posts nothing and so can always lead.
 * A slot is used by who holds its lock, a byte lock of the sidecar, which ends
 * with the process.  Its life:
 *
 *	FREE -> POSTED		by its owner: records are in it
 *	POSTED -> FREE		by its owner: they are withdrawn
 *	POSTED -> TAKEN		by a leader, whose name is in the state
 *	TAKEN -> DONE		by that leader: in the queue and on disk
 *	TAKEN -> COMMITTED	in the queue, but the sync failed
 *	TAKEN -> RETURNED	not in the queue: the owner does it alone
 *
 * The contents belong to the leader while the slot is TAKEN, else to the
 * owner.  The page outlives everybody: what is found in it is never trusted to
 * be more than bytes.
 */
#ifndef IQ_MAILBOX_H
#define IQ_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/futex.h"
#include "rules/event.h"

#define MAIL_SLOTS 64
#define MAIL_SERVER MAIL_SLOTS	/* the slot of the server */
#define MAIL_RECORDS 8		/* in one slot, at most */
#define MAIL_SLOT_SIZE 2048
#define MAIL_CONTENT (MAIL_SLOT_SIZE - 16 - sizeof(struct mail_outcome))

enum mail_status { MAIL_FREE, MAIL_POSTED, MAIL_TAKEN, MAIL_DONE,
	MAIL_COMMITTED, MAIL_RETURNED };

/* What the leader says, before it commits.  When the queue has an event of
 * this number and hash it has committed, whatever became of it since. */
struct mail_outcome {
	int64_t seq;		/* 0: cannot be told from the events */
	unsigned char hash[EVENT_HASH_SIZE];
	int64_t taken;		/* as of store_enqueue */
	struct {
		int64_t id, what;
	} results[MAIL_RECORDS];
};

struct mail_slot {
	futex_word state;	/* status, and of TAKEN by whom: mailbox.c */
	futex_word use;		/* how often it was claimed */
	futex_word size;		/* of content */
	uint32_t unused;
	struct mail_outcome outcome;
	char content[MAIL_CONTENT];
};

struct mail_page {
	/* Layout and program that the slots are of */
	char name[MAIL_SLOT_SIZE - sizeof(futex_word)];
	/* The use of the server's slot by one that was too slow for somebody,
	 * and has not looked into the mailbox since; 0: none */
	futex_word doubted;
	struct mail_slot slots[MAIL_SLOTS + 1];
};

struct mailbox {
	int fd;			/* the sidecar */
	struct mail_page *page;	/* NULL: not mapped */
	bool off;		/* cannot be had: do not try again */
	bool crowded;		/* the last time there were others */
	uint32_t mine;		/* the slot that is ours, and its use */
	uint32_t use;
};

/* ---- owners ---- */

/* A slot of our own, FREE.  false: there is no mailbox, or it is full, or it
 * is used by another version of the program. */
bool mail_claim(struct mailbox *m, int fd);
/* Whether there is a server who is likely to take what is posted at once.  When
 * there is none this costs one system call. */
bool mail_served(struct mailbox *m, int fd);
/* The server was too slow: nobody counts on it until it looks again. */
void mail_doubt(struct mailbox *m);
void mail_post(struct mailbox *m, const void *content, size_t n);
/* false: too late, a leader has it */
bool mail_withdraw(struct mailbox *m);
enum mail_status mail_look(struct mailbox *m);
/* Until the state may be another one than this, at most ms */
void mail_sleep(struct mailbox *m, enum mail_status was, int ms);
/* Whether the leader that took it is dead, and left it as it is */
bool mail_orphaned(struct mailbox *m);
void mail_outcome(const struct mailbox *m, struct mail_outcome *out);
/* Gives the slot up, whatever its state. */
void mail_release(struct mailbox *m);
void mail_close(struct mailbox *m);

/* ---- leaders; they have a slot, too ---- */

/* As mail_claim: the slot of the server, which only one can have. */
bool mail_claim_server(struct mailbox *m, int fd);
/* By the server, each time before it looks for what is posted: who doubts it
 * may count on it again. */
void mail_attend(struct mailbox *m);

/* Only one at a time waits for the turn on behalf of the others: who has the
 * door. */
bool mail_door_take(struct mailbox *m);
void mail_door_leave(struct mailbox *m);
bool mail_waiting(const struct mailbox *m);
/* Takes slot i if there is something in it of a living owner: a copy of the
 * contents. */
bool mail_take(struct mailbox *m, uint32_t i, char content[MAIL_CONTENT],
	size_t *n);
void mail_answer(struct mailbox *m, uint32_t i,
	const struct mail_outcome *outcome);
/* After this it is its owner's again. */
void mail_settle(struct mailbox *m, uint32_t i, enum mail_status status);

#endif
