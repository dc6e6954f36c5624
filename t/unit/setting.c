#include "rules/setting.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/num.h"
#include "tap.h"

#define S NS_PER_S

static void
table(void)
{
	int k;

	for (k = 0; k < SET_COUNT; k++) {
		const struct setting_def *d = setting_def((enum setting_key)k);
		struct err err = { 0 };

		ok(d->name != NULL && setting_find(d->name) == k,
			"%s is found", d->name);
		ok(d->help != NULL && strlen(d->help) > 5
			&& strlen(d->help) < 64 && d->unit != NULL,
			"... has help and a unit");
		if (d->standard != NULL)
			is_int(setting_parse((enum setting_key)k, d->standard,
				NULL, &err), 0, "... its default is good");
		ok((d->choices != NULL) == (d->kind == SETTING_WORD),
			"... choices if it is a word");
	}
	is_int(setting_find("nonsense"), -1, "no such setting");
	is_int(setting_find(""), -1, "nor one without a name");
	ok(setting_def(SET_COUNT) == NULL, "nor after the last");
}

/* cli.md, "Defaults in one place", and queue.md, "Retry" */
static void
defaults(void)
{
	static const struct {
		enum setting_key key;
		int64_t i;
	} whole[] = {
		{ SET_GRACE, 10 * S }, { SET_LEASE, 60 * S },
		{ SET_RETRY_BASE, 30 * S }, { SET_RETRY_MAX, 300 * S },
		{ SET_MAX_ATTEMPTS, 3 }, { SET_CRASH_LIMIT, 5 },
		{ SET_BREAKER, 20 },
		{ SET_MAX_QUEUE, 0 }, { SET_WEIGHT, 1 },
		{ SET_TRANSIENT_MAX_ATTEMPTS, 0 },
		{ SET_RATE_LIMIT_DELAY, 600 * S },
		{ SET_TARGET_BYTES_PER_SECOND, 5000000 },
	};
	static const enum setting_key unset[] = {
		SET_WORKERS, SET_PROFILE, SET_HANDLER, SET_MAX_WORKERS,
		SET_TIMEOUT, SET_RATE_LIMIT,
	};
	static const struct { enum setting_key key; const char *word; } words[]
		= {
		{ SET_RETRY_STRATEGY, "exponential" }, { SET_ON_FULL, "block" },
		{ SET_LEFTOVERS, "end" }, { SET_TELEMETRY, "on" },
	};
	struct setting_value v;
	size_t i;

	for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		const struct setting_def *d = setting_def(whole[i].key);

		setting_parse(whole[i].key, d->standard, &v, NULL);
		is_int(v.i, whole[i].i, "default of %s", d->name);
		ok(v.f == (double)v.i, "... as a fraction too");
	}
	for (i = 0; i < sizeof(unset) / sizeof(unset[0]); i++)
		ok(setting_def(unset[i])->standard == NULL, "%s is unset",
			setting_def(unset[i])->name);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		is_str(setting_def(words[i].key)->standard, words[i].word,
			"default of %s", setting_def(words[i].key)->name);
		setting_parse(words[i].key, words[i].word, &v, NULL);
		is_int(v.choice, 0, "... is the first choice");
	}
	setting_parse(SET_RETRY_MULTIPLIER, setting_def(SET_RETRY_MULTIPLIER)
		->standard, &v, NULL);
	ok(v.f == 2, "default of retry_multiplier");
	setting_parse(SET_RETRY_JITTER, setting_def(SET_RETRY_JITTER)
		->standard, &v, NULL);
	ok(v.f == .2, "default of retry_jitter");
	setting_parse(SET_RETRY_STRATEGY, "none", &v, NULL);
	is_int(v.choice, RETRY_NONE, "strategies are those of retry.h");
	setting_parse(SET_RETRY_STRATEGY, "fixed", &v, NULL);
	is_int(v.choice, RETRY_FIXED, "in their order");
}

