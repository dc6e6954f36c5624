/* What the watchers print, cut anywhere: a record is the same however its
 * bytes come, and stays within them. */
#include "lib/fuzz.h"
#include "rules/watch_record.h"

typedef enum watch_found parse_fn(const char *p, size_t n, size_t *used,
	struct watch_record *out);

static void
must_be_inside(struct bytes in, const struct watch_record *r, size_t used)
{
	must(used > 0 && used <= in.n);
	must(r->dir.p >= in.p && r->dir.p + r->dir.n <= in.p + used);
	must(r->name.p >= in.p && r->name.p + r->name.n <= in.p + used);
	must(memchr(r->name.p, '/', r->name.n) == NULL);
	must(memchr(r->dir.p, '\0', r->dir.n) == NULL);
	must(r->what & WATCH_OVERFLOW ? r->dir.n == 0 : r->dir.p[0] == '/');
}

static void
try(parse_fn *parse, struct bytes in)
{
	struct watch_record r, again;
	size_t used, more;

	if (parse(in.p, in.n, &used, &r) != WATCH_RECORD)
		return;
	must_be_inside(in, &r, used);
	for (size_t n = 0; n < used; n++)
		must(parse(in.p, n, &more, &again) == WATCH_MORE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_bytes(data, n);
	struct watch_mark m;

	try(watch_record_inotify, in);
	try(watch_record_fswatch, in);
	(void)watch_says(in);
	if (watch_mark_parse(in, &m) && m.handle_type >= 0)
		must(m.handle.p >= in.p && m.handle.p + m.handle.n <=
		    in.p + in.n && m.handle.n % 2 == 0);
	return 0;
}
