#include "rules/seen.h"

#include <stdlib.h>

#include "tap.h"

#define S NS_PER_S
#define NOW (INT64_C(1795248930) * S)	/* 2026-11-21T08:15:30Z */

/* ---- lists ---- */

static struct seen
file(const char *name, enum seen_status status, uint64_t stamp)
{
	return (struct seen){ .name = bytes_of(name), .status = status,
		.size = 5, .mtime = NOW, .ctime = NOW + 1, .inode = 77,
		.stamp = stamp };
}

static void
there_and_back(void)
{
	static const int64_t times[] = { 0, -1, NOW, INT64_MIN, INT64_MAX };
	struct buf b = { 0 };
	struct seen_list l;
	struct seen f, got;
	int wrong = 0, n = 0;

	ok(seen_read(BYTES_NONE, &l) == 0 && !l.mount &&
		seen_next(&l, &got) == 0, "no bytes are the empty list");
	for (int i = 0; i < 5; i++)
		for (int k = 0; k < 5; k++)
			for (int s = SEEN_UNSETTLED; s <= SEEN_ENDED; s++) {
				f = file("n\n\377", (enum seen_status)s, 1);
				f.mtime = times[i];
				f.ctime = times[k];
				f.known = i & 1;
				f.racy = k & 1;
				f.told = k & 2;
				f.size = INT64_MAX - i;
				f.inode = UINT64_MAX - (uint64_t)k;
				seen_add(&b, true, &f);
			}
	is_int(seen_read((struct bytes){ b.p, b.len }, &l), 0, "a list");
	ok(l.mount, "of a mount point");
	while (seen_next(&l, &got) == 1) {
		int i = n / 25, k = n / 5 % 5;

		wrong += got.mtime != times[i] || got.ctime != times[k] ||
			got.known != (i & 1) || got.racy != (k & 1) ||
			got.told != !!(k & 2) ||
			got.size != INT64_MAX - i || got.name.n != 3 ||
			got.inode != UINT64_MAX - (uint64_t)k ||
			(int)got.status != 1 + n % 5;
		n++;
	}
	is_int(n, 125, "all of them");
	is_int(wrong, 0, "as they were");
	buf_release(&b);
}

/* Whatever the bytes are, it comes to an end and stays inside. */
static void
damage(void)
{
	struct buf b = { 0 };
	struct seen_list l;
	struct seen f = file("name", SEEN_OFFERED, 300), got;
	int whole = 0;

	seen_add(&b, false, &f);
	for (size_t n = 0; n < b.len; n++) {
		char *copy = malloc(n + 1);
		struct seen_count count = { 0 };
		size_t at = 0;

		memcpy(copy, b.p, n);
		if (seen_read((struct bytes){ copy, n }, &l) == 0)
			whole += seen_next(&l, &got) == 1;
		seen_count((struct bytes){ copy, n }, 0, &count);
		seen_acknowledge(copy, n, f.name, 0, &at);
		free(copy);
	}
	is_int(whole, 0, "cut short is no file");
	for (size_t i = 0; i < b.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			size_t at = 0;

			b.p[i] = (char)(b.p[i] ^ 1 << bit);
			if (seen_read((struct bytes){ b.p, b.len }, &l) == 0)
				while (seen_next(&l, &got) == 1)
					;
			seen_acknowledge(b.p, b.len, f.name, 0, &at);
			b.p[i] = (char)(b.p[i] & ~(1 << bit));
		}
	ok(true, "a wrong bit ends somewhere");
	buf_release(&b);
}

