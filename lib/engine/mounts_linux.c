/* /proc/self/mountinfo has a line for each mount, and poll(2) tells when there
 * are others (proc(5)). */
#include "engine/mounts.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/directory.h"

#define FILE_NAME "/proc/self/mountinfo"

void
mounts_init(struct mounts *m)
{
	*m = (struct mounts){ .fd = -1 };
}

void
mounts_release(struct mounts *m)
{
	if (m->fd >= 0)
		close(m->fd);
	buf_release(&m->below);
	m->fd = -1;
}

/* Its name as that file has it: no link in it, and what would end a field as
 * octal digits */
static void
spell(const char *root, struct buf *out)
{
	char *real = realpath(root, NULL);

	buf_reset(out);
	for (const char *p = real ? real : root; *p; p++)
		if (strchr(" \t\n\\", *p))
			buf_addf(out, "\\%03o", (unsigned char)*p);
		else
			buf_addc(out, *p);
	/* "/" is above all the others */
	if (out->len == 1)
		buf_reset(out);
	free(real);
}

/* The field of that number, from 1; its end where there is none */
static const char *
field(const char *line, int n)
{
	while (--n > 0) {
		line += strcspn(line, " \n");
		line += *line == ' ';
	}
	return line;
}

/* The mount, its parent, the device, its root, and where it is: options change
 * nothing of what is there. */
static void
add_if_below(const char *line, const struct buf *roots, size_t n,
	struct buf *out)
{
	const char *point = field(line, 5);
	size_t length = strcspn(point, " \n");

	for (size_t i = 0; i < n; i++) {
		size_t root = roots[i].len;

		if (length >= root && memcmp(point, roots[i].p, root) == 0 &&
		    (length == root || point[root] == '/')) {
			buf_add(out, line, (size_t)(point - line) + length);
			buf_addc(out, '\n');
			return;
		}
	}
}

static void
read_below(const struct bytes *roots, size_t n, struct buf *out)
{
	struct buf *names = mem_zero(n + 1, sizeof(*names));
	FILE *f = fopen(FILE_NAME, "re");
	char *line = NULL;
	size_t cap = 0;

	for (size_t i = 0; i < n; i++) {
		buf_add(&names[i], "", 0);
		spell(directory_name(roots[i]), &names[i]);
	}
	while (f && getline(&line, &cap, f) > 0)
		add_if_below(line, names, n, out);
	for (size_t i = 0; i < n; i++)
		buf_release(&names[i]);
	if (f)
		fclose(f);
	free(names);
	free(line);
}

bool
mounts_changed(struct mounts *m, const struct bytes *roots, size_t n)
{
	struct pollfd p = { .fd = m->fd, .events = POLLPRI };
	struct buf now = { 0 };
	bool first = m->fd < 0, changed;

	/* (before it is read) */
	if (first)
		m->fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
	else if (poll(&p, 1, 0) != 1)
		return false;
	read_below(roots, n, &now);
	changed = !first && !bytes_equal(buf_bytes(&now), buf_bytes(&m->below));
	buf_release(&m->below);
	m->below = now;
	return changed;
}
