#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "engine/joblog.h"
#include "engine/run.h"

static const char head[] = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\t"
	"Exitval\tSignal\tCommand\n";

/* Whoever finds the file empty; two of them would be one too many. */
static int
write_head(int fd)
{
	struct stat st;
	int rc;

	if (flock(fd, LOCK_EX) != 0 && errno != EINVAL && errno != EBADF)
		return -1;
	rc = fstat(fd, &st);
	if (rc == 0 && st.st_size == 0)
		rc = io_write_all(fd, head, sizeof(head) - 1);
	flock(fd, LOCK_UN);
	return rc;
}

int
joblog_open(const char *path, int *fd, struct err *err)
{
	*fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (*fd >= 0 && write_head(*fd) == 0)
		return 0;
	return err_errno(err, EX_CANTCREAT, "--joblog: open %s", path);
}

static void
add_line(struct buf *b, const struct run *r, const struct attempt *a)
{
	int64_t started = a->started / NS_PER_MS;

	buf_addf(b, "%" PRId64 "\t:\t%" PRId64 ".%03d\t%10.3f\t0\t%" PRId64
		"\t%d\t%d\t", a->job.id, started / 1000, (int)(started % 1000),
		(double)(a->finished - a->started) / NS_PER_S, r->out.total,
		a->status > 0 ? a->status : 0, a->status < 0 ? -a->status : 0);
	for (char *const *word = r->spawn.argv; word && *word; word++) {
		if (word > r->spawn.argv)
			buf_addc(b, ' ');
		text_word(b, bytes_of(*word), "");
	}
	if (r->talk != NULL && a->job.path.p != NULL) {
		buf_addc(b, ' ');
		text_word(b, bytes_of(a->job.path.p), "");
	}
	buf_addc(b, '\n');
}

int
joblog_write(int fd, const struct run *r, const struct attempt *a,
	struct err *err)
{
	struct buf line = { 0 };
	ssize_t put;
	int code = 0;

	add_line(&line, r, a);
	do
		put = write(fd, line.p, line.len);
	while (put < 0 && errno == EINTR);
	if (put != (ssize_t)line.len) {
		errno = put < 0 ? errno : ENOSPC;
		code = err_errno(err, EX_IOERR, "write the job log");
		if (put > 0 && ftruncate(fd, lseek(fd, 0, SEEK_END) - put))
			put = 0;
	}
	buf_release(&line);
	return code;
}
