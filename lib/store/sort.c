#include "store/sort.h"

#include <string.h>

#include "base/nearest.h"

#define UNKNOWN INT64_MIN

enum field {
	F_ID, F_TYPE, F_PATH, F_EVENT, F_KEY, F_GROUP, F_STATE, F_PRIORITY,
	F_ATTEMPT, F_ATTEMPTS, F_MAX_ATTEMPTS, F_CRASHES, F_CREATED, F_RUN_AT,
	F_ELIGIBLE, F_STARTED, F_FINISHED, F_WORKER, F_HOST, F_SIZE,
	F_PAYLOAD, F_ERROR, F_REASON, F_EXIT, F_WAIT, F_DURATION, F_CPU,
	F_CPU_PERCENT, F_MAX_RSS, F_READ, F_WRITTEN, F_IO, F_SYSTEM_CPU,
	F_SYSTEM_MEMORY, F_PROGRESS,
	F_CPU_PEAK, F_MEMORY_MEAN, F_CONFIGURED, F_EFFECTIVE, F_SAMPLED,
	F_RSS_SOURCE, F_RSS_FLOOR,
	F_COUNT
};

/* As they are called in the job object */
static const char *const names[F_COUNT + 1] = {
	"id", "type", "path", "event", "key", "group", "state", "priority",
	"attempt", "attempts", "max_attempts", "crashes", "created_at",
	"run_at", "eligible_at", "started_at", "finished_at", "worker",
	"host", "size_bytes", "payload", "error", "reason", "exit",
	"wait_seconds", "duration_seconds", "cpu_seconds", "cpu_percent",
	"max_rss_bytes", "read_bytes", "written_bytes", "io_operations",
	"system_cpu_percent", "system_memory_percent", "progress",
	"cpu_percent_peak", "memory_mean_bytes", "limit_configured",
	"limit_effective", "sampled", "max_rss_source", "max_rss_is_floor",
};

int64_t
job_wait(const struct job *j)
{
	return j->started > 0 && j->eligible > 0 && j->started >= j->eligible ?
	    j->started - j->eligible : -1;
}

int64_t
job_duration(const struct job *j)
{
	return !j->crashed && j->started > 0 && j->finished >= j->started ?
	    j->finished - j->started : -1;
}

double
job_cpu_percent(const struct job *j)
{
	int64_t took = job_duration(j);
	int together = j->together > 1 ? j->together : 1;

	/* of a batch each has a part of its CPU time, and all of its time */
	return took > 0 && j->usage.cpu >= 0 ?
	    100.0 * (double)j->usage.cpu * together / (double)took : -1;
}

const char *
job_order_name(int i)
{
	return names[i];
}

int
job_order_parse(const char *name, struct job_order *o, struct err *err)
{
	struct buf why = { 0 };
	const char *near;
	int code;

	o->descending = name[0] == '-';
	name += o->descending;
	for (o->field = 0; o->field < F_COUNT; o->field++)
		if (strcmp(names[o->field], name) == 0)
			return 0;
	near = nearest(name, names);
	buf_adds(&why, near ? "no such field; did you mean" :
	    "no such field; there are");
	if (near)
		buf_addf(&why, " '%s'?", near);
	for (int i = 0; i < F_COUNT && !near; i++)
		buf_addf(&why, " %s", names[i]);
	code = err_value(err, EX_USAGE, "sort by", name, why.p);
	buf_release(&why);
	return code;
}

static bool
text_of(int field, const struct job *j, struct bytes *out)
{
	switch ((enum field)field) {
	case F_TYPE:
		*out = bytes_of(j->type);
		return true;
	case F_PATH:
		*out = j->path;
		return true;
	case F_EVENT:
		*out = bytes_of(file_event_name(j->event));
		return true;
	case F_KEY:
		*out = j->key;
		return true;
	case F_GROUP:
		*out = j->group;
		return true;
	case F_STATE:
		*out = bytes_of(state_name(j->state));
		return true;
	case F_HOST:
		*out = bytes_of(j->host);
		return true;
	case F_PAYLOAD:
		*out = j->payload;
		return true;
	case F_ERROR:
		*out = j->error;
		return true;
	case F_RSS_SOURCE:
		*out = bytes_of(rss_source_name(j->usage.source));
		return true;
	case F_REASON:
		*out = bytes_of(reason_name(j->reason));
		return true;
	default:
		return false;
	}
}

