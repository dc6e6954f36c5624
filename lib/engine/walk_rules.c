/* Which names are not wanted. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "engine/walk_internal.h"

#define RULES_MAX (1 << 20)

static int
read_rules(int fd, struct globs *rules)
{
	char *text = mem_alloc(RULES_MAX + 1);
	struct stat st;
	ssize_t n = 0;
	int why = 0;

	if (fstat(fd, &st) != 0)
		why = errno;
	else if (S_ISREG(st.st_mode))
		n = io_read_full(fd, text, RULES_MAX + 1);
	if (n < 0)
		why = errno;
	else if (n > RULES_MAX)
		why = EFBIG;
	else
		globs_add_lines(rules, (struct bytes){ text, (size_t)n });
	free(text);
	return why;
}

int
walk_read_rules(struct walk *w, struct walk_dir *d, int fd)
{
	int file = openat(fd, w->o.ignore_file, O_RDONLY | O_CLOEXEC |
	    O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	int why;

	if (file < 0)
		return errno == ENOENT || errno == ELOOP || errno == ENXIO ?
		    0 : errno;
	why = read_rules(file, &d->own->rules);
	close(file);
	d->own->ruled = d->own->ruled || d->own->rules.n > 0;
	return why;
}

void
walk_path(const struct walk_dir *d, struct buf *path)
{
	size_t n = 0;
	char *at;

	for (const struct walk_dir *up = d; up->parent; up = up->parent)
		n += up->nname + 1;
	buf_reset(path);
	buf_room(path, n);
	path->len = n;
	at = path->p + n;
	for (; d->parent; d = d->parent) {
		*--at = '/';
		at -= d->nname;
		memcpy(at, d->name, d->nname);
	}
}

/* The deepest directory that says something decides, and the options over all
 * of them. */
bool
walk_excluded(const struct walk *w, const struct walk_dir *d,
	struct buf *path, struct bytes name, bool directory)
{
	enum glob_answer answer = GLOB_NONE;
	size_t length = path->len, base = length;

	buf_add(path, name.p, name.n);
	if (w->o.globs)
		answer = globs_ask(w->o.globs, (struct bytes){ path->p,
		    path->len }, directory);
	for (; answer == GLOB_NONE && d && d->own->ruled; d = d->parent) {
		answer = globs_ask(&d->own->rules, (struct bytes){
		    path->p + base, path->len - base }, directory);
		base -= d->nname + (d->parent != NULL);
	}
	path->len = length;
	if (answer == GLOB_NONE)
		return w->o.only_included && !directory;
	return answer == GLOB_EXCLUDED;
}

bool
walk_excludes(struct walk *w, struct walk_dir *d, struct bytes name,
	bool directory)
{
	struct buf path = { 0 };
	bool answer;

	walk_path(d, &path);
	answer = walk_excluded(w, d, &path, name, directory);
	buf_release(&path);
	return answer;
}
