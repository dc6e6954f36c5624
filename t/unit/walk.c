#include "engine/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tap.h"

static char root[4096];
static struct walk_options options;

static void
touch(int at, const char *name)
{
	int fd = openat(at, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		abort();
	close(fd);
}

static int
enter(int at, const char *name)
{
	int fd;

	if (mkdirat(at, name, 0700) != 0 && errno != EEXIST)
		abort();
	fd = directory_open(at, name, false);
	if (fd < 0)
		abort();
	return fd;
}

/* An empty directory of that name to walk, and the usual options */
static int
begin(const char *name)
{
	char cwd[2048];

	if (getcwd(cwd, sizeof(cwd)) == NULL)
		abort();
	snprintf(root, sizeof(root), "%s/%s", cwd, name);
	options = (struct walk_options){ .root = bytes_of(root),
		.ignore_file = ".iqignore", .threads = 3 };
	return enter(AT_FDCWD, name);
}

struct report {
	struct buf text;	/* key, '\1' and name for each file, ended by
				 * '\n'; and key and '\n' for a directory */
	size_t files, dirs, errors, blocks;
	size_t disorder;	/* that do not come after the one before */
};

static void
add_key(struct buf *b, const struct walk_dir *d)
{
	if (d->parent == NULL)
		return;
	add_key(b, d->parent);
	if (d->parent->parent)
		buf_addc(b, '\0');
	buf_add(b, d->name, d->nname);
}

/* Remembers what came last; whether this comes behind it */
static bool
comes_after(struct buf *last, const char *p, size_t n)
{
	int order = memcmp(p, last->p, n < last->len ? n : last->len);
	bool after = order > 0 || (order == 0 && n > last->len);

	buf_reset(last);
	buf_add(last, p, n);
	return after;
}

static void
run(struct report *r)
{
	struct buf key = { 0 }, name = { 0 }, last = { 0 };
	struct walk_block b;
	struct walk *w;
	struct err err;

	memset(r, 0, sizeof(*r));
	if (walk_open(&w, &options, &err) != 0) {
		printf("# %s\n", err.text);
		return;
	}
	buf_adds(&last, "");
	buf_adds(&name, "");
	while (walk_next(w, &b)) {
		r->blocks++;
		r->dirs += b.first;
		r->errors += b.first && b.dir->error != 0;
		if (b.first) {
			add_key(&r->text, b.dir);
			buf_addc(&r->text, '\n');
			buf_reset(&key);
			add_key(&key, b.dir);
			buf_reset(&name);
			buf_addc(&key, '\0');
			r->disorder += r->dirs > 1 && !comes_after(&last,
				key.p, key.len - 1);
		}
		for (size_t i = 0; i < b.n; i++) {
			add_key(&r->text, b.dir);
			buf_addc(&r->text, '\1');
			buf_add(&r->text, b.files[i].name.p,
				b.files[i].name.n);
			buf_addc(&r->text, '\n');
			r->files++;
			r->disorder += !comes_after(&name, b.files[i].name.p,
				b.files[i].name.n);
			r->errors += b.files[i].error != 0;
		}
	}
	walk_close(w);
	buf_release(&key);
	buf_release(&name);
	buf_release(&last);
}

static bool
same_text(const struct report *a, const struct report *b)
{
	return bytes_equal((struct bytes){ a->text.p, a->text.len },
		(struct bytes){ b->text.p, b->text.len });
}

/* Three levels of many directories, with few files each */
static size_t
plant(int at)
{
	size_t files = 0;
	char name[32];

	for (int i = 0; i < 90; i++) {
		int a, b;

		snprintf(name, sizeof(name), "a%d", i * 7 % 90);
		a = enter(at, name);
		b = enter(a, "b!");
		touch(a, "1");
		touch(b, "2");
		touch(b, "\377\n");
		close(enter(b, "c"));
		close(enter(a, "b"));
		close(b);
		close(a);
		files += 3;
	}
	return files;
}

static void
in_order(void)
{
	int at = begin("order");
	size_t files = plant(at);
	struct report r, same;

	run(&r);
	is_int((long long)r.files, (long long)files, "all files");
	is_int((long long)r.dirs, 1 + 4 * 90, "all directories");
	is_int((long long)r.errors, 0, "no errors");
	is_int((long long)r.disorder, 0, "in order");
	ok(memcmp(r.text.p, "\na0\na0\1" "1\na0\0b\n", 13) == 0 &&
		memmem(r.text.p, r.text.len, "b!\1\377\n\n", 6) != NULL,
		"as they are called");
	options.threads = 0;
	run(&same);
	ok(same_text(&r, &same), "the same without threads");
	buf_release(&r.text);
	buf_release(&same.text);
	close(at);
}

static void
many_in_one(void)
{
	int at = begin("many");
	struct report r;
	char name[32];
	const char *p;
	int i = 0, wrong = 0;

	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "f%05d", i * 4999 % 5000);
		touch(at, name);
	}
	close(enter(at, "d"));
	run(&r);
	is_int((long long)r.files, 5000, "five thousand");
	is_int((long long)r.blocks, 4, "in three blocks, and the other one");
	for (i = 0, p = r.text.p + 1; i < 5000; i++, p += 8)
		wrong += memcmp(p, "\1f", 2) != 0 ||
			strtol(p + 2, NULL, 10) != i;
	is_int(wrong, 0, "in order");
	buf_release(&r.text);
	close(at);
}