static int64_t
time_or_unknown(int64_t t)
{
	return t > 0 ? t : UNKNOWN;
}

static int64_t
size_or_unknown(int64_t n)
{
	return n >= 0 ? n : UNKNOWN;
}

static int64_t
percent_or_unknown(double v)
{
	return v >= 0 ? (int64_t)(v * 1000) : UNKNOWN;
}

static int64_t
measure_of(int field, const struct job *j)
{
	switch ((enum field)field) {
	case F_SIZE:
		return size_or_unknown(j->size);
	case F_EXIT:
		return j->has_exit ? j->exit : UNKNOWN;
	case F_WAIT:
		return size_or_unknown(job_wait(j));
	case F_DURATION:
		return size_or_unknown(job_duration(j));
	case F_CPU:
		return size_or_unknown(j->usage.cpu);
	case F_CPU_PERCENT:
		return percent_or_unknown(job_cpu_percent(j));
	case F_MAX_RSS:
		return size_or_unknown(j->usage.max_rss);
	case F_READ:
		return size_or_unknown(j->usage.read);
	case F_WRITTEN:
		return size_or_unknown(j->usage.written);
	case F_IO:
		return size_or_unknown(j->usage.io_operations);
	case F_SYSTEM_CPU:
		return size_or_unknown(j->under.system_cpu);
	case F_SYSTEM_MEMORY:
		return size_or_unknown(j->under.system_memory);
	case F_PROGRESS:
		return percent_or_unknown(1000 * j->progress);
	case F_CPU_PEAK:
		return percent_or_unknown(j->footprint.cpu_peak);
	case F_MEMORY_MEAN:
		return size_or_unknown(j->footprint.memory_mean);
	case F_CONFIGURED:
		return time_or_unknown(j->under.configured);
	case F_EFFECTIVE:
		return time_or_unknown(j->under.effective);
	case F_SAMPLED:
		return size_or_unknown(j->sampled);
	case F_RSS_FLOOR:
		return j->usage.source ? 1 : UNKNOWN;
	default:
		return UNKNOWN;
	}
}

static int64_t
number_of(int field, const struct job *j)
{
	switch ((enum field)field) {
	case F_ID:
		return j->id;
	case F_PRIORITY:
		return j->priority;
	case F_ATTEMPT:
		return j->attempt;
	case F_ATTEMPTS:
		return j->attempts;
	case F_MAX_ATTEMPTS:
		return j->max_attempts;
	case F_CRASHES:
		return j->crashes;
	case F_CREATED:
		return time_or_unknown(j->created);
	case F_RUN_AT:
		return time_or_unknown(j->run_at);
	case F_ELIGIBLE:
		return time_or_unknown(j->eligible);
	case F_STARTED:
		return time_or_unknown(j->started);
	case F_FINISHED:
		return time_or_unknown(j->finished);
	case F_WORKER:
		return time_or_unknown(j->worker);
	default:
		return measure_of(field, j);
	}
}

static int
compare_bytes(struct bytes a, struct bytes b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int d = n ? memcmp(a.p, b.p, n) : 0;

	return d ? d : a.n < b.n ? -1 : a.n > b.n;
}

int
job_compare(const struct job_order *o, const struct job *a,
	const struct job *b)
{
	struct bytes ta, tb;
	bool has_a, has_b;
	int d = 0;

	if (text_of(o->field, a, &ta)) {
		text_of(o->field, b, &tb);
		has_a = ta.p != NULL;
		has_b = tb.p != NULL;
		if (has_a && has_b)
			d = compare_bytes(ta, tb);
	} else {
		int64_t na = number_of(o->field, a);
		int64_t nb = number_of(o->field, b);

		has_a = na != UNKNOWN;
		has_b = nb != UNKNOWN;
		if (has_a && has_b)
			d = na < nb ? -1 : na > nb;
	}
	if (has_a != has_b)
		return has_a ? -1 : 1;
	if (o->descending)
		d = -d;
	return d ? d : a->id < b->id ? -1 : a->id > b->id;
}
