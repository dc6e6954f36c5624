/* Slots of the mailbox: each has one owner and at most one leader, and what
 * the dead leave is used again, but not while somebody may write to it. */
#include "store/mailbox.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

#define OFFSET 65536	/* mailbox.c */

/* As another process has it: an open file description of its own */
static struct mailbox
person(void)
{
	struct mailbox m = { .fd = open("lock", O_RDWR | O_CREAT | O_CLOEXEC,
	    0600) };

	return m;
}

static bool
claim(struct mailbox *m)
{
	return mail_claim(m, m->fd);
}

/* The process has ended: its locks are gone. */
static void
die(struct mailbox *m)
{
	close(m->fd);
	mail_close(m);
}

static void
test_life(void)
{
	struct mailbox a = person(), b = person();
	struct mail_outcome said = { .seq = 7, .taken = 1 }, heard;
	char text[MAIL_CONTENT];
	size_t n = 0;

	ok(claim(&a) && claim(&b), "two have a slot");
	ok(a.mine != b.mine, "each its own");
	is_int(mail_look(&a), MAIL_FREE, "nothing in it");
	ok(!mail_take(&b, a.mine, text, &n), "which nobody takes");
	mail_post(&a, "hello", 5);
	ok(mail_waiting(&b), "what is posted waits");
	ok(mail_take(&b, a.mine, text, &n) && n == 5 &&
	    memcmp(text, "hello", 5) == 0, "and is taken");
	ok(!mail_take(&b, a.mine, text, &n), "once");
	ok(!mail_withdraw(&a), "and cannot be withdrawn then");
	ok(!mail_orphaned(&a), "the leader lives");
	mail_answer(&b, a.mine, &said);
	mail_settle(&b, a.mine, MAIL_DONE);
	is_int(mail_look(&a), MAIL_DONE, "it is done");
	mail_outcome(&a, &heard);
	ok(heard.seq == 7 && heard.taken == 1, "with an answer");
	mail_release(&a);
	mail_post(&b, "x", 1);
	ok(mail_withdraw(&b), "what nobody took is withdrawn");
	ok(!mail_waiting(&b), "and waits no more");
	mail_release(&b);
	die(&a);
	die(&b);
}

static void
test_door(void)
{
	struct mailbox a = person(), b = person();

	ok(claim(&a) && claim(&b), "two more");
	ok(mail_door_take(&a), "one has the door");
	ok(!mail_door_take(&b), "the other not");
	mail_door_leave(&a);
	ok(mail_door_take(&b), "but later");
	die(&b);
	ok(mail_door_take(&a), "a dead one does not hold it");
	mail_release(&a);
	die(&a);
}

static void
test_dead_poster(void)
{
	struct mailbox a = person(), b = person();
	char text[MAIL_CONTENT];
	uint32_t slot;
	size_t n;

	claim(&a);
	claim(&b);
	slot = a.mine;
	mail_post(&a, "old", 3);
	die(&a);
	ok(!mail_take(&b, slot, text, &n), "what the dead wanted is not done");
	ok(!mail_waiting(&b), "and forgotten");
	mail_release(&b);
	die(&b);
}

static void
test_dead_leader(void)
{
	struct mailbox a = person(), b = person(), c = person();
	char text[MAIL_CONTENT];
	size_t n;

	claim(&a);
	claim(&b);
	mail_post(&a, "x", 1);
	mail_take(&b, a.mine, text, &n);
	ok(!mail_orphaned(&a), "a leader lives");
	die(&b);
	ok(mail_orphaned(&a), "and is dead");
	/* somebody else gets the slot that the leader had */
	c.mine = b.mine;
	ok(claim(&c), "its slot is used again");
	ok(mail_orphaned(&a), "and it is still dead");
	mail_release(&a);
	mail_release(&c);
	die(&a);
	die(&c);
}