static void
acknowledging(void)
{
	struct buf b = { 0 };
	struct seen f;
	struct seen_count c = { 0 };
	size_t at = 0;

	f = file("a", SEEN_OFFERED, 3);
	seen_add(&b, false, &f);
	f = file("b", SEEN_GONE, 4);
	seen_add(&b, false, &f);
	f = file("c", SEEN_UNSETTLED, 9);
	seen_add(&b, false, &f);
	f = file("d", SEEN_OFFERED, 4);
	seen_add(&b, false, &f);
	seen_count((struct bytes){ b.p, b.len }, 0, &c);
	is_int(c.files, 2, "files that are there");
	is_int(c.offered, 3, "offers");
	c = (struct seen_count){ 0 };
	seen_count((struct bytes){ b.p, b.len }, 3, &c);
	is_int(c.offered, 2, "offers after the third run");
	is_int(seen_acknowledge(b.p, b.len, bytes_of("a"), 3, &at), 0,
		"acknowledged by its run");
	is_int(seen_acknowledge(b.p, b.len, bytes_of("b"), 0, &at), 1, "b");
	is_int(seen_acknowledge(b.p, b.len, bytes_of("d"), 0, &at), 1, "d");
	is_int((int)at, (int)b.len, "is the last");
	is_int(seen_acknowledge(b.p, b.len, bytes_of("a"), 0, &at), 1,
		"a, from the beginning");
	is_int(seen_acknowledge(b.p, b.len, bytes_of("a"), 0, &at), 0,
		"only once");
	is_int(seen_acknowledge(b.p, b.len, bytes_of("c"), 0, &at), 0,
		"c was not offered");
	is_int(seen_acknowledge(b.p, b.len, bytes_of("x"), 0, &at), 0,
		"x is not there");
	c = (struct seen_count){ 0 };
	seen_count((struct bytes){ b.p, b.len }, 0, &c);
	is_int(c.files, 2, "as many files");
	is_int(c.offered, 0, "no offers");
	buf_release(&b);
}

/* ---- judging ---- */

static struct seen_policy policy;
static struct seen next;
static struct judgement verdict;

static void
usual(void)
{
	policy = (struct seen_policy){ .settle = 2 * S, .created = true,
		.modified = true, .run = 8, .acknowledged = 5,
		.same_boot = true, .wall = NOW, .boot = 1000 * S };
}

/* Last changed so long ago */
static struct file
found(int64_t age)
{
	return (struct file){ .kind = FILE_REGULAR, .size = 5,
		.mtime = NOW - age, .ctime = NOW - age, .inode = 77 };
}

static struct seen
stored(const struct file *f, enum seen_status status, uint64_t stamp)
{
	return (struct seen){ .name = bytes_of("f"), .status = status,
		.size = f->size, .mtime = f->mtime, .ctime = f->ctime,
		.inode = f->inode, .stamp = stamp };
}

static enum file_event
judge(const struct seen *old, const struct file *f)
{
	next = (struct seen){ 0 };
	verdict = seen_judge(&policy, old, f, &next);
	return verdict.event;
}

static void
settling(void)
{
	struct file f = found(S);
	struct seen old;

	usual();
	is_int(judge(NULL, &f), EVENT_NONE, "new, but young");
	ok(next.status == SEEN_UNSETTLED && next.stamp ==
		(uint64_t)policy.boot && verdict.unsettled, "is noted");
	old = next;
	policy.boot += S;
	is_int(judge(&old, &f), EVENT_NONE, "seen a second ago");
	ok(!verdict.changed && verdict.keep && verdict.unsettled,
		"waits from then");
	policy.boot += S;
	is_int(judge(&old, &f), EVENT_CREATED, "seen two seconds ago");
	ok(next.status == SEEN_OFFERED && next.stamp == 8 && !next.racy &&
		!next.known, "is offered");
	policy.same_boot = false;
	is_int(judge(&old, &f), EVENT_NONE, "in another boot that says "
		"nothing");
	is_int((long long)next.stamp, policy.boot, "it starts again");
	f = found(2 * S);
	is_int(judge(NULL, &f), EVENT_CREATED, "old enough at once");
	f.ctime = NOW;
	is_int(judge(NULL, &f), EVENT_NONE, "an old mtime may be set");
	f = found(-S * 70 * 365 * 86400);
	is_int(judge(NULL, &f), EVENT_NONE, "from the future");
	policy.same_boot = true;
	old = next;
	policy.boot += 2 * S;
	is_int(judge(&old, &f), EVENT_CREATED, "when it has stayed so");
	f.mtime++;
	is_int(judge(&old, &f), EVENT_NONE, "not when it has not");
	f.mtime = INT64_MIN;
	f.ctime = INT64_MIN;
	is_int(judge(NULL, &f), EVENT_CREATED, "as old as can be");
}

