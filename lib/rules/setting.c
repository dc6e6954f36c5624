/* The table of settings; setting_parse.c reads their values. */
#include "rules/setting.h"

#define HOUR 3600.0
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)

static const struct setting_def defs[SET_COUNT] = {
	[SET_WORKERS] = {
		"workers", SETTING_INT, NULL, 1, WORKERS_MAX, NULL, true, "",
		"slots of one iq-work process; unset: as many as cores",
	},
	[SET_SCHEDULER] = {
		"scheduler", SETTING_WORD, "simple", 0, 0, "simple fair", true,
		"", "fair: small and large inputs share 3:1",
	},
	[SET_TARGET_BYTES_PER_SECOND] = {
		"target_bytes_per_second", SETTING_SIZE, "5000000", 1, 1e15,
		NULL, true, "bytes/s",
		"throughput that iq-stats measures against",
	},
	[SET_TELEMETRY] = {
		"telemetry", SETTING_WORD, "on", 0, 0, "on off", true, "",
		"record distributions of times and sizes",
	},
	[SET_TELEMETRY_RETENTION] = {
		"telemetry_retention", SETTING_DURATION, "90d", 1 * 86400,
		10 * YEAR, NULL, true, "seconds",
		"how long times and sizes are kept",
	},
	[SET_REDACT] = {
		"redact", SETTING_WORD, "none", 0, 0, "none hash full", true,
		"", "paths in iq-log: as they are, keyed hashes, or none",
	},
	[SET_RETENTION_BYTES] = {
		"retention_bytes", SETTING_SIZE, "0", 0, 1e15, NULL, true,
		"bytes", "about so much of the history stays; 0: no bound",
	},
	[SET_PROFILE] = {
		"profile", SETTING_PROFILE, NULL, 0, 0, NULL, false, "",
		"a known connector's values for what is not set here",
	},
	[SET_HANDLER] = {
		"handler", SETTING_COMMAND, NULL, 0, 0, NULL, false, "",
		"what iq-work runs: an absolute path or a JSON array",
	},
	[SET_MAX_WORKERS] = {
		"max_workers", SETTING_INT, NULL, 1, 1000000, NULL, false, "",
		"jobs that run at once, over all processes; unset: no cap",
	},
	[SET_WEIGHT] = {
		"weight", SETTING_INT, "1", 1, 1000, NULL, false, "",
		"share among types of the same priority",
	},
	[SET_AGING] = {
		"aging", SETTING_DURATION, "0s", 0, YEAR, NULL, false,
		"seconds", "wait that makes up for a priority; 0: none does",
	},
	[SET_TIMEOUT] = {
		"timeout", SETTING_DURATION, NULL, 0, YEAR, NULL, false,
		"seconds", "longest run of an attempt; unset or 0: none",
	},
	[SET_GRACE] = {
		"grace", SETTING_DURATION, "10s", 0, DAY, NULL, false,
		"seconds", "between TERM and KILL",
	},
	[SET_LEASE] = {
		"lease", SETTING_DURATION, "60s", 1, DAY, NULL, true,
		"seconds", "silence after which a worker counts as hung",
	},
	[SET_LEFTOVERS] = {
		"leftovers", SETTING_WORD, "end", 0, 0, "end wait", false, "",
		"processes that a handler leaves behind",
	},
	[SET_BATCH_FILES] = {
		"batch_files", SETTING_INT, "1", 1, 1024, NULL, false, "",
		"jobs that one run of a handler gets at most",
	},
	[SET_MAX_QUEUE] = {
		"max_queue", SETTING_INT, "0", 0, 1e12, NULL, false, "",
		"pending jobs before enqueue is held back; 0: no bound",
	},
	[SET_ON_FULL] = {
		"on_full", SETTING_WORD, "block", 0, 0, "block fail drop",
		false, "", "what enqueue does at max_queue",
	},
	[SET_MAX_ATTEMPTS] = {
		"max_attempts", SETTING_INT, "3", 1, 100, NULL, false, "",
		"charged failures before quarantine",
	},
	[SET_TRANSIENT_MAX_ATTEMPTS] = {
		"transient_max_attempts", SETTING_INT, "0", 0, 100, NULL,
		false, "", "the same for transient ones; 0: as max_attempts",
	},
	[SET_RETRY_STRATEGY] = {
		"retry_strategy", SETTING_WORD, "exponential", 0, 0,
		"exponential linear fixed immediate none", false, "",
		"how the delay grows with each failure",
	},
	[SET_RETRY_BASE] = {
		"retry_base", SETTING_DURATION, "30s", 0, 30 * DAY, NULL,
		false, "seconds", "delay after the first failure",
	},
	[SET_RETRY_MAX] = {
		"retry_max", SETTING_DURATION, "5m", 0, YEAR, NULL, false,
		"seconds", "longest delay, before jitter",
	},
	[SET_RETRY_MULTIPLIER] = {
		"retry_multiplier", SETTING_FLOAT, "2", 1, 100, NULL, false,
		"", "growth of an exponential delay",
	},
	[SET_RETRY_JITTER] = {
		"retry_jitter", SETTING_FLOAT, "0.2", 0, 1, NULL, false, "",
		"random share of the delay, either way",
	},
	[SET_RATE_LIMIT_DELAY] = {
		"rate_limit_delay", SETTING_DURATION, "10m", 0, 30 * DAY,
		NULL, false, "seconds",
		"wait when rate-limited and told no time",
	},
	[SET_CRASH_LIMIT] = {
		"crash_limit", SETTING_INT, "5", 1, 100, NULL, false, "",
		"times a job may take its worker down with it",
	},
	[SET_RETENTION] = {
		"retention", SETTING_DURATION, "30d", 0, 100 * YEAR, NULL,
		false, "seconds",
		"age at which ended jobs leave the history; 0: they stay",
	},
	[SET_BREAKER] = {
		"breaker", SETTING_INT, "20", 0, 1000000, NULL, false, "",
		"failures in a row that stop a type for a while; 0: none do",
	},
	[SET_RATE_LIMIT] = {
		"rate_limit", SETTING_RATE, NULL, 1, 1000000, NULL, false, "",
		"jobs that start in a time, as 60/1m; unset: no limit",
	},
	[SET_PATH] = {
		"path", SETTING_PATHS, NULL, 0, 0, NULL, false, "",
		"where a source looks for files",
	},
	[SET_INCLUDE] = {
		"include", SETTING_PATTERNS, NULL, 0, 0, NULL, false, "",
		"names of files that a source takes; unset: all",
	},
	[SET_EXCLUDE] = {
		"exclude", SETTING_PATTERNS, NULL, 0, 0, NULL, false, "",
		"names of files that a source passes over",
	},
	[SET_DEBOUNCE] = {
		"debounce", SETTING_DURATION, "500ms", 0, DAY, NULL, false,
		"seconds", "silence before iq-watch takes a changed file",
	},
	[SET_MAX_DELAY] = {
		"max_delay", SETTING_DURATION, "1m", 0, DAY, NULL, false,
		"seconds", "wait for that silence at most",
	},
	[SET_SCAN_INTERVAL] = {
		"scan_interval", SETTING_DURATION, "15m", 1, 30 * DAY, NULL,
		false, "seconds", "between looks at everything, for safety",
	},
};

const struct setting_def *
setting_def(enum setting_key k)
{
	return (unsigned)k < SET_COUNT ? &defs[k] : NULL;
}

bool
setting_names_files(enum setting_key k)
{
	const struct setting_def *d = setting_def(k);

	return d && (d->kind == SETTING_COMMAND || d->kind == SETTING_PATHS ||
	    d->kind == SETTING_PATTERNS);
}

const char *
origin_name(enum origin o)
{
	static const char *const names[] = {
		"builtin", "profile", "global", "parent", "type",
		"environment", "flag",
	};

	if ((unsigned)o >= sizeof(names) / sizeof(names[0]))
		return "unknown";
	return names[o];
}