static void
deep(void)
{
	struct rlimit before, few;
	struct report r, same;
	char name[201];
	int at = begin("deep"), next;

	memset(name, 'x', 200);
	name[200] = '\0';
	for (int i = 0; i < 60; i++) {
		next = enter(at, name);
		touch(next, "f");
		close(at);
		at = next;
	}
	close(at);
	run(&r);
	is_int((long long)r.files, 60, "beyond the length of a path");
	is_int((long long)r.errors, 0, "without errors");
	getrlimit(RLIMIT_NOFILE, &before);
	few = before;
	few.rlim_cur = 16;
	setrlimit(RLIMIT_NOFILE, &few);
	run(&same);
	ok(same_text(&r, &same), "the same with few descriptors");
	few.rlim_cur = 4;
	setrlimit(RLIMIT_NOFILE, &few);
	buf_release(&same.text);
	run(&same);
	setrlimit(RLIMIT_NOFILE, &before);
	ok(same.errors > 0 || same.dirs == 0,
		"with too few there are errors");
	buf_release(&r.text);
	buf_release(&same.text);
	/* nobody else could remove it */
	for (at = directory_open(AT_FDCWD, "deep", false);;) {
		next = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (next < 0)
			break;
		unlinkat(next, "f", 0);
		renameat(next, name, AT_FDCWD, "deeper");
		close(next);
		unlinkat(at, name, AT_REMOVEDIR);
		renameat(AT_FDCWD, "deeper", at, name);
	}
	close(at);
}

/* From every place of a walk the rest of it is what comes. */
static void
goes_on(void)
{
	int at = begin("order");	/* that in_order left */
	struct report all, rest;
	int wrong = 0, places = 0;

	run(&all);
	for (size_t i = 0; i < all.text.len; i++) {
		const char *line = all.text.p + i, *name;
		size_t n;

		if (i > 0 && line[-1] != '\n')
			continue;
		/* not those with a newline in their name, nor all others */
		n = (size_t)((const char *)memchr(line, '\n', all.text.len -
			i) - line);
		name = memchr(line, '\1', n);
		if (memchr(line, '\377', n) || n == 0 || ++places % 5)
			continue;
		options.from_key = (struct bytes){ line, name ?
			(size_t)(name - line) : n };
		options.from_name = name ? (struct bytes){ name + 1, n - 1 -
			options.from_key.n } : BYTES_NONE;
		run(&rest);
		/* it is the end of the whole, but for the directories on
		 * the way */
		name = line + n + 1;
		n = (size_t)(all.text.p + all.text.len - name);
		wrong += rest.text.len < n || memcmp(rest.text.p +
			rest.text.len - n, name, n) != 0 ||
			memchr(rest.text.p, '\1', rest.text.len - n) != NULL;
		buf_release(&rest.text);
	}
	ok(places > 300, "many places");
	is_int(wrong, 0, "and what comes behind each");
	buf_release(&all.text);
	close(at);
}

static void
rules(void)
{
	static const char said[] = "*.tmp\nsub/\n!keep.tmp\n";
	int at = begin("rules"), a = enter(at, "a"), b = enter(a, "sub"), fd;
	struct globs globs = { 0 };
	struct report r;

	touch(at, "x.tmp");
	touch(at, "keep.tmp");
	touch(a, "y.tmp");
	touch(a, "note");
	touch(b, "hidden");
	fd = openat(at, ".iqignore", O_WRONLY | O_CREAT, 0600);
	ok(write(fd, said, sizeof(said) - 1) > 0, "rules");
	close(fd);
	fd = openat(a, ".iqignore", O_WRONLY | O_CREAT, 0600);
	ok(write(fd, "!y.tmp\n", 7) > 0, "other rules below");
	close(fd);
	run(&r);
	is_str(r.text.p, "\n\1keep.tmp\na\na\1note\na\1y.tmp\n",
		"the deepest decides");
	buf_release(&r.text);
	globs_add(&globs, bytes_of("y.tmp"));
	globs_add_included(&globs, bytes_of("sub"));
	options.globs = &globs;
	run(&r);
	is_str(r.text.p, "\n\1keep.tmp\na\na\1note\na",
		"options come first: not y.tmp");
	ok(r.files == 3 && r.dirs == 3, "but sub");
	options.only_included = true;
	buf_release(&r.text);
	run(&r);
	ok(r.files == 1, "only what is included, or taken back: keep.tmp");
	buf_release(&r.text);
	globs_release(&globs);
	close(a);
	close(b);
	close(at);
}

static void
links(void)
{
	int at = begin("links"), a = enter(at, "a");
	struct report r;

	touch(a, "f");
	ok(symlinkat("..", a, "up") == 0 && symlinkat("f", a, "g") == 0 &&
		symlinkat("nowhere", a, "h") == 0 &&
		symlinkat("a", at, "z") == 0 && mkfifoat(a, "p", 0600) == 0,
		"links, and a fifo");
	run(&r);
	is_int((long long)r.files, 1, "are not followed");
	buf_release(&r.text);
	options.follow = true;
	run(&r);
	is_int((long long)r.files, 6, "or are: f, g and h, twice");
	is_int((long long)r.errors, 2, "h leads nowhere");
	is_int((long long)r.dirs, 5, "a circle is noticed");
	buf_release(&r.text);
	close(a);
	close(at);
}

static void
no_root(void)
{
	struct walk *w;
	struct err err;
	int at = begin("none");

	touch(at, "f");
	snprintf(root + strlen(root), 16, "/f");
	options.root = bytes_of(root);
	is_int(walk_open(&w, &options, &err), EX_NOINPUT, "a file: %s",
		err.text);
	walk_close(w);
	options.root = bytes_of("/nowhere");
	is_int(walk_open(&w, &options, &err), EX_NOINPUT, "nothing: %s",
		err.text);
	close(at);
}

int
main(void)
{
	in_order();
	many_in_one();
	deep();
	goes_on();
	rules();
	links();
	no_root();
	return done();
}