static void
identities(void)
{
	static const struct {
		const char *what;
		struct file by;
		enum file_event normal, strict, mtime;
	} cases[] = {
		{ "nothing", { .size = 0 }, EVENT_NONE, EVENT_NONE,
			EVENT_NONE },
		{ "size", { .size = 1 }, EVENT_MODIFIED, EVENT_MODIFIED,
			EVENT_MODIFIED },
		{ "mtime back", { .mtime = -S }, EVENT_MODIFIED,
			EVENT_MODIFIED, EVENT_MODIFIED },
		{ "inode", { .inode = 1 }, EVENT_MODIFIED, EVENT_MODIFIED,
			EVENT_NONE },
		{ "ctime", { .ctime = S }, EVENT_NONE, EVENT_MODIFIED,
			EVENT_NONE },
		{ "device", { .device = 3 }, EVENT_NONE, EVENT_NONE,
			EVENT_NONE },
	};

	usual();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct file f = found(100 * S);
		struct seen old = stored(&f, SEEN_ACKNOWLEDGED, 0);

		f.size += cases[i].by.size;
		f.mtime += cases[i].by.mtime;
		f.ctime += cases[i].by.ctime;
		f.inode += cases[i].by.inode;
		f.device += cases[i].by.device;
		policy.identity = IDENTITY_DEFAULT;
		is_int(judge(&old, &f), cases[i].normal, "%s",
			cases[i].what);
		policy.identity = IDENTITY_STRICT;
		is_int(judge(&old, &f), cases[i].strict, "%s, strict",
			cases[i].what);
		policy.identity = IDENTITY_MTIME;
		is_int(judge(&old, &f), cases[i].mtime, "%s, mtime",
			cases[i].what);
	}
}

static void
handing_over(void)
{
	struct file f = found(100 * S), young = found(S);
	struct seen old;

	usual();
	old = stored(&f, SEEN_OFFERED, 7);
	is_int(judge(&old, &f), EVENT_CREATED, "nobody has taken it");
	ok(verdict.again && next.stamp == 8, "offered again, by this run");
	old.known = true;
	is_int(judge(&old, &f), EVENT_MODIFIED, "as what it was");
	old = stored(&f, SEEN_OFFERED, 5);
	is_int(judge(&old, &f), EVENT_NONE, "its run was acknowledged");
	ok(!verdict.changed, "and nothing is to be written");
	f.size++;
	is_int(judge(&old, &f), EVENT_MODIFIED, "so this is another content");
	ok(next.known, "of what is known");
	old = stored(&f, SEEN_OFFERED, 7);
	is_int(judge(&old, &young), EVENT_NONE, "changed while offered: "
		"waits");
	ok(!next.known, "and is still new");
	old = stored(&f, SEEN_ENDED, 7);
	is_int(judge(&old, &f), EVENT_CREATED, "back from the dead");
	old = stored(&f, SEEN_GONE, 7);
	is_int(judge(&old, &f), EVENT_CREATED, "or from what was said so");
	old = stored(&f, SEEN_ACKNOWLEDGED, 0);
	policy.unchanged = true;
	is_int(judge(&old, &f), EVENT_SCAN, "all: also what has not changed");
	ok(!verdict.changed, "which changes nothing");
}

static void
selections(void)
{
	struct file f = found(100 * S), young = found(S);
	struct seen old = stored(&f, SEEN_ACKNOWLEDGED, 0);

	usual();
	policy.created = false;
	is_int(judge(NULL, &f), EVENT_NONE, "new ones are not asked for");
	ok(!verdict.keep && !verdict.changed, "nothing is stored, so they "
		"are new the next time");
	judge(NULL, &young);
	ok(!verdict.keep, "nor of young ones");
	f.size++;
	is_int(judge(&old, &f), EVENT_MODIFIED, "changed ones are");
	policy.created = true;
	policy.modified = false;
	is_int(judge(&old, &f), EVENT_NONE, "changed ones are not asked for");
	ok(verdict.keep && !verdict.changed && next.size == old.size,
		"what is stored stays");
	judge(&old, &young);
	ok(!verdict.changed, "also before a young one");
}

