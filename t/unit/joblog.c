/* Lines of the job log. */
#include "engine/joblog.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "engine/run.h"
#include "tap.h"

static const char head[] = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\t"
	"Exitval\tSignal\tCommand\n";

static void
content_is(const char *path, const char *want, const char *what)
{
	struct buf b = { 0 };

	ok(io_read_file(path, 1 << 16, &b) == 0, "read it");
	is_str(b.p, want, "%s", what);
	buf_release(&b);
}

static void
lines(const char *path)
{
	char *words[] = { "a", "", "b c", "it's", "\t'\\\n\x7f\xff", NULL };
	struct buf want = { 0 };
	struct err err;
	struct rlimit before, few;
	struct attempt a = { 0 };
	struct run r;
	int fd, code;

	run_init(&r, 0);
	a.job.id = 7;
	a.started = INT64_C(1795248930123) * NS_PER_MS;
	a.finished = a.started + 1500 * NS_PER_MS;
	r.out.total = 12;
	a.status = -15;
	r.spawn.argv = words;
	is_int(joblog_open(path, &fd, &err), 0, "open");
	is_int(joblog_write(fd, &r, &a, &err), 0, "a line");
	buf_adds(&want, head);
	buf_adds(&want, "7\t:\t1795248930.123\t     1.500\t0\t12\t0\t15\t"
		"a '' 'b c' 'it'\\''s' $'\\011\\'\\\\\\012\\177\\377'\n");
	content_is(path, want.p, "it has the columns and a shell's quotes");
	close(fd);

	is_int(joblog_open(path, &fd, &err), 0, "open it again");
	getrlimit(RLIMIT_FSIZE, &before);
	few = (struct rlimit){ want.len + 10, before.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &few);
	code = joblog_write(fd, &r, &a, &err);
	setrlimit(RLIMIT_FSIZE, &before);
	is_int(code, EX_IOERR, "a second line does not fit");
	content_is(path, want.p, "no part of it is there");
	close(fd);
	buf_release(&want);
}

int
main(void)
{
	char path[] = "/tmp/iq-joblog.XXXXXX";
	int fd = mkstemp(path);

	ok(fd >= 0, "a file");
	close(fd);
	lines(path);
	unlink(path);
	return done();
}
