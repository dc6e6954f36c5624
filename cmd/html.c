#include "html.h"

#include <math.h>
#include <time.h>

#include "base/num.h"
#include "base/text.h"
#include "rules/json.h"

void
html_text(struct buf *b, struct bytes s)
{
	struct buf plain = { 0 };

	text_escape(&plain, s);
	for (size_t i = 0; i < plain.len; i++) {
		switch (plain.p[i]) {
		case '&': buf_adds(b, "&amp;"); break;
		case '<': buf_adds(b, "&lt;"); break;
		case '>': buf_adds(b, "&gt;"); break;
		case '"': buf_adds(b, "&quot;"); break;
		default: buf_addc(b, plain.p[i]);
		}
	}
	buf_release(&plain);
}

void
html_string(struct buf *b, const char *s)
{
	html_text(b, bytes_of(s));
}

static void
add_bytes(struct buf *b, double v)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	size_t i = 0;

	for (; v >= 1000 && i < 4; i++)
		v /= 1000;
	buf_addf(b, v >= 100 || i == 0 ? "%.0f %s" : "%.1f %s", v, units[i]);
}

void
html_number(struct buf *b, enum html_kind kind, double v)
{
	switch (kind) {
	case HTML_COUNT:
		buf_addf(b, v == floor(v) ? "%.0f" : "%.1f", v);
		break;
	case HTML_SECONDS:
		duration_human(b, (int64_t)v);
		break;
	case HTML_BYTES:
		size_human(b, (int64_t)v);
		break;
	case HTML_PERCENT:
		buf_addf(b, "%.1f %%", v);
		break;
	case HTML_RATE:
		buf_addf(b, v >= 100 || v == 0 ? "%.0f/s" : v >= 1 ?
		    "%.1f/s" : "%.3f/s", v);
		break;
	case HTML_BYTE_RATE:
		add_bytes(b, v);
		buf_adds(b, "/s");
	}
}

/* As the JSON has it */
static void
add_raw(struct buf *b, enum html_kind kind, double v)
{
	struct json j;

	json_init(&j, b);
	if (kind == HTML_SECONDS)
		json_put_seconds(&j, NULL, (int64_t)v);
	else if (kind == HTML_COUNT || kind == HTML_BYTES)
		json_put_int(&j, NULL, (int64_t)v);
	else if (kind == HTML_PERCENT)
		json_put_float(&j, NULL, round(v * 10) / 10);
	else
		json_put_float(&j, NULL, round(v * 1000) / 1000);
}

void
html_value(struct buf *b, enum html_kind kind, double v, const char *where,
	...)
{
	va_list ap;

	buf_adds(b, "<data value=\"");
	if (!isnan(v))
		add_raw(b, kind, v);
	buf_adds(b, "\" data-is=\"");
	va_start(ap, where);
	buf_addv(b, where, ap);
	va_end(ap);
	buf_adds(b, "\">");
	if (isnan(v))
		buf_adds(b, "–");
	else
		html_number(b, kind, v);
	buf_adds(b, "</data>");
}

void
html_words(struct buf *b, struct bytes s, const char *where, ...)
{
	va_list ap;

	buf_adds(b, "<span data-is=\"");
	va_start(ap, where);
	buf_addv(b, where, ap);
	va_end(ap);
	buf_adds(b, "\">");
	html_text(b, s);
	buf_adds(b, "</span>");
}

void
html_time(struct buf *b, int64_t at, int64_t step, bool whole)
{
	time_t t = (time_t)(at / NS_PER_S);
	bool days = step >= 86400 * NS_PER_S;
	char text[32];
	struct tm tm;

	if (gmtime_r(&t, &tm) && strftime(text, sizeof(text), whole ?
	    "%Y-%m-%d %H:%M" : days ? "%m-%d" : "%H:%M", &tm))
		buf_adds(b, text);
}