/* Writes the setting's bound moved by one step, or nothing */
static void
beyond(const struct setting_def *d, double bound, int step, struct buf *out)
{
	buf_reset(out);
	switch (d->kind) {
	case SETTING_INT:
		buf_addf(out, "%.0f", bound + step);
		break;
	case SETTING_FLOAT:
		float_format(out, bound + step * .001);
		break;
	case SETTING_DURATION:
		if (bound != 0 || step >= 0)
			duration_format(out, (int64_t)(bound * S) + step);
		else
			buf_adds(out, "-1s");
		break;
	case SETTING_SIZE:
		buf_addf(out, "%.0f", bound + step);
		break;
	default:
		break;
	}
}

static void
rates(void)
{
	static const struct {
		const char *text;
		int64_t n;
		double seconds;
	} good[] = {
		{ "60/1m", 60, 60 }, { "60/m", 60, 60 }, { "5/s", 5, 1 },
		{ "1/1.5s", 1, 1.5 }, { "10/30", 10, 30 },
		{ "1000/1h30m", 1000, 5400 }, { "1/365d", 1, 31536000 },
		{ "1000000/1ms", 1000000, 0.001 },
	};
	static const char *const bad[] = {
		"60", "/1m", "60/", "0/1m", "-1/1m", "1.5/1m", "60/1m/1",
		"60/0", "60/-1s", "1000001/1s", "1/366d", "1/999us", "60 / 1m",
		"a/b",
	};
	struct setting_value v;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		is_int(setting_parse(SET_RATE_LIMIT, good[i].text, &v, &err),
			0, "rate %s", good[i].text);
		ok(v.i == good[i].n && v.f == good[i].seconds, "... is that");
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_int(setting_parse(SET_RATE_LIMIT, bad[i], &v, &err),
			EX_CONFIG, "no rate: %s", bad[i]);
	is_str(err.text, "rate_limit \"a/b\": not N/PERIOD, such as 60/1m, "
		"from 1/365d to 1000000/1ms", "and why");
}

static void
ranges(void)
{
	struct buf text = { 0 };
	struct setting_value v;
	int k;

	for (k = 0; k < SET_COUNT; k++) {
		enum setting_key key = (enum setting_key)k;
		const struct setting_def *d = setting_def(key);
		struct err err;

		is_int(setting_parse(key, "", &v, &err), EX_CONFIG,
			"%s: empty", d->name);
		is_int(setting_parse(key, d->kind == SETTING_PATTERNS ? "#" :
			"~ nonsense", &v, &err), EX_CONFIG,
			"%s: nonsense", d->name);
		if (d->kind > SETTING_SIZE)
			continue;
		beyond(d, d->min, 0, &text);
		is_int(setting_parse(key, text.p, &v, &err), 0, "%s=%s",
			d->name, text.p);
		beyond(d, d->max, 0, &text);
		is_int(setting_parse(key, text.p, &v, &err), 0, "%s=%s",
			d->name, text.p);
		beyond(d, d->min, -1, &text);
		v.i = 77;
		is_int(setting_parse(key, text.p, &v, &err), EX_CONFIG,
			"not %s=%s", d->name, text.p);
		is_int(v.i, 77, "... nothing is written");
		ok(strstr(err.text, d->name) && strstr(err.text, text.p)
			&& strstr(err.text, "from "),
			"... key, value and range are said: %s", err.text);
		beyond(d, d->max, 1, &text);
		is_int(setting_parse(key, text.p, &v, &err), EX_CONFIG,
			"not %s=%s", d->name, text.p);
	}
	buf_release(&text);
}

static void
errors(void)
{
	struct err err;

	setting_parse(SET_MAX_ATTEMPTS, "200", NULL, &err);
	is_str(err.text, "max_attempts \"200\": not a whole number from 1 to "
		"100", "a number");
	is_int(err.code, EX_CONFIG, "the code");
	setting_parse(SET_LEASE, "1ms", NULL, &err);
	is_str(err.text, "lease \"1ms\": not a duration from 1s to 1d",
		"a duration");
	setting_parse(SET_ON_FULL, "wait", NULL, &err);
	is_str(err.text, "on_full \"wait\": not one of: block fail drop",
		"a word");
	is_int(setting_parse(SET_ON_FULL, "block fail", NULL, &err), EX_CONFIG,
		"two words are none");
	is_int(setting_parse(SET_ON_FULL, "bloc", NULL, &err), EX_CONFIG,
		"half a word is none");
	setting_parse(SET_PROFILE, "gmail", NULL, &err);
	is_str(err.text, "profile \"gmail\": not one of: local_files "
		"obsidian_vault imap_mailbox github_repository", "a profile");
	setting_parse(SET_HANDLER, "ingest.sh", NULL, &err);
	is_str(err.text, "handler: command \"ingest.sh\": neither an absolute "
		"path nor a JSON array of arguments", "a handler");
}