/* The poster has gone on without its leader, or died; the leader is slow. */
static void
test_slow_leader(void)
{
	struct mailbox a = person(), b = person(), c = person(), d = person();
	char text[MAIL_CONTENT];
	uint32_t slot;
	size_t n;

	claim(&a);
	claim(&b);
	slot = a.mine;
	mail_post(&a, "x", 1);
	mail_take(&b, slot, text, &n);
	mail_release(&a);
	die(&a);
	ok(claim(&c) && c.mine != slot, "a slot with a leader is not reused");
	mail_settle(&b, slot, MAIL_DONE);
	mail_release(&c);
	die(&c);
	ok(claim(&d), "one that it has settled");
	mail_release(&d);
	d.mine = slot;
	ok(claim(&d) && d.mine == slot, "is");
	mail_release(&b);
	mail_release(&d);
	die(&b);
	die(&d);
}

static void
test_full(void)
{
	struct mailbox v[MAIL_SLOTS + 1];
	size_t had = 0;

	for (size_t i = 0; i < MAIL_SLOTS + 1; i++) {
		v[i] = person();
		had += claim(&v[i]);
	}
	is_int((long long)had, MAIL_SLOTS, "so many and no more");
	mail_release(&v[5]);
	ok(claim(&v[MAIL_SLOTS]), "until one is given up");
	for (size_t i = 0; i < MAIL_SLOTS + 1; i++)
		die(&v[i]);
}

static bool
claim_server(struct mailbox *m)
{
	return mail_claim_server(m, m->fd);
}

static bool
served(struct mailbox *m)
{
	return mail_served(m, m->fd);
}

static void
test_server(void)
{
	struct mailbox a = person(), b = person(), c = person();
	char text[MAIL_CONTENT];
	size_t n;

	ok(!served(&a), "there is no server");
	ok(claim_server(&b), "one becomes it");
	ok(!claim_server(&c), "another one cannot");
	ok(served(&a) && claim(&a), "it is seen");
	ok(!served(&b), "but is none for itself");
	mail_post(&a, "x", 1);
	ok(mail_waiting(&b) && mail_take(&b, a.mine, text, &n),
	    "it takes what is posted");
	ok(!mail_orphaned(&a), "and lives");
	die(&b);
	ok(mail_orphaned(&a), "until it dies");
	ok(!served(&c), "which is seen");
	ok(claim_server(&c), "then there is another one");
	ok(mail_orphaned(&a), "who has not taken what that one had");
	mail_release(&a);
	mail_release(&c);
	ok(!served(&a) && claim(&c), "who gives it up is as all");
	mail_release(&c);
	die(&a);
	die(&c);
}

static void
test_doubt(void)
{
	struct mailbox a = person(), b = person(), c = person();

	ok(claim_server(&b) && served(&a), "a server is there");
	mail_doubt(&a);
	ok(!served(&a) && !served(&c), "when one doubts it all do");
	mail_attend(&b);
	ok(served(&a), "until it looks");
	mail_doubt(&a);
	die(&b);
	b = person();
	ok(claim_server(&b) && served(&a), "the next one is not doubted");
	die(&a);
	die(&b);
	die(&c);
}

static void
test_all_slots_posted(void)
{
	struct mailbox v[MAIL_SLOTS], server = person();
	char text[MAIL_CONTENT];
	size_t n, taken = 0;

	claim_server(&server);
	for (size_t i = 0; i < MAIL_SLOTS; i++) {
		v[i] = person();
		if (claim(&v[i]))
			mail_post(&v[i], "x", 1);
	}
	for (uint32_t i = 0; i < MAIL_SLOTS; i++)
		taken += mail_take(&server, i, text, &n);
	is_int((long long)taken, MAIL_SLOTS, "a server needs no slot of theirs");
	for (size_t i = 0; i < MAIL_SLOTS; i++)
		die(&v[i]);
	die(&server);
}

static void
scribble(off_t at, const void *p, size_t n)
{
	int fd = open("lock", O_RDWR);

	if (pwrite(fd, p, n, at) != (ssize_t)n)
		ok(false, "write to the file");
	close(fd);
}

