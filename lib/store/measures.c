#include "store/measures.h"

#include "store/schema.h"

const char *
rss_source_name(enum rss_source source)
{
	static const char *const names[RSS_SOURCES] = {
	    [RSS_WAITED] = "rusage", [RSS_SEEN] = "proc" };

	return source > RSS_UNKNOWN && source < RSS_SOURCES ? names[source] :
	    NULL;
}

void
measures_take(struct query *q, int col, struct job *j)
{
	j->usage = (struct usage){ .cpu = db_column_or(q, col, -1),
	    .max_rss = db_column_or(q, col + 1, -1),
	    .read = db_column_or(q, col + 2, -1),
	    .written = db_column_or(q, col + 3, -1),
	    .io_operations = db_column_or(q, col + 4, -1) };
	j->under = (struct conditions)CONDITIONS_NONE;
	j->under.system_cpu = (int)db_column_double(q, col + 5, -1);
	j->under.system_memory = (int)db_column_double(q, col + 6, -1);
	j->footprint = (struct footprint)FOOTPRINT_NONE;
	j->sampled = -1;
	j->crashed = j->reason == REASON_CRASH;
	j->progress = -1;
}

static int
read_progress(struct store *s, struct job *j, struct err *err)
{
	struct query q;
	int got;

	if (j->state != STATE_RUNNING)
		return 0;
	got = db_first(&q, &s->db, SQL_JOB_PROGRESS, err, "i", j->id);
	if (got <= 0)
		return got < 0 ? err->code : 0;
	j->progress = db_column_double(&q, 0, -1);
	db_end(&q);
	return 0;
}

/* Of one that runs there is no such row yet. */
static int
read_record(struct store *s, struct job *j, struct arena *a, struct err *err)
{
	const char *host;
	struct query q;
	int got, source;

	if (j->worker == 0)
		return 0;
	got = db_first(&q, &s->db, SQL_JOB_RECORD, err, "iii", j->id,
	    (int64_t)j->attempt, j->worker);
	if (got <= 0)
		return got < 0 ? err->code : 0;
	host = db_column_text(&q, 0);
	j->host = host ? arena_copy(a, bytes_of(host)).p : NULL;
	j->under.configured = (int)db_column_or(&q, 1, 0);
	j->under.effective = (int)db_column_or(&q, 2, 0);
	source = (int)db_column_or(&q, 3, -1);
	if (source >= 0) {
		j->sampled = (source & SOURCE_PART) != 0;
		j->usage.source = (enum rss_source)(source % SOURCE_PART);
		j->together = source / SOURCE_TOGETHER;
	}
	j->footprint.cpu_peak = db_column_double(&q, 4, -1);
	j->footprint.memory_mean = db_column_or(&q, 5, -1);
	j->crashed = db_column_or(&q, 6, OUTCOME_SUCCESS) == OUTCOME_CRASH;
	db_end(&q);
	return 0;
}

int
measures_read(struct store *s, struct job *jobs, size_t n, struct arena *a,
	struct err *err)
{
	int code = 0;

	for (size_t i = 0; i < n && code == 0; i++) {
		if (s->version >= SCHEMA_PROGRESS)
			code = read_progress(s, &jobs[i], err);
		if (code == 0 && s->version >= SCHEMA_RECORD)
			code = read_record(s, &jobs[i], a, err);
	}
	return code;
}
