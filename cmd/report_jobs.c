/* A job, as a row of a table and as JSON. */
#include <math.h>

#include "base/num.h"
#include "report.h"

/* ---- for people ---- */

const char *
report_job_state(const struct job *job)
{
	if (job->state == STATE_DELAYED && job->attempts > 0)
		return "retrying";
	return state_detail(job->state);
}

struct bytes
report_job_subject(const struct job *job)
{
	return job->path.p ? job->path : job->key.p ? job->key : job->payload;
}

static const struct column columns[] = {
	{ "ID", true, 0 }, { "STATE", false, 0 }, { "TYPE", false, 20 },
	{ "PRI", false, 0 }, { "TRY", true, 0 }, { "WHEN", true, 0 },
	{ "REASON", false, 18 }, { "PATH", false, 0 },
};
static const int spare[] = { 3, 4, 6, 5, 2, -1 };

void
report_jobs_init(struct table *t, const struct report *r)
{
	table_init(t, columns, sizeof(columns) / sizeof(*columns), r);
	table_spare(t, spare);
}

/* How long it has been what it is, or how long until it may start */
static void
add_when(struct table *t, const struct job *j, int64_t now)
{
	struct buf b = { 0 };
	int64_t since = j->eligible ? j->eligible : j->created;

	if (j->state == STATE_DELAYED && j->run_at > now) {
		buf_adds(&b, "in ");
		duration_human(&b, j->run_at - now);
	} else {
		if (j->state == STATE_RUNNING)
			since = j->started;
		else if (j->ended)
			since = j->ended;
		else if (j->state == STATE_QUARANTINED && j->finished)
			since = j->finished;
		duration_human(&b, now > since ? now - since : 0);
	}
	table_bytes(t, buf_bytes(&b));
	buf_release(&b);
}

void
report_jobs_add(struct table *t, const struct job *j, int64_t now)
{
	const char *reason = j->state == STATE_SUCCEEDED ? NULL :
	    reason_name(j->reason);
	const char *priority = priority_name(j->priority);

	table_cell(t, "%lld", (long long)j->id);
	table_cell(t, "%s", report_job_state(j));
	table_cell(t, "%s", j->type ? j->type : "?");
	table_cell(t, "%s", priority ? priority : "?");
	table_cell(t, "%d", j->attempt);
	add_when(t, j, now);
	table_cell(t, "%s", reason ? reason : "");
	table_bytes(t, report_job_subject(j));
}

/* ---- for programs ---- */

static void
put_bool(struct json *j, const char *name, int v)
{
	if (v < 0)
		json_put_null(j, name);
	else
		json_put_bool(j, name, v);
}

static void
job_measures(struct json *j, const struct job *job)
{
	enum rss_source source = job->usage.source;
	const struct conditions *u = &job->under;

	json_put_seconds(j, "wait_seconds", job_wait(job));
	json_put_seconds(j, "duration_seconds", job_duration(job));
	json_put_seconds(j, "cpu_seconds", job->usage.cpu);
	report_percent(j, "cpu_percent", job_cpu_percent(job));
	report_percent(j, "cpu_percent_peak", job->footprint.cpu_peak);
	report_known(j, "memory_mean_bytes", job->footprint.memory_mean);
	report_known(j, "max_rss_bytes", job->usage.max_rss);
	json_put_string(j, "max_rss_source", rss_source_name(source));
	/* none of them sees more than there was */
	put_bool(j, "max_rss_is_floor", source ? 1 : -1);
	report_known(j, "read_bytes", job->usage.read);
	report_known(j, "written_bytes", job->usage.written);
	report_known(j, "io_operations", job->usage.io_operations);
	put_bool(j, "sampled", job->sampled);
	report_known(j, "system_cpu_percent", u->system_cpu);
	report_known(j, "system_memory_percent", u->system_memory);
	report_known(j, "limit_configured", u->configured ? u->configured : -1);
	report_known(j, "limit_effective", u->effective ? u->effective : -1);
	json_put_float(j, "progress", job->progress < 0 ? NAN :
	    job->progress);
}

void
report_job_json(struct json *j, const struct job *job)
{
	json_begin_object(j, NULL);
	json_put_int(j, "id", job->id);
	json_put_string(j, "type", job->type);
	json_put_path(j, "path", job->path);
	json_put_string(j, "event", file_event_name(job->event));
	json_put_path(j, "key", job->key);
	json_put_path(j, "group", job->group);
	json_put_string(j, "state", state_name(job->state));
	json_put_int(j, "priority", job->priority);
	json_put_int(j, "attempt", job->attempt);
	json_put_int(j, "attempts", job->attempts);
	json_put_int(j, "max_attempts", job->max_attempts);
	json_put_int(j, "crashes", job->crashes);
	json_put_time(j, "created_at", job->created);
	json_put_time(j, "run_at", job->run_at);
	json_put_time(j, "eligible_at", job->eligible);
	json_put_time(j, "started_at", job->started);
	json_put_time(j, "finished_at", job->finished);
	if (job->worker)
		json_put_int(j, "worker", job->worker);
	else
		json_put_null(j, "worker");
	json_put_string(j, "host", job->host);
	report_known(j, "size_bytes", job->size);
	json_put_raw(j, "payload", job->payload);
	json_put_bytes(j, "error", job->error);
	json_put_string(j, "reason", reason_name(job->reason));
	if (job->has_exit)
		json_put_int(j, "exit", job->exit);
	else
		json_put_null(j, "exit");
	job_measures(j, job);
	json_end_object(j);
}
