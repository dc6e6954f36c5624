#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/num.h"
#include "store/room.h"

/* Root may use what is set aside for it. */
int64_t
room_free(const struct statvfs *fs)
{
	return (int64_t)((geteuid() == 0 ? fs->f_bfree : fs->f_bavail) *
	    fs->f_frsize);
}

/* Where this file is, or is to be; INT64_MAX: not known */
static int64_t
room_at(const char *path)
{
	char *dir = mem_strdup(path), *slash = strrchr(dir, '/');
	int64_t room = INT64_MAX;
	struct statvfs fs;

	slash[slash == dir] = '\0';
	if (statvfs(dir, &fs) == 0 && fs.f_blocks)
		room = room_free(&fs);
	free(dir);
	return room;
}

int
room_need(const char *path, int64_t bytes, const char *what, struct err *err)
{
	int64_t room = room_at(path);
	struct buf b = { 0 };
	int code;

	if (room >= bytes)
		return 0;
	buf_adds(&b, "it takes ");
	size_human(&b, bytes);
	buf_adds(&b, " of room, and ");
	size_human(&b, room);
	code = err_set(err, EX_TEMPFAIL, "%s: %s are free", what, b.p);
	buf_release(&b);
	return code;
}