static void
races(void)
{
	struct file f = found(S / 10);
	struct seen old;

	usual();
	policy.settle = 0;
	is_int(judge(NULL, &f), EVENT_CREATED, "at once");
	ok(next.racy, "but racy");
	old = next;
	old.status = SEEN_ACKNOWLEDGED;
	is_int(judge(&old, &f), EVENT_MODIFIED, "once more");
	ok(!next.racy && next.known, "and no more");
	f = found(S / 100);
	old = stored(&f, SEEN_ACKNOWLEDGED, 0);
	old.racy = true;
	judge(&old, &f);
	ok(next.racy, "but when a tick of the clock has not passed");
	f = found(S);
	f.ctime -= f.ctime % S;
	old = stored(&f, SEEN_ACKNOWLEDGED, 0);
	old.racy = true;
	judge(&old, &f);
	ok(next.racy, "which is longer where there are only seconds");
	f = found(3 * S);
	judge(NULL, &f);
	ok(!next.racy, "an old one is not racy");
	f.mtime = NOW + 1000 * S;
	judge(NULL, &f);
	old = next;
	old.status = SEEN_ACKNOWLEDGED;
	is_int(judge(&old, &f), EVENT_MODIFIED, "one from the future is");
	ok(!next.racy, "but once only");
	policy.settle = S;
	f = found(3 * S / 2);
	judge(NULL, &f);
	ok(next.racy, "settled for less than a file system may tell");
}

static void
endings(void)
{
	struct file f = found(100 * S);
	struct seen old = stored(&f, SEEN_ACKNOWLEDGED, 0);

	usual();
	verdict = seen_judge_gone(&policy, &old, &next);
	ok(verdict.event == EVENT_NONE && !verdict.keep && verdict.changed,
		"not asked for: forgotten");
	policy.deleted = true;
	verdict = seen_judge_gone(&policy, &old, &next);
	ok(verdict.event == EVENT_DELETED && verdict.keep &&
		next.status == SEEN_GONE && next.stamp == 8, "offered");
	old = next;
	old.stamp = 7;
	verdict = seen_judge_gone(&policy, &old, &next);
	ok(verdict.event == EVENT_DELETED && verdict.again, "again");
	old.stamp = 5;
	verdict = seen_judge_gone(&policy, &old, &next);
	ok(verdict.event == EVENT_NONE && !verdict.keep, "until its run is "
		"acknowledged");
	old.status = SEEN_ENDED;
	verdict = seen_judge_gone(&policy, &old, &next);
	ok(verdict.event == EVENT_NONE && !verdict.keep, "or it is");
	old = stored(&f, SEEN_UNSETTLED, 5);
	verdict = seen_judge_gone(&policy, &old, &next);
	ok(verdict.event == EVENT_NONE && !verdict.keep, "what was never "
		"offered goes as it came");
	old.known = true;
	verdict = seen_judge_gone(&policy, &old, &next);
	is_int(verdict.event, EVENT_DELETED, "unless it was before");
	old = stored(&f, SEEN_OFFERED, 7);
	verdict = seen_judge_gone(&policy, &old, &next);
	is_int(verdict.event, EVENT_DELETED, "an offer may have been taken");
	for (int s = SEEN_OFFERED; s <= SEEN_ENDED; s++) {
		struct file young = found(S);

		old = stored(&f, (enum seen_status)s, 7);
		judge(&old, &young);
		ok(next.status == SEEN_UNSETTLED, "%d: another content", s);
		old = next;
		judge(&old, &young);
		verdict = seen_judge_gone(&policy, &next, &next);
		is_int(verdict.event, s == SEEN_ENDED ? EVENT_NONE :
			EVENT_DELETED, "%d: what it was may have been taken",
			s);
	}
	old = stored(&f, SEEN_GONE, 5);
	f = found(S);
	judge(&old, &f);
	verdict = seen_judge_gone(&policy, &next, &next);
	is_int(verdict.event, EVENT_NONE, "its end has been taken");
}

