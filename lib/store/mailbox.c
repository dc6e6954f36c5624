#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/lockbyte.h"
#include "store/mailbox.h"

/* Where it is in the sidecar: a multiple of any page size */
#define OFFSET (INT64_C(1) << 16)
/* Byte locks, far beyond its end: the door, then one per slot, the server's as
 * the last.  Those of the workers come later: lock.c. */
#define DOOR (INT64_C(1) << 31)
#define SLOT_LOCK(i) (DOOR + 1 + (int64_t)(i))
#define LOCKS (1 + MAIL_SLOTS + 1)

#define NAME "iq mailbox 3 " IQ_VERSION

/* A state: its status, the leader's slot, and the leader's use of that, which
 * tells it from who had the slot before or has it later. */
#define STATUS_BITS 3
#define SLOT_BITS 7
#define USE_MASK (UINT32_MAX >> (STATUS_BITS + SLOT_BITS))

_Static_assert(sizeof(struct mail_slot) == MAIL_SLOT_SIZE, "size of a slot");
_Static_assert(MAIL_SERVER < 1 << SLOT_BITS, "bits of a slot's number");
_Static_assert(offsetof(struct mail_page, slots) == MAIL_SLOT_SIZE,
    "size of the head");

static enum mail_status
status_of(uint32_t state)
{
	return (enum mail_status)(state & ((1 << STATUS_BITS) - 1));
}

static uint32_t
taken_by_me(const struct mailbox *m)
{
	return MAIL_TAKEN | m->mine << STATUS_BITS |
	    (m->use & USE_MASK) << (STATUS_BITS + SLOT_BITS);
}

static struct mail_slot *
slot_of(const struct mailbox *m, uint32_t i)
{
	return &m->page->slots[i];
}

static bool
move(struct mail_slot *slot, uint32_t from, uint32_t to)
{
	return atomic_compare_exchange_strong(&slot->state, &from, to);
}

/* Whether who wrote this state, TAKEN, is still there */
static bool
leader_lives(const struct mailbox *m, uint32_t state)
{
	uint32_t i = state >> STATUS_BITS & ((1 << SLOT_BITS) - 1);
	uint32_t use = state >> (STATUS_BITS + SLOT_BITS);

	return i <= MAIL_SERVER &&
	    (atomic_load(&slot_of(m, i)->use) & USE_MASK) == use &&
	    lockbyte_held(m->fd, SLOT_LOCK(i)) != 0;
}

/* ---- claiming ---- */

static bool
same_name(const struct mailbox *m)
{
	return memcmp(m->page->name, NAME, sizeof(NAME)) == 0;
}

/* What an owner left that died: 1 usable, 0 a leader still has it.  We hold
 * its lock. */
static bool
reclaim(struct mailbox *m, struct mail_slot *slot)
{
	uint32_t state = atomic_load(&slot->state);

	if (status_of(state) == MAIL_POSTED)
		return move(slot, state, MAIL_FREE);
	if (status_of(state) == MAIL_TAKEN && leader_lives(m, state))
		return false;
	atomic_store(&slot->state, MAIL_FREE);
	return true;
}

static bool
claim_slot(struct mailbox *m, uint32_t i)
{
	struct mail_slot *slot = slot_of(m, i);

	if (lockbyte_take(m->fd, SLOT_LOCK(i)) != 1)
		return false;
	/* looked at again behind the lock: nobody takes it over now */
	if (!same_name(m) || !reclaim(m, slot)) {
		lockbyte_drop_range(m->fd, SLOT_LOCK(i), 1);
		return false;
	}
	m->mine = i;
	m->use = atomic_fetch_add(&slot->use, 1) + 1;
	return true;
}

/* Nobody uses the mailbox while we have all of its locks. */
static bool
lock_all(const struct mailbox *m)
{
	return lockbyte_take_range(m->fd, DOOR, LOCKS) == 1;
}

static void
unlock_all(const struct mailbox *m)
{
	lockbyte_drop_range(m->fd, DOOR, LOCKS);
}

/* Room on the disk: without it a write to the page ends the process.  That the
 * file is long enough does not tell: a copy of it may have holes. */
static bool
make_room(struct mailbox *m)
{
	m->off = allocate(m->fd, OFFSET, sizeof(*m->page)) != 0;
	return !m->off;
}

static bool
map_page(struct mailbox *m)
{
	void *p;

	if (!make_room(m))
		return false;
	p = mmap(NULL, sizeof(*m->page), PROT_READ | PROT_WRITE, MAP_SHARED,
	    m->fd, OFFSET);
	if (p == MAP_FAILED) {
		m->off = true;
		return false;
	}
	m->page = p;
	m->mine = (uint32_t)getpid() % MAIL_SLOTS;
	return true;
}

/* A new page, or another version's, becomes ours when nobody uses it. */
static bool
take_over(struct mailbox *m)
{
	if (!lock_all(m))
		return false;
	if (!same_name(m)) {
		memset(m->page, 0, sizeof(*m->page));
		atomic_thread_fence(memory_order_seq_cst);
		memcpy(m->page->name, NAME, sizeof(NAME));
	}
	unlock_all(m);
	return true;
}

