#include "rules/setting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"
#include "rules/command.h"

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

/* "from 1s to 1d", in the units of the setting */
static void
say_range(const struct setting_def *d, struct buf *why)
{
	void (*format)(struct buf *, int64_t) = NULL;
	int64_t scale = 1;

	if (d->kind == SETTING_DURATION) {
		format = duration_format;
		scale = NS_PER_S;
	} else if (d->kind == SETTING_SIZE) {
		format = size_format;
	}
	if (format == NULL) {
		buf_addf(why, "from %.15g to %.15g", d->min, d->max);
		return;
	}
	buf_adds(why, "from ");
	format(why, (int64_t)(d->min * (double)scale));
	buf_adds(why, " to ");
	format(why, (int64_t)(d->max * (double)scale));
}

static bool
number_in_range(const struct setting_def *d, const char *text,
	struct setting_value *v)
{
	int64_t scale = d->kind == SETTING_DURATION ? NS_PER_S : 1;
	int rc;

	switch (d->kind) {
	case SETTING_FLOAT:
		return float_parse(text, d->name, d->min, d->max, &v->f,
			NULL) == 0;
	case SETTING_DURATION:
		rc = duration_parse(text, &v->i, NULL);
		break;
	case SETTING_SIZE:
		rc = size_parse(text, &v->i, NULL);
		break;
	default:
		rc = int_parse(text, d->name, INT64_MIN, INT64_MAX, &v->i,
			NULL);
		break;
	}
	v->f = (double)v->i;
	return rc == 0 && v->i >= (int64_t)(d->min * (double)scale)
		&& v->i <= (int64_t)(d->max * (double)scale);
}

static int
parse_number(const struct setting_def *d, const char *text,
	struct setting_value *v, struct err *err)
{
	static const char *const what[] = {
		[SETTING_INT] = "not a whole number ",
		[SETTING_FLOAT] = "not a number ",
		[SETTING_DURATION] = "not a duration ",
		[SETTING_SIZE] = "not a size ",
	};
	struct buf why = { 0 };

	if (number_in_range(d, text, v))
		return 0;
	buf_adds(&why, what[d->kind]);
	say_range(d, &why);
	err_value(err, EX_CONFIG, d->name, text, why.p);
	buf_release(&why);
	return EX_CONFIG;
}

/* Index of word in the space-separated list, or -1 */
static int
choice_of(const char *list, const char *word)
{
	size_t length = strlen(word);
	int i = 0;

	for (;;) {
		size_t n = strcspn(list, " ");

		if (n == length && n > 0 && memcmp(list, word, n) == 0)
			return i;
		if (list[n] == '\0')
			return -1;
		list += n + 1;
		i++;
	}
}

static int
parse_word(const struct setting_def *d, const char *text,
	struct setting_value *v, struct err *err)
{
	char why[128];

	v->choice = choice_of(d->choices, text);
	if (v->choice >= 0)
		return 0;
	snprintf(why, sizeof(why), "not one of: %s", d->choices);
	return err_value(err, EX_CONFIG, d->name, text, why);
}

/* "60/1m"; the 1 may be left out. */
static bool
read_rate(const struct setting_def *d, const char *text,
	struct setting_value *v)
{
	const char *slash = strchr(text, '/');
	struct buf part = { 0 };
	int64_t period = 0;
	bool good;

	if (slash == NULL || slash[1] == '\0')
		return false;
	buf_add(&part, text, (size_t)(slash - text));
	good = int_parse(part.p ? part.p : "", d->name, (int64_t)d->min,
		(int64_t)d->max, &v->i, NULL) == 0;
	buf_reset(&part);
	if (slash[1] < '0' || slash[1] > '9')
		buf_addc(&part, '1');
	buf_adds(&part, slash + 1);
	good = good && duration_parse(part.p, &period, NULL) == 0 &&
		period >= NS_PER_MS && period <= (int64_t)YEAR * NS_PER_S;
	v->f = (double)period / NS_PER_S;
	buf_release(&part);
	return good;
}

static int
parse_rate(const struct setting_def *d, const char *text,
	struct setting_value *v, struct err *err)
{
	if (read_rate(d, text, v))
		return 0;
	return err_value(err, EX_CONFIG, d->name, text,
		"not N/PERIOD, such as 60/1m, from 1/365d to 1000000/1ms");
}

static int
parse_profile(const struct setting_def *d, const char *text, struct err *err)
{
	struct buf why = { 0 };
	const char *const *name;

	if (profile_known(text))
		return 0;
	buf_adds(&why, "not one of:");
	for (name = profile_names(); *name != NULL; name++)
		buf_addf(&why, " %s", *name);
	err_value(err, EX_CONFIG, d->name, text, why.p);
	buf_release(&why);
	return EX_CONFIG;
}

typedef int words_fn(const char *text, struct arena *arena,
	const char *const **v, size_t *n, struct err *err);

static int
parse_words(const struct setting_def *d, words_fn *fn, const char *text,
	struct err *err)
{
	struct arena arena = { 0 };
	const char *const *v;
	struct err inner;
	size_t n;
	int rc = fn(text, &arena, &v, &n, &inner);

	arena_release(&arena);
	if (rc == 0)
		return 0;
	return err_set(err, rc, "%s: %s", d->name, inner.text);
}

#define SETTING_TEXT_MAX 4096

static int
parse_text(const struct setting_def *d, const char *text, struct err *err)
{
	if (strlen(text) > SETTING_TEXT_MAX)
		return err_value(err, EX_CONFIG, d->name, text,
			"longer than 4096 bytes");
	if (!utf8_valid(bytes_of(text)))
		return err_value(err, EX_CONFIG, d->name, text,
			"not valid UTF-8");
	return 0;
}

int
setting_parse(enum setting_key k, const char *text, struct setting_value *out,
	struct err *err)
{
	const struct setting_def *d = setting_def(k);
	struct setting_value v = { 0 };
	int rc = EX_CONFIG;

	switch (d->kind) {
	case SETTING_INT:
	case SETTING_FLOAT:
	case SETTING_DURATION:
	case SETTING_SIZE:
		rc = parse_number(d, text, &v, err);
		break;
	case SETTING_WORD:
		rc = parse_word(d, text, &v, err);
		break;
	case SETTING_TEXT:
		rc = parse_text(d, text, err);
		break;
	case SETTING_COMMAND:
		rc = parse_words(d, command_parse, text, err);
		break;
	case SETTING_PROFILE:
		rc = parse_profile(d, text, err);
		break;
	case SETTING_RATE:
		rc = parse_rate(d, text, &v, err);
		break;
	case SETTING_PATHS:
		rc = parse_words(d, paths_parse, text, err);
		break;
	case SETTING_PATTERNS:
		rc = parse_words(d, patterns_parse, text, err);
		break;
	}
	if (rc == 0 && out != NULL)
		*out = v;
	return rc;
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
