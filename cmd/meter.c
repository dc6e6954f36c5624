#include "meter.h"

#include <unistd.h>

#include "base/io.h"
#include "base/num.h"

#define LARGE ((int64_t)8 << 20)	/* bytes */
#define INTERVAL (250 * NS_PER_MS)

void
meter_put(struct meter *m, const struct buf *line)
{
	/* back to the first column, and what stood there goes */
	static const char again[] = "\r\033[K";

	io_write_all(STDERR_FILENO, again, sizeof(again) - 1);
	if (line->len)
		io_write_all(STDERR_FILENO, line->p, line->len);
	m->shown = line->len > 0;
}

static void
show(void *ctx, const char *what, int64_t done, int64_t total)
{
	int64_t now = clock_system.boot(NULL);
	struct meter *m = ctx;
	struct buf line = { 0 };

	if (what == m->what && now < m->next)
		return;
	m->what = what;
	m->next = now + INTERVAL;
	buf_addf(&line, "%s", what);
	if (done > 0 && total > 0)
		buf_addf(&line, " %d %%", done >= total ? 100 :
		    (int)(100.0 * (double)done / (double)total));
	else if (total >= LARGE) {
		buf_addc(&line, ' ');
		size_human(&line, total);
	}
	meter_put(m, &line);
	buf_release(&line);
}

void
meter_init(struct meter *m, struct store *s, int64_t bytes)
{
	*m = (struct meter){ 0 };
	if (isatty(STDERR_FILENO) && bytes >= LARGE)
		store_watch(s, show, m);
}

void
meter_clear(struct meter *m)
{
	if (m->shown)
		meter_put(m, &(struct buf){ 0 });
}
