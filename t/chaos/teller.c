/*
 * teller TYPE N - a handler that has N jobs of TYPE to follow its own.  Each
 * has the path /of/ID/NUMBER, and a key that no other run of it gives: so
 * where one is enqueued twice there are two.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/num.h"

int
main(int argc, char **argv)
{
	const char *id = getenv("IQ_JOB_ID"), *fd = getenv("IQ_RESULT_FD");
	struct buf line = { 0 };
	int64_t n, to;
	struct err e;

	if (argc < 3 || !id || !fd)
		errx(64, "usage: teller TYPE N, by iq-work");
	if (int_parse(argv[2], "N", 0, 1000, &n, &e) ||
	    int_parse(fd, "IQ_RESULT_FD", 3, 3, &to, &e))
		errx(64, "%s", e.text);
	for (int64_t i = 1; i <= n; i++) {
		buf_reset(&line);
		buf_addf(&line, "{\"enqueue\":{\"type\":\"%s\",\"path\":"
			"\"/of/%s/%" PRId64 "\",\"key\":\"%" PRId64 ".%d.%"
			PRId64 "\"}}\n", argv[1], id, i,
			clock_boot(&clock_system), (int)getpid(), i);
		if (io_write_all((int)to, line.p, line.len) != 0)
			err(74, "descriptor %s", fd);
	}
	return 0;
}
