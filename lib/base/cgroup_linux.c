/*
 * /proc/self/cgroup says which group the process is in, /proc/self/mountinfo
 * where that hierarchy is mounted and which group the mount shows as its root
 * (in a container it is not "/").
 */
#include "base/cgroup.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"

#define FILE_MAX ((size_t)4 << 20)

/* Does the comma-separated list hold the word? */
static bool
lists(const char *list, size_t n, const char *word)
{
	size_t length = strlen(word), i = 0;

	while (i < n) {
		const char *comma = memchr(list + i, ',', n - i);
		size_t part = comma == NULL ? n - i
			: (size_t)(comma - list) - i;

		if (part == length && memcmp(list + i, word, part) == 0)
			return true;
		i += part + 1;
	}
	return false;
}

/* The process's group: of the v1 hierarchy with the cpu controller, or of
 * v2, whose line is "0::PATH". */
static bool
own_group(const char *text, bool v2, struct buf *out)
{
	const char *line = text, *end;

	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		const char *list = strchr(line, ':');
		const char *path = list == NULL ? NULL : strchr(list + 1, ':');

		if (path == NULL || path > end)
			continue;
		list++;
		if (v2 ? path == list && line[0] == '0'
				: lists(list, (size_t)(path - list), "cpu")) {
			buf_add(out, path + 1, (size_t)(end - path - 1));
			return true;
		}
	}
	return false;
}

/* Fields of one line of mountinfo that matter here */
struct mount {
	char group[1024];	/* field 4: the group shown as its root */
	char point[1024];	/* field 5 */
	char type[64];
	char options[1024];	/* of the hierarchy: v1 controllers */
};

static bool
mount_of(const char *text, bool v2, struct mount *m)
{
	const char *line = text, *end;

	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		const char *dash = strstr(line, " - ");

		if (dash == NULL || dash > end)
			continue;
		if (sscanf(line, "%*s %*s %*s %1023s %1023s", m->group,
				m->point) != 2
				|| sscanf(dash, " - %63s %*s %1023s", m->type,
				m->options) != 2)
			continue;
		if (v2 ? strcmp(m->type, "cgroup2") == 0
				: strcmp(m->type, "cgroup") == 0
				&& lists(m->options, strlen(m->options), "cpu"))
			return true;
	}
	return false;
}

static bool
read_number(const char *path, double *v)
{
	struct buf text = { 0 };
	bool ok = io_read_file(path, 256, &text) == 0
		&& sscanf(text.p, "%lf", v) == 1;

	buf_release(&text);
	return ok;
}

/* Cores that one directory grants, 0 for no limit */
static int
quota_of(const char *dir, bool v2)
{
	struct buf path = { 0 }, text = { 0 };
	double quota = 0, period = 0;

	buf_addf(&path, "%s/%s", dir, v2 ? "cpu.max" : "cpu.cfs_quota_us");
	if (v2) {
		/* "max 100000" is no limit */
		if (io_read_file(path.p, 256, &text) < 0 || sscanf(text.p,
				"%lf %lf", &quota, &period) != 2)
			quota = 0;
	} else if (read_number(path.p, &quota)) {
		buf_reset(&path);
		buf_addf(&path, "%s/cpu.cfs_period_us", dir);
		if (!read_number(path.p, &period))
			quota = 0;
	}
	buf_release(&path);
	buf_release(&text);
	if (quota <= 0 || period <= 0 || quota / period > 1e6)
		return 0;
	return (int)((quota + period - 1) / period);
}

/* The tightest quota from the process's group up to the mount's root */
static int
tightest(const char *root, const struct mount *m, const char *group, bool v2)
{
	struct buf dir = { 0 };
	size_t shown = strcmp(m->group, "/") == 0 ? 0 : strlen(m->group);
	size_t top;
	int least = 0;

	buf_addf(&dir, "%s%s", root, m->point);
	top = dir.len;
	/* A group outside of what is mounted here ("/../x", or another
	 * root) cannot be read: the mount's own root is what is known. */
	if (strncmp(group, m->group, shown) == 0
			&& (group[shown] == '/' || group[shown] == '\0')
			&& strstr(group, "/..") == NULL
			&& strcmp(group + shown, "/") != 0)
		buf_adds(&dir, group + shown);
	for (;;) {
		int n = quota_of(dir.p, v2);

		if (n > 0 && (least == 0 || n < least))
			least = n;
		if (dir.len <= top)
			break;
		while (dir.len > top && dir.p[dir.len - 1] != '/')
			dir.len--;
		if (dir.len > top)
			dir.len--;
		dir.p[dir.len] = '\0';
	}
	buf_release(&dir);
	return least;
}

static bool
read_text(const char *root, const char *name, struct buf *out)
{
	struct buf path = { 0 };
	int rc;

	buf_addf(&path, "%s%s", root, name);
	rc = io_read_file(path.p, FILE_MAX, out);
	buf_release(&path);
	return rc == 0;
}

int
cgroup_cores(const char *root)
{
	struct buf groups = { 0 }, mounts = { 0 }, group = { 0 };
	struct mount *m = mem_alloc(sizeof(*m));
	int least = 0, version, n;

	if (!read_text(root, "/proc/self/cgroup", &groups)
			|| !read_text(root, "/proc/self/mountinfo", &mounts))
		goto out;
	for (version = 1; version <= 2; version++) {
		buf_reset(&group);
		if (!own_group(groups.p, version == 2, &group)
				|| !mount_of(mounts.p, version == 2, m))
			continue;
		n = tightest(root, m, group.p, version == 2);
		if (n > 0 && (least == 0 || n < least))
			least = n;
	}
out:
	buf_release(&groups);
	buf_release(&mounts);
	buf_release(&group);
	free(m);
	return least;
}
