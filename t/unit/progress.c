/* The bar of iq-work --progress. */
#include "base/clock.h"
#include "engine/progress.h"
#include "tap.h"

static const char *
line_of(struct progress *p, int columns)
{
	static char text[256];
	struct buf b = { 0 };

	progress_line(p, columns, &b);
	snprintf(text, sizeof(text), "%s", b.p);
	buf_release(&b);
	return text;
}

int
main(void)
{
	struct buf erase = { 0 };
	struct progress p;

	progress_init(&p, true, 0);
	ok(progress_due(&p, 0), "the first line at once");
	progress_update(&p, 0, 0, 0, 10, 0);
	is_str(line_of(&p, 60), "\r[..............................."
		"...]   0 %  0 done, 10 left\033[K", "nothing done");
	ok(!progress_due(&p, NS_PER_MS), "not again so soon");
	ok(progress_due(&p, NS_PER_S), "but a little later");
	progress_update(&p, NS_PER_S / 2, 1, 0, 9, 0);
	is_str(line_of(&p, 60), "\r[###................................]  10 %  "
		"1 done, 9 left\033[K", "half a second tells no rate");
	progress_update(&p, 2 * NS_PER_S, 4, 1, 5, 0);
	is_str(line_of(&p, 60), "\r[#####......]  50 %  4 done, 1 failed, "
		"5 left  2.5/s  2.0 s\033[K", "half of it: rate and time left");
	progress_update(&p, 2 * NS_PER_S, 4, 1, 5, 1.5);
	is_str(line_of(&p, 60), "\r[#######....]  65 %  4 done, 1 failed, "
		"5 left  2.5/s  2.0 s\033[K", "and what the running ones did");
	is_str(line_of(&p, 30), "\r4 done, 1 failed, 5 left  2.5\033[K",
		"a narrow terminal: no bar, nothing wraps");
	progress_update(&p, 3 * NS_PER_S, 10, 1, 5, 0);
	is_int((int)(p.rate * 100), 425, "two samples: their mean");
	progress_erase(&p, &erase);
	is_str(erase.p, "\r\033[K", "it makes way");
	buf_reset(&erase);
	progress_erase(&p, &erase);
	is_int((int)erase.len, 0, "once");
	buf_release(&erase);
	progress_init(&p, false, 0);
	ok(!progress_due(&p, NS_PER_S), "off: never");
	return done();
}
