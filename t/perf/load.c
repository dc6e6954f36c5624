/*
 * load [-c] FILE MS MIB READ WRITTEN - a handler of known appetite: keeps the
 * processor for MS ms, has MIB MiB in memory, reads READ KiB and writes WRITTEN
 * KiB.  Appends to FILE a line of what getrusage(2) says that it has used, "ns
 * bytes", for each job: of all of its life, or as a co-process (-c) of that
 * job.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "perf.h"

#define KIB 1024

struct appetite {
	long ms, mib, read, written;	/* the latter two: KiB */
	char *room;
};

static struct rusage
used(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return r;
}

static int64_t
cpu_of(const struct rusage *r)
{
	return (r->ru_utime.tv_sec + r->ru_stime.tv_sec) * INT64_C(1000000000)
	    + (r->ru_utime.tv_usec + r->ru_stime.tv_usec) * INT64_C(1000);
}

static void
transfer(const char *file, int flags, long kib)
{
	char room[64 * KIB] = { 0 };
	int fd = open(file, flags | O_CLOEXEC);

	if (fd < 0)
		err(74, "%s", file);
	for (long left = kib * KIB; left > 0; ) {
		size_t n = left < (long)sizeof(room) ? (size_t)left :
		    sizeof(room);
		ssize_t got = flags == O_RDONLY ? read(fd, room, n) :
		    write(fd, room, n);

		if (got <= 0)
			err(74, "%s", file);
		left -= got;
	}
	close(fd);
}

/* What all that takes of the processor is part of the MS. */
static void
use(const struct appetite *a, int64_t before)
{
	struct rusage r;

	memset(a->room, 1, (size_t)a->mib << 20);
	transfer("/dev/zero", O_RDONLY, a->read);
	transfer("/dev/null", O_WRONLY, a->written);
	do
		r = used();
	while (cpu_of(&r) - before < a->ms * 1000000);
}

static void
note(const char *file, int64_t before)
{
	struct rusage r = used();
	FILE *f = fopen(file, "ae");

	if (f == NULL || fprintf(f, "%lld %lld\n",
	    (long long)(cpu_of(&r) - before), r.ru_maxrss * 1024LL) < 0 ||
	    fclose(f) != 0)
		err(74, "%s", file);
}

int
main(int argc, char **argv)
{
	bool coprocess = argc > 1 && strcmp(argv[1], "-c") == 0;
	struct appetite a;
	struct rusage r;
	char line[4096];

	argv += coprocess;
	if (argc - coprocess < 6)
		errx(64, "usage: load [-c] FILE MS MIB READ WRITTEN");
	a = (struct appetite){ count_of(argv[2]), count_of(argv[3]),
	    count_of(argv[4]), count_of(argv[5]), NULL };
	a.room = mmap(NULL, (size_t)a.mib << 20, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (a.room == MAP_FAILED)
		err(71, "%ld MiB", a.mib);
	if (!coprocess) {
		use(&a, 0);
		note(argv[1], 0);
		return 0;
	}
	while (fgets(line, sizeof(line), stdin)) {
		r = used();
		use(&a, cpu_of(&r));
		note(argv[1], cpu_of(&r));
		puts("0");
		fflush(stdout);
	}
	return 0;
}
