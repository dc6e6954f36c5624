/* What a backup may replace. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/backup.h"

#define BACK_UP "back up to %s: "

/* A copy has the name of the queue that it is a copy of. */
static int
check_backup(struct store *s, const char *to, struct err *err)
{
	char own[40], there[40];
	struct err ignored;
	struct db db;
	int code = queue_uuid(&s->db, own, err);

	if (code)
		return code;
	code = db_open(&db, to, DB_STILL, &ignored);
	if (code == 0) {
		code = queue_uuid(&db, there, &ignored);
		db_close(&db);
	}
	if (code || there[0] == '\0')
		return err_set(err, EX_CANTCREAT, BACK_UP "that exists and is "
		    "no queue; take another name, or move it away", to);
	if (strcmp(own, there) != 0)
		return err_set(err, EX_CANTCREAT, BACK_UP "that is another "
		    "queue, or a backup of one (%s); take another name, or "
		    "move it away", to, there);
	return 0;
}

/* In use, or it was not closed well: either way that may hold what the file
 * does not. */
static bool
has_log(const char *path)
{
	struct buf wal = { 0 };
	struct stat st;
	bool has;

	buf_addf(&wal, "%s-wal", path);
	has = stat(wal.p, &st) == 0 && st.st_size > 0;
	buf_release(&wal);
	return has;
}

int
backup_check_target(struct store *s, const char *to, struct err *err)
{
	struct stat own, there;

	if (lstat(to, &there) < 0)
		return errno == ENOENT ? 0 : err_errno(err, EX_CANTCREAT,
		    "back up to %s", to);
	if (!S_ISREG(there.st_mode))
		return err_set(err, EX_CANTCREAT, BACK_UP "it is not a "
		    "regular file", to);
	if (stat(s->path, &own) == 0 && own.st_dev == there.st_dev &&
	    own.st_ino == there.st_ino)
		return err_set(err, EX_CANTCREAT, BACK_UP "that is the "
		    "queue itself", to);
	if (there.st_uid != geteuid() && geteuid() != 0)
		return err_set(err, EX_CANTCREAT, BACK_UP "it belongs to "
		    "another user", to);
	if (has_log(to))
		return err_set(err, EX_CANTCREAT, BACK_UP "it is a queue "
		    "(there is %s-wal); take another name, or move both away",
		    to, to);
	return there.st_size ? check_backup(s, to, err) : 0;
}
