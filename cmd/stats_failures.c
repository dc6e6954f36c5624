/* What failed in the window, grouped by type, reason and exit status. */
#include <string.h>

#include "base/num.h"
#include "stats.h"

int64_t
failure_retried(const struct failure *f)
{
	return f->count - f->quarantined - f->cancelled;
}

struct bytes
failure_said(const struct failure *f)
{
	const char *p = f->error.p;
	size_t start, n = f->error.len;

	while (n && strchr(" \t\r\n", p[n - 1]))
		n--;
	for (start = n; start > 0 && p[start - 1] != '\n'; start--)
		;
	return n ? (struct bytes){ p + start, n - start } : BYTES_NONE;
}

void
failures_json(struct json *j, const struct failures *f)
{
	json_begin_array(j, "failures");
	for (size_t i = 0; i < f->n; i++) {
		const struct failure *v = &f->v[i];

		json_begin_object(j, NULL);
		json_put_string(j, "type", v->name);
		json_put_string(j, "reason", reason_name(v->reason));
		if (v->has_exit)
			json_put_int(j, "exit", v->exit);
		else
			json_put_null(j, "exit");
		json_put_int(j, "count", v->count);
		json_put_int(j, "retried", failure_retried(v));
		json_put_int(j, "quarantined", v->quarantined);
		json_put_int(j, "cancelled", v->cancelled);
		json_put_time(j, "first_at", v->first);
		json_put_time(j, "last_at", v->last);
		json_put_int(j, "last_id", v->job);
		json_put_path(j, "error", failure_said(v));
		json_end_object(j);
	}
	json_end_array(j);
}

static void
add_row(struct table *t, const struct failure *v)
{
	const char *reason = reason_name(v->reason);
	struct bytes said = failure_said(v);

	table_cell(t, "%lld", (long long)v->count);
	table_cell(t, "%s", v->name);
	table_cell(t, "%s", reason ? reason : "?");
	if (v->has_exit)
		table_cell(t, "%d", v->exit);
	else
		table_cell(t, "-");
	table_cell(t, "%lld", (long long)failure_retried(v));
	table_cell(t, "%lld", (long long)v->quarantined);
	table_cell(t, "%lld", (long long)v->job);
	table_bytes(t, said.p ? said : bytes_of(""));
}

void
failures_text(const struct failures *f, const struct report *r, size_t lines)
{
	static const struct column columns[] = {
		{ "FAILED", true, 0 }, { "TYPE", false, 16 },
		{ "REASON", false, 18 }, { "EXIT", true, 0 },
		{ "RETRIED", true, 0 }, { "QUAR", true, 0 },
		{ "LAST ID", true, 0 }, { "IT SAID", false, 0 },
	};
	static const int spare[] = { 4, 6, 5, 3, 7, 2, -1 };
	size_t shown = f->n > lines ? lines - 1 : f->n;
	struct table t;

	if (f->n == 0)
		puts("nothing failed");
	table_init(&t, columns, sizeof(columns) / sizeof(*columns), r);
	table_spare(&t, spare);
	for (size_t i = 0; i < shown; i++)
		add_row(&t, &f->v[i]);
	table_flush(&t);
	table_release(&t);
	if (shown < f->n)
		printf("... and %zu other ways to fail\n", f->n - shown);
}
