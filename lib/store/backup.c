/*
 * A copy of the queue while it is in use.  It is written under another name,
 * checked, and put in its place whole; nothing is left of one that fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/backup.h"
#include "store/copy.h"

/* The name in a directory without links: SQLite is told not to follow any. */
static int
resolve(const char *given, char directory[PATH_MAX], struct buf *to,
	struct err *err)
{
	char *path = mem_strdup(given), *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dir = slash == NULL ? "." : slash == path ? "/" : path;
	int code = 0;

	if (name[0] == '\0' || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0) {
		code = err_set(err, EX_USAGE, "back up to %s: that names a "
		    "directory", given);
	} else {
		if (slash)
			*slash = '\0';
		if (realpath(dir, directory) == NULL)
			code = err_errno(err, EX_CANTCREAT, "back up to %s",
			    given);
		else
			buf_addf(to, "%s/%s", directory[1] ? directory : "",
			    name);
	}
	free(path);
	return code;
}

static int
put_in_place(struct copy *c, const char *to, const char *directory,
	struct err *err)
{
	if (turnstile_asked(&c->store->turn))
		return err_set(err, EX_TEMPFAIL, "back up %s: interrupted",
		    c->from);
	if (rename(c->path.p, to) < 0)
		return err_errno(err, EX_CANTCREAT, "rename %s to %s",
		    c->path.p, to);
	buf_release(&c->path);
	return sync_path(directory, O_DIRECTORY, err);
}

int
store_backup(struct store *s, const char *given, struct err *err)
{
	struct copy c = { .store = s, .what = "back up", .fd = -1 };
	char directory[PATH_MAX];
	struct buf to = { 0 };
	int code = resolve(given, directory, &to, err);

	if (code == 0)
		code = backup_check_target(s, to.p, err);
	if (code == 0)
		code = copy_begin(&c, &s->db, to.p, err);
	if (code == 0)
		code = copy_make(&c, err);
	if (code == 0)
		code = copy_settle(c.path.p, err);
	if (code == 0)
		code = put_in_place(&c, to.p, directory, err);
	copy_end(&c);
	buf_release(&to);
	return code;
}
