#include "front.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "opt.h"

/* The first file of that name in PATH that can be run: its path in *out, or
 * false. */
static bool
find_in_path(const char *file, struct buf *out)
{
	const char *at = getenv("PATH");

	while (at != NULL) {
		size_t n = strcspn(at, ":");

		buf_reset(out);
		buf_add(out, n > 0 ? at : ".", n > 0 ? n : 1);
		buf_addf(out, "/%s", file);
		if (access(out->p, X_OK) == 0)
			return true;
		at = at[n] == ':' ? at + n + 1 : NULL;
	}
	return false;
}

char *
front_directory(const char *argv0)
{
	struct buf path = { 0 };
	char *real = NULL;

	if (strchr(argv0, '/') != NULL)
		real = realpath(argv0, NULL);
	else if (find_in_path(argv0, &path))
		real = realpath(path.p, NULL);
	buf_release(&path);
	if (real != NULL)
		*strrchr(real, '/') = '\0';
	return real;
}

bool
front_find(const char *directory, const char *name, struct buf *out)
{
	struct buf file = { 0 };
	bool found = false;

	if (strchr(name, '/') != NULL || name[0] == '\0')
		return false;
	buf_addf(&file, "iq-%s", name);
	if (directory != NULL) {
		buf_reset(out);
		buf_addf(out, "%s/%s", directory, file.p);
		found = access(out->p, X_OK) == 0;
	}
	found = found || find_in_path(file.p, out);
	buf_release(&file);
	return found;
}

_Noreturn void
front_run(const char *path, char **argv)
{
	execv(path, argv);
	die(EX_OSERR, "run %s: %s", path, strerror(errno));
}
