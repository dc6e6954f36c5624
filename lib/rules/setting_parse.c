/* What a value of a setting may be */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"
#include "rules/command.h"
#include "rules/setting.h"

#define RATE_PERIOD_MAX (INT64_C(365) * 86400 * NS_PER_S)

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
		period >= NS_PER_MS && period <= RATE_PERIOD_MAX;
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
