/* Room on the disk, where there are holes and where there are none. */
#include "base/allocate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

#define PAGE 4096

static struct stat
state_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		exit(71);
	return st;
}

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

int
main(void)
{
	char path[] = "/var/tmp/iq-unit.XXXXXX", page[PAGE] = "data";
	int fd = mkstemp(path), rc;
	struct timespec long_ago[2] = { { 1, 0 }, { 1, 0 } };
	struct stat before, after;

	if (fd < 0 || unlink(path) < 0 || ftruncate(fd, 8 * PAGE) < 0)
		return 71;
	rc = allocate(fd, PAGE, 2 * PAGE);
	if (rc == ENOTSUP) {
		printf("# this file system gives no room ahead\n");
		ok(allocate(fd, 0, PAGE) == ENOTSUP, "and says so each time");
		return done();
	}
	ok(rc == 0, "two pages of a hole");
	before = state_of(fd);
	ok(before.st_blocks * 512 >= 2 * PAGE, "are on the disk");
	if (pwrite(fd, page, PAGE, PAGE) < 0 ||
	    pwrite(fd, page, PAGE, 2 * PAGE) < 0)
		return 71;
	if (futimens(fd, long_ago) < 0)
		return 71;
	before = state_of(fd);
	ok(allocate(fd, PAGE, 2 * PAGE) == 0, "the same, written to");
	after = state_of(fd);
	ok(same_time(before.st_mtim, after.st_mtim),
	    "which changes nothing");
	ok(allocate(fd, PAGE, 4 * PAGE) == 0, "and with a hole behind");
	after = state_of(fd);
	ok(after.st_blocks * 512 >= 4 * PAGE, "that gets room");
	ok(after.st_size == 8 * PAGE, "in a file that stays as long");
	ok(pread(fd, page, 1, PAGE) == 1 && page[0] == 'd',
	    "with what was in it");
	return done();
}
