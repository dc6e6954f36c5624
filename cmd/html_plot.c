/* Lines over time as inline SVG.  The picture is stretched to the width there
 * is; what is to be read stands around it as text, and keeps its size. */
#include <math.h>

#include "html.h"

#define WIDTH 1000.0
#define HEIGHT 100.0
#define FAR 5			/* times the greatest value: not shown */

struct axis {
	bool log;
	double low, high;	/* of values; powers of ten on a log scale */
	double ticks[12];
	size_t n;
	bool mark;		/* the mark is not far above all values */
};

/* Every so many: 1, 2 or 5 times a power of ten, so that there are 2 to 5 */
static double
nice_step(double high)
{
	double power = pow(10, floor(log10(high / 5)));
	double part = high / 5 / power;

	return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}

static void
set_linear(struct axis *a, double most, bool whole)
{
	double step;

	if (most <= 0)
		most = 1;
	step = nice_step(most);
	if (whole && step < 1)
		step = 1;
	a->low = 0;
	a->high = step * ceil(most / step - 1e-9);
	for (double v = 0; v <= a->high + step / 2 && a->n < 12; v += step)
		a->ticks[a->n++] = v;
}

static void
set_log(struct axis *a, double least, double most)
{
	double first = floor(log10(least)), last = ceil(log10(most));
	double every;

	if (last <= first)
		last = first + 1;
	every = last - first > 5 ? 2 : 1;
	a->log = true;
	a->low = pow(10, first);
	a->high = pow(10, last);
	for (double e = first; e <= last && a->n < 12; e += every)
		a->ticks[a->n++] = pow(10, e);
}

static void
set_axis(struct axis *a, const struct html_plot *p)
{
	double least = INFINITY, most = 0;

	for (size_t k = 0; k < p->n; k++)
		for (size_t i = 0; i < p->series->n; i++) {
			least = fmin(least, p->lines[k].v[i]);
			most = fmax(most, p->lines[k].v[i]);
		}
	a->mark = p->mark && (most <= 0 || p->mark_at < FAR * most);
	if (a->mark)
		most = fmax(most, p->mark_at);
	if (p->log && most > 0 && least > 0)
		set_log(a, least, most);
	else
		set_linear(a, most, p->kind == HTML_COUNT);
}

/* 0 at the bottom to 1 */
static double
height(const struct axis *a, double v)
{
	double h = a->log ? log(v / a->low) / log(a->high / a->low) :
	    (v - a->low) / (a->high - a->low);

	return h < 0 ? 0 : h > 1 ? 1 : h;
}

static double
across(const struct html_plot *p, double bin)
{
	return WIDTH * bin / (double)p->series->n;
}

/* Where there is no value the line is broken; one alone is a dot. */
static void
draw_line(struct buf *b, const struct html_plot *p, const struct axis *a,
	size_t k)
{
	const double *v = p->lines[k].v;
	bool on = false;

	buf_addf(b, "<path class=\"c%zu\" d=\"", k + 1);
	for (size_t i = 0; i < p->series->n; i++) {
		if (!isnan(v[i]))
			buf_addf(b, on ? "L%.1f %.2f" : "M%.1f %.2fh0",
			    across(p, (double)i + 0.5),
			    HEIGHT * (1 - height(a, v[i])));
		on = !isnan(v[i]);
	}
	buf_adds(b, "\"/>");
}

/* What a pointer is told: all values of a bin */
static void
draw_bins(struct buf *b, const struct html_plot *p)
{
	const struct series *v = p->series;

	for (size_t i = 0; i < v->n; i++) {
		buf_addf(b, "<rect x=\"%.1f\" width=\"%.1f\" height=\"%.0f\">"
		    "<title>", across(p, (double)i), across(p, 1), HEIGHT);
		html_time(b, v->bins[i].start, v->step, true);
		for (size_t k = 0; k < p->n; k++) {
			if (isnan(p->lines[k].v[i]))
				continue;
			buf_addf(b, "\n%s ", p->lines[k].name);
			html_number(b, p->kind, p->lines[k].v[i]);
		}
		buf_adds(b, "</title></rect>");
	}
}

static void
draw_picture(struct buf *b, const struct html_plot *p, const struct axis *a)
{
	double y;

	buf_addf(b, "<svg viewBox=\"0 0 %.0f %.0f\" preserveAspectRatio=\"none\""
	    " role=\"img\" aria-label=\"%s over time\">", WIDTH, HEIGHT,
	    p->title);
	for (size_t i = 0; i < a->n; i++) {
		y = HEIGHT * (1 - height(a, a->ticks[i]));
		buf_addf(b, "<path class=\"grid\" d=\"M0 %.2fH%.0f\"/>", y,
		    WIDTH);
	}
	if (a->mark) {
		y = HEIGHT * (1 - height(a, p->mark_at));
		buf_addf(b, "<path class=\"mark\" d=\"M0 %.2fH%.0f\"/>", y,
		    WIDTH);
	}
	for (size_t k = 0; k < p->n; k++)
		draw_line(b, p, a, k);
	draw_bins(b, p);
	buf_adds(b, "</svg>");
}

static void
draw_scales(struct buf *b, const struct html_plot *p, const struct axis *a)
{
	const struct series *v = p->series;

	buf_adds(b, "<div class=\"y\" aria-hidden=\"true\">");
	for (size_t i = 0; i < a->n; i++) {
		buf_addf(b, "<span style=\"bottom:%.1f%%\">",
		    100 * height(a, a->ticks[i]));
		html_number(b, p->kind, a->ticks[i]);
		buf_adds(b, "</span>");
	}
	buf_adds(b, "</div><div class=\"x\" aria-hidden=\"true\">");
	for (size_t i = 0; i < 4; i++) {
		buf_adds(b, "<span>");
		if (i * v->n / 4 != (i ? (i - 1) * v->n / 4 : v->n))
			html_time(b, v->bins[i * v->n / 4].start, v->step,
			    false);
		buf_adds(b, "</span>");
	}
	buf_adds(b, "</div>");
}

static void
draw_legend(struct buf *b, const struct html_plot *p, const struct axis *a)
{
	buf_adds(b, "<ul>");
	for (size_t k = 0; k < p->n; k++)
		buf_addf(b, "<li class=\"c%zu\">%s", k + 1, p->lines[k].name);
	if (p->mark) {
		buf_addf(b, "<li class=\"mark\">%s ", p->mark);
		html_number(b, p->kind, p->mark_at);
		buf_adds(b, a->mark ? "" : ", far above");
	}
	buf_adds(b, "</ul>");
}

void
html_draw(struct buf *b, const struct html_plot *p)
{
	struct axis a = { 0 };

	set_axis(&a, p);
	buf_addf(b, "<figure><figcaption><h3>%s</h3>", p->title);
	draw_legend(b, p, &a);
	buf_adds(b, "</figcaption><div class=\"plot\">");
	draw_picture(b, p, &a);
	draw_scales(b, p, &a);
	buf_adds(b, "</div></figure>\n");
}