static bool
has_page(struct mailbox *m, int fd)
{
	m->fd = fd;
	return !m->off && futex_exists() && (m->page || map_page(m)) &&
	    (same_name(m) || take_over(m));
}

bool
mail_claim(struct mailbox *m, int fd)
{
	if (!has_page(m, fd))
		return false;
	for (uint32_t k = 0, first = m->mine; k < MAIL_SLOTS; k++)
		if (claim_slot(m, (first + k) % MAIL_SLOTS))
			return true;
	return false;
}

bool
mail_claim_server(struct mailbox *m, int fd)
{
	return has_page(m, fd) && claim_slot(m, MAIL_SERVER);
}

void
mail_release(struct mailbox *m)
{
	struct mail_slot *slot = slot_of(m, m->mine);
	uint32_t state = atomic_load(&slot->state);

	/* a leader that is only slow will still write to what it took */
	if (status_of(state) != MAIL_TAKEN) {
		/* what is in a queue is private, and this stays in the file */
		memset(slot->content, 0, sizeof(slot->content));
		move(slot, state, MAIL_FREE);
	}
	lockbyte_drop_range(m->fd, SLOT_LOCK(m->mine), 1);
}

void
mail_close(struct mailbox *m)
{
	if (m->page)
		munmap(m->page, sizeof(*m->page));
	m->page = NULL;
}

/* ---- owners ---- */

static uint32_t
server_use(const struct mailbox *m)
{
	return atomic_load(&slot_of(m, MAIL_SERVER)->use);
}

bool
mail_served(struct mailbox *m, int fd)
{
	return futex_exists() &&
	    lockbyte_held(fd, SLOT_LOCK(MAIL_SERVER)) == 1 &&
	    has_page(m, fd) &&
	    atomic_load(&m->page->doubted) != server_use(m);
}

void
mail_doubt(struct mailbox *m)
{
	atomic_store(&m->page->doubted, server_use(m));
}

void
mail_post(struct mailbox *m, const void *content, size_t n)
{
	struct mail_slot *slot = slot_of(m, m->mine);

	slot->outcome.seq = 0;
	atomic_store(&slot->size, (uint32_t)n);
	memcpy(slot->content, content, n);
	atomic_store(&slot->state, MAIL_POSTED);
}

bool
mail_withdraw(struct mailbox *m)
{
	return move(slot_of(m, m->mine), MAIL_POSTED, MAIL_FREE);
}

enum mail_status
mail_look(struct mailbox *m)
{
	return status_of(atomic_load(&slot_of(m, m->mine)->state));
}

void
mail_sleep(struct mailbox *m, enum mail_status was, int ms)
{
	struct mail_slot *slot = slot_of(m, m->mine);
	uint32_t state = atomic_load(&slot->state);

	if (status_of(state) == was)
		futex_wait(&slot->state, state, ms);
}

bool
mail_orphaned(struct mailbox *m)
{
	struct mail_slot *slot = slot_of(m, m->mine);
	uint32_t state = atomic_load(&slot->state);

	/* the same state after its leader was seen dead: it stays so */
	return status_of(state) == MAIL_TAKEN && !leader_lives(m, state) &&
	    atomic_load(&slot->state) == state;
}

void
mail_outcome(const struct mailbox *m, struct mail_outcome *out)
{
	*out = slot_of(m, m->mine)->outcome;
}

/* ---- leaders ---- */

void
mail_attend(struct mailbox *m)
{
	if (atomic_load(&m->page->doubted) == m->use)
		atomic_store(&m->page->doubted, 0);
}

bool
mail_door_take(struct mailbox *m)
{
	return lockbyte_take(m->fd, DOOR) == 1;
}

void
mail_door_leave(struct mailbox *m)
{
	lockbyte_drop_range(m->fd, DOOR, 1);
}

bool
mail_waiting(const struct mailbox *m)
{
	for (uint32_t i = 0; i < MAIL_SLOTS; i++)
		if (atomic_load(&slot_of(m, i)->state) == MAIL_POSTED)
			return true;
	return false;
}

bool
mail_take(struct mailbox *m, uint32_t i, char content[MAIL_CONTENT],
	size_t *n)
{
	struct mail_slot *slot = slot_of(m, i);

	if (atomic_load(&slot->state) != MAIL_POSTED)
		return false;
	/* Nobody waits for what a dead process wanted, perhaps days ago. */
	if (i != m->mine && lockbyte_held(m->fd, SLOT_LOCK(i)) == 0) {
		move(slot, MAIL_POSTED, MAIL_FREE);
		return false;
	}
	if (!move(slot, MAIL_POSTED, taken_by_me(m)))
		return false;
	*n = atomic_load(&slot->size);
	if (*n > MAIL_CONTENT)
		*n = 0;		/* nothing that we wrote */
	memcpy(content, slot->content, *n);
	return true;
}

void
mail_answer(struct mailbox *m, uint32_t i, const struct mail_outcome *outcome)
{
	slot_of(m, i)->outcome = *outcome;
}

void
mail_settle(struct mailbox *m, uint32_t i, enum mail_status status)
{
	struct mail_slot *slot = slot_of(m, i);

	if (move(slot, taken_by_me(m), status) && i != m->mine)
		futex_wake(&slot->state);
}
