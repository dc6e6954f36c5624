#include "recorder.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct recorded_file {
	sqlite3_file base;
	int name;			/* enum disk_name, or -1: not ours */
	sqlite3_file *real;
};

static struct recorder *recorder;
static sqlite3_vfs *stock;

static struct recorded_file *
of(sqlite3_file *f)
{
	return (struct recorded_file *)f;
}

static sqlite3_file *
real(sqlite3_file *f)
{
	return of(f)->real;
}

static void
record(int name, enum change_kind kind, int64_t offset, const void *p,
	size_t n)
{
	if (recorder->on && name >= 0)
		history_add(&recorder->history, kind, (enum disk_name)name,
		    offset, p, n);
}

static int
close_file(sqlite3_file *f)
{
	return real(f)->pMethods->xClose(real(f));
}

static int
read_file(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	return real(f)->pMethods->xRead(real(f), p, n, at);
}

static int
write_file(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	if (of(f)->name == DISK_DB && recorder->copy)
		recorder->copy(recorder->checkpoint_ctx);
	record(of(f)->name, CHANGE_WRITE, at, p, (size_t)n);
	return real(f)->pMethods->xWrite(real(f), p, n, at);
}

static int
truncate_file(sqlite3_file *f, sqlite3_int64 size)
{
	record(of(f)->name, CHANGE_TRUNCATE, size, NULL, 0);
	return real(f)->pMethods->xTruncate(real(f), size);
}

static int
sync_now(sqlite3_file *f, int flags)
{
	int rc;

	record(of(f)->name, CHANGE_SYNC, 0, NULL, 0);
	recorder->inside = true;
	rc = real(f)->pMethods->xSync(real(f), flags);
	recorder->inside = false;
	return rc;
}

/* Only the store asks for a sync of the data alone; SQLite's own, in commits
 * and checkpoints, are of everything. */
static int
sync_file(sqlite3_file *f, int flags)
{
	int rc = SQLITE_OK;

	if (!(flags & SQLITE_SYNC_DATAONLY))
		return sync_now(f, flags);
	if (recorder->on && recorder->pause && recorder->pause(recorder->ctx))
		return SQLITE_IOERR_FSYNC;
	if (!recorder->no_sync)
		rc = sync_now(f, flags);
	if (recorder->on && recorder->pause)
		recorder->pause(recorder->ctx);
	return rc;
}

static int
size_file(sqlite3_file *f, sqlite3_int64 *size)
{
	return real(f)->pMethods->xFileSize(real(f), size);
}

static int
lock_file(sqlite3_file *f, int lock)
{
	return real(f)->pMethods->xLock(real(f), lock);
}

static int
unlock_file(sqlite3_file *f, int lock)
{
	return real(f)->pMethods->xUnlock(real(f), lock);
}

static int
check_lock(sqlite3_file *f, int *out)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

static int
control_file(sqlite3_file *f, int op, void *arg)
{
	return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int
sector_size(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}

static int
device(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int
shm_map(sqlite3_file *f, int region, int size, int extend,
	void volatile **out)
{
	return real(f)->pMethods->xShmMap(real(f), region, size, extend, out);
}

static int
shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void
shm_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}

static int
shm_unmap(sqlite3_file *f, int remove)
{
	return real(f)->pMethods->xShmUnmap(real(f), remove);
}

/* No memory mapping */
static int
fetch(sqlite3_file *f, sqlite3_int64 at, int n, void **out)
{
	(void)f;
	(void)at;
	(void)n;
	*out = NULL;
	return SQLITE_OK;
}

static int
unfetch(sqlite3_file *f, sqlite3_int64 at, void *p)
{
	(void)f;
	/* A checkpoint asks for all to be unmapped when the WAL has changed
	 * since it last looked: it knows the header, and copies next. */
	if (at == 0 && p == NULL && recorder->checkpoint)
		recorder->checkpoint(recorder->checkpoint_ctx);
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	3, close_file, read_file, write_file, truncate_file, sync_file,
	size_file, lock_file, unlock_file, check_lock, control_file,
	sector_size, device, shm_map, shm_lock, shm_barrier, shm_unmap, fetch,
	unfetch
};

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

static int
name_of(const char *path)
{
	if (path == NULL || ends_with(path, "-shm"))
		return -1;
	if (ends_with(path, disk_suffix(DISK_WAL)))
		return DISK_WAL;
	if (ends_with(path, disk_suffix(DISK_JOURNAL)))
		return DISK_JOURNAL;
	return DISK_DB;
}

static int
open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags,
	int *out)
{
	struct recorded_file *r = of(f);
	bool there = path && access(path, F_OK) == 0;
	int rc;

	(void)vfs;
	r->real = (sqlite3_file *)(r + 1);
	r->name = name_of(path);
	memset(r->real, 0, (size_t)stock->szOsFile);
	rc = stock->xOpen(stock, path, r->real, flags, out);
	r->base.pMethods = rc == SQLITE_OK ? &methods : NULL;
	if (rc == SQLITE_OK && !there)
		record(r->name, CHANGE_CREATE, 0, NULL, 0);
	return rc;
}

static int
remove_file(sqlite3_vfs *vfs, const char *path, int sync)
{
	(void)vfs;
	if (access(path, F_OK) == 0)
		record(name_of(path), CHANGE_REMOVE, 0, NULL, 0);
	return stock->xDelete(stock, path, sync);
}

/* The store's own, where SQLite has not opened the log */
static int
sync_log(void)
{
	if (recorder->pause && recorder->pause(recorder->ctx))
		return -1;
	if (!recorder->no_sync)
		record(DISK_WAL, CHANGE_SYNC, 0, NULL, 0);
	if (recorder->pause)
		recorder->pause(recorder->ctx);
	return 0;
}

static bool
is_log(int fd)
{
	char link[64], path[4096];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	return name_of(path) == DISK_WAL;
}

int
recorder_fsync(int fd)
{
	struct stat st;

	if (recorder == NULL || !recorder->on || fstat(fd, &st) < 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		record(DISK_DB, CHANGE_SYNC_NAMES, 0, NULL, 0);
	else if (!recorder->inside && is_log(fd))
		return sync_log();
	return 0;
}

int
recorder_install(struct recorder *r)
{
	static sqlite3_vfs vfs;

	if (stock == NULL)
		stock = sqlite3_vfs_find(NULL);
	if (stock == NULL)
		return -1;
	recorder = r;
	vfs = *stock;
	vfs.zName = "recorder";
	vfs.szOsFile += (int)sizeof(struct recorded_file);
	vfs.xOpen = open_file;
	vfs.xDelete = remove_file;
	return sqlite3_vfs_register(&vfs, 1) == SQLITE_OK ? 0 : -1;
}

const char *
recorder_stock(void)
{
	return stock->zName;
}