/* Runs 5 to 8: that of 6 and 7 is moved behind them. */
static void
restamping(void)
{
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	static const uint64_t stamps[] = { 5, 6, 7, 8, 6 };
	static const uint64_t after[] = { 5, 9, 9, 8, 6 };
	struct file f = found(10 * S);
	struct buf b = { 0 }, out = { 0 };
	struct seen_list l;
	struct seen got;
	size_t n;

	for (int i = 0; i < 5; i++) {
		struct seen s = stored(&f, i == 2 ? SEEN_GONE : i == 4 ?
			SEEN_ACKNOWLEDGED : SEEN_OFFERED, stamps[i]);

		s.name = bytes_of(names[i]);
		s.racy = i == 4;
		seen_add(&b, true, &s);
	}
	is_int(seen_restamp(buf_bytes(&b), 5, 8, 9, &out, &n), 0, "restamped");
	is_int((int64_t)n, 2, "offers and ends, of the runs in between");
	seen_read(buf_bytes(&out), &l);
	ok(l.mount, "the header stays");
	for (int i = 0; i < 5; i++)
		ok(seen_next(&l, &got) == 1 && got.stamp == after[i],
			"%s is of run %d", names[i], (int)after[i]);
	ok(seen_next(&l, &got) == 0, "and that is all");
	is_int(seen_restamp((struct bytes){ b.p, b.len - 1 }, 5, 8, 9, &out,
		&n), -1, "damaged");
	buf_release(&b);
	buf_release(&out);
}

/* By a process that goes on, and hears of what is written meanwhile */
static void
watching(void)
{
	struct file f = found(10 * S);
	struct seen old = stored(&f, SEEN_OFFERED, 7);

	usual();
	policy.own = 7;
	judge(&old, &f);
	is_int(verdict.event, EVENT_NONE, "what is on its way is not offered "
		"again");
	old.stamp = 6;
	judge(&old, &f);
	ok(verdict.event != EVENT_NONE, "what another one offered is");
	old = stored(&f, SEEN_GONE, 7);
	policy.deleted = true;
	verdict = seen_judge_gone(&policy, &old, &next);
	ok(verdict.event == EVENT_NONE && verdict.keep,
		"nor is the end that is on its way");
	old = stored(&f, SEEN_ACKNOWLEDGED, 7);
	old.racy = true;
	judge(&old, &f);
	ok(verdict.event != EVENT_NONE, "a write may have come unheard of");
	policy.witnessed = 7;
	judge(&old, &f);
	ok(verdict.event == EVENT_NONE && verdict.changed && !next.racy,
		"one that would have been heard of did not come");
	policy.silent = NOW + 1;
	f = found(0);
	judge(NULL, &f);
	ok(verdict.event == EVENT_NONE && next.status == SEEN_ACKNOWLEDGED,
		"what is there already is only recorded");
	policy.silent = NOW;
	policy.settle = 0;
	judge(NULL, &f);
	ok(verdict.event == EVENT_CREATED, "what was made since is said");
	f = found(-3600 * S);
	judge(NULL, &f);
	ok(verdict.event == EVENT_NONE && next.status == SEEN_ACKNOWLEDGED,
		"unless its time is no help");
}

static void
since(void)
{
	int64_t then = 100 * NS_PER_S;

	ok(seen_since(then + 1, then) && seen_since(then - 1, then),
	    "a clock of ticks");
	ok(!seen_since(then - NS_PER_S / 2, then), "before");
	ok(seen_since(then - NS_PER_S, then) &&
	    !seen_since(then - 3 * NS_PER_S, then), "a clock of seconds");
}

int
main(void)
{
	there_and_back();
	damage();
	acknowledging();
	settling();
	identities();
	handing_over();
	selections();
	races();
	endings();
	restamping();
	watching();
	since();
	return done();
}