static void
profiles(void)
{
	const char *const *name = profile_names();
	int k, n = 0, given = 0, wrong = 0;

	for (; *name != NULL; name++, n++) {
		ok(profile_known(*name), "%s is known", *name);
		is_int(setting_parse(SET_PROFILE, *name, NULL, NULL), 0,
			"... can be set");
		for (k = 0; k < SET_COUNT; k++) {
			const char *v = profile_value(*name,
				(enum setting_key)k);

			given += v != NULL;
			wrong += v != NULL && setting_parse(
				(enum setting_key)k, v, NULL, NULL) != 0;
		}
	}
	is_int(n, 4, "four profiles");
	ok(given >= 20 && wrong == 0, "%d values, all good", given);
	ok(!profile_known("") && !profile_known("local"), "no others");
	ok(profile_value("gmail", SET_RETRY_BASE) == NULL, "none of another");
	ok(profile_value("local_files", SET_HANDLER) == NULL,
		"none for what it does not say");
	is_str(profile_value("imap_mailbox", SET_TRANSIENT_MAX_ATTEMPTS), "7",
		"a mailbox tries 7 times");
	is_str(profile_value("github_repository", SET_RATE_LIMIT_DELAY), "15m",
		"a repository waits 15 minutes");
	is_str(profile_value("obsidian_vault", SET_MAX_WORKERS), "3",
		"a vault has 3 workers");
	is_str(profile_value("local_files", SET_MAX_WORKERS), "4",
		"files have 4");
}

static void
environment(void)
{
	struct err err;

	unsetenv("IQ_SET_RETRY_BASE");
	ok(setting_environment(SET_RETRY_BASE) == NULL, "not set");
	setenv("IQ_SET_RETRY_BASE", "", 1);
	ok(setting_environment(SET_RETRY_BASE) == NULL, "set to nothing");
	setenv("IQ_SET_RETRY_BASE", "5s", 1);
	is_str(setting_environment(SET_RETRY_BASE), "5s", "set");
	setenv("IQ_SET_TARGET_BYTES_PER_SECOND", "1M", 1);
	is_str(setting_environment(SET_TARGET_BYTES_PER_SECOND), "1M",
		"the longest name");
	is_int(setting_check_environment(NULL), 0, "both are settings");
	setenv("IQ_SET_RETRY_BAES", "", 1);
	is_int(setting_check_environment(NULL), 0, "set to nothing");
	setenv("IQ_SET_RETRY_BAES", "5s", 1);
	is_int(setting_check_environment(&err), EX_CONFIG, "misspelt");
	is_str(err.text, "IQ_SET_RETRY_BAES in the environment: there is "
		"no such setting; did you mean IQ_SET_RETRY_BASE?", "says so");
	unsetenv("IQ_SET_RETRY_BAES");
	setenv("IQ_SET_", "1", 1);
	is_int(setting_check_environment(&err), EX_CONFIG, "no name at all");
	unsetenv("IQ_SET_");
	is_str(setting_nearest("max_worker"), "max_workers", "nearly a setting");
	ok(setting_nearest("nonsense") == NULL, "nothing like it");
	is_str(origin_name(ORIGIN_BUILTIN), "builtin", "an origin");
	is_str(origin_name(ORIGIN_FLAG), "flag", "the last one");
	is_str(origin_name((enum origin)99), "unknown", "no other");
}

int
main(void)
{
	table();
	defaults();
	rates();
	ranges();
	errors();
	profiles();
	environment();
	return done();
}
