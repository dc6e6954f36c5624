/* The bar: [#######........] 47 %  470 done, 2 failed, 530 left  96/s  5 s */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "engine/progress.h"

#define INTERVAL (250 * NS_PER_MS)
#define SAMPLES 5		/* seconds that the rate looks back */
#define BAR_MAX 40
#define BAR_MIN 5

void
progress_init(struct progress *p, bool on, int64_t now)
{
	memset(p, 0, sizeof(*p));
	p->on = on;
	p->started = p->rate_at = now;
	p->rate = -1;
}

bool
progress_due(const struct progress *p, int64_t now)
{
	return p->on && now >= p->next;
}

void
progress_update(struct progress *p, int64_t now, int64_t done,
	int64_t failed, int64_t left, double under_way)
{
	double seconds = (double)(now - p->rate_at) / NS_PER_S, rate;

	p->done = done;
	p->failed = failed;
	p->left = left;
	p->under_way = under_way;
	p->next = now + INTERVAL;
	if (seconds < 1)
		return;
	rate = (double)(done + failed - p->rate_done) / seconds;
	if (p->samples < SAMPLES)
		p->samples++;
	/* at first the mean of all, or the slow start would stay in it */
	p->rate = p->samples == 1 ? rate :
		p->rate + (rate - p->rate) / p->samples;
	p->rate_done = done + failed;
	p->rate_at = now;
}

static void
add_figures(const struct progress *p, struct buf *out)
{
	buf_addf(out, "%lld done", (long long)p->done);
	if (p->failed)
		buf_addf(out, ", %lld failed", (long long)p->failed);
	buf_addf(out, ", %lld left", (long long)p->left);
	if (p->rate < 0)
		return;
	buf_addf(out, p->rate < 10 ? "  %.1f/s" : "  %.0f/s", p->rate);
	if (p->left > 0 && p->rate > 0) {
		buf_adds(out, "  ");
		duration_human(out, (int64_t)((double)p->left / p->rate) *
			NS_PER_S);
	}
}

void
progress_line(struct progress *p, int columns, struct buf *out)
{
	int64_t ended = p->done + p->failed, all = ended + p->left;
	double part = all > 0 ? ((double)ended + p->under_way) / (double)all :
		1;
	struct buf figures = { 0 };
	int width, room;

	if (part > 1)
		part = 1;
	add_figures(p, &figures);
	/* "[", "] 100 %  " and one column, so that nothing wraps */
	room = columns - (int)figures.len - 11;
	width = room < BAR_MAX ? room : BAR_MAX;
	buf_adds(out, "\r");
	if (width >= BAR_MIN) {
		int full = (int)(part * width);

		buf_addc(out, '[');
		for (int i = 0; i < width; i++)
			buf_addc(out, i < full ? '#' : '.');
		buf_addf(out, "] %3d %%  ", (int)(part * 100));
	}
	buf_add(out, figures.p, columns > 1 && (int)figures.len > columns - 1
		? (size_t)columns - 1 : figures.len);
	buf_adds(out, "\033[K");
	p->shown = true;
	buf_release(&figures);
}

void
progress_erase(struct progress *p, struct buf *out)
{
	if (p->shown)
		buf_adds(out, "\r\033[K");
	p->shown = false;
}