static void
test_other_version(void)
{
	struct mailbox a = person(), b = person();

	claim(&a);
	scribble(OFFSET, "iq mailbox 0", 12);
	ok(!claim(&b), "another version's mailbox is left alone");
	mail_release(&a);
	ok(claim(&b), "until nobody uses it");
	is_int(mail_look(&b), MAIL_FREE, "and then made anew");
	mail_release(&b);
	ok(claim_server(&a), "a server comes");
	scribble(OFFSET, "iq mailbox 0", 12);
	ok(!served(&b) && !claim(&b), "to others than its version there is none");
	die(&a);
	die(&b);
}

static void
test_rubbish(void)
{
	struct mailbox a = person(), b = person();
	unsigned char rubbish[MAIL_SLOT_SIZE];
	char text[MAIL_CONTENT];
	size_t n, claimed = 0, long_ones = 0, served_ones = 0;

	claim(&a);
	srandom(1);
	for (int round = 0; round < 200; round++) {
		for (uint32_t i = 0; i <= MAIL_SERVER; i++) {
			for (size_t k = 0; k < sizeof(rubbish); k++)
				rubbish[k] = (unsigned char)random();
			if (i != a.mine)
				scribble(OFFSET + (off_t)(1 + i) *
				    MAIL_SLOT_SIZE, rubbish, sizeof(rubbish));
		}
		for (uint32_t i = 0; i < MAIL_SLOTS; i++) {
			n = 0;
			mail_take(&a, i, text, &n);
			long_ones += n > MAIL_CONTENT;
			mail_settle(&a, i, MAIL_DONE);
		}
		if (claim(&b)) {
			claimed++;
			mail_orphaned(&b);
			mail_release(&b);
		}
		if (claim_server(&b)) {
			served_ones += served(&a);
			mail_release(&b);
		}
	}
	is_int((long long)served_ones, 200, "a server finds its place");
	is_int((long long)claimed, 200, "slots full of rubbish are usable");
	is_int((long long)long_ones, 0, "and nothing in them is too long");
	mail_release(&a);
	die(&a);
	die(&b);
}

static void
test_no_room(void)
{
	struct mailbox a = { .fd = open("/dev/full", O_RDWR | O_CLOEXEC) };

	ok(!claim(&a), "where there can be no mailbox there is none");
	ok(a.off, "and nobody tries again");
	close(a.fd);
}

/* What was posted is private, and the file stays. */
static void
test_scrubbed(void)
{
	struct mailbox a = person();
	char text[MAIL_CONTENT];
	uint32_t mine;

	claim(&a);
	mine = a.mine;
	mail_post(&a, "hunter2", 7);
	mail_withdraw(&a);
	mail_release(&a);
	is_int((int)pread(a.fd, text, sizeof(text), OFFSET +
	    (off_t)(mine + 1) * MAIL_SLOT_SIZE), sizeof(text), "the slot");
	ok(memmem(text, sizeof(text), "hunter2", 7) == NULL,
	    "nothing is left of what was posted");
	die(&a);
}

/* cp -a leaves out blocks of zeros. */
static void
test_holes(void)
{
	struct mailbox a = person();
	struct stat st;

	is_int(ftruncate(a.fd, 0), 0, "empty");
	is_int(ftruncate(a.fd, OFFSET + (off_t)sizeof(struct mail_page)), 0,
	    "and long, with nothing in it");
	ok(claim(&a), "a slot in it");
	ok(fstat(a.fd, &st) == 0 && st.st_blocks * 512 >=
	    (blkcnt_t)sizeof(struct mail_page), "has room on the disk");
	mail_release(&a);
	die(&a);
}

int
main(void)
{
	if (!futex_exists()) {
		ok(!claim(&(struct mailbox){ .fd = -1 }),
		    "there is no mailbox on this platform");
		return done();
	}
	test_holes();
	test_life();
	test_scrubbed();
	test_door();
	test_dead_poster();
	test_dead_leader();
	test_slow_leader();
	test_full();
	test_server();
	test_doubt();
	test_all_slots_posted();
	test_other_version();
	test_rubbish();
	test_no_room();
	return done();
}
