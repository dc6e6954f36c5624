/* Settings: every key reads every text, or refuses it with a reason. */
#include "rules/setting.h"

#include "base/clock.h"
#include "base/num.h"
#include "lib/fuzz.h"

static void
must_be_in_range(const struct setting_def *d, const struct setting_value *v,
	const char *text)
{
	double scale = d->kind == SETTING_DURATION ? (double)NS_PER_S : 1;

	switch (d->kind) {
	case SETTING_INT:
	case SETTING_DURATION:
	case SETTING_SIZE:
		must(v->f == (double)v->i);
		must(v->f >= d->min * scale && v->f <= d->max * scale);
		break;
	case SETTING_FLOAT:
		must(v->f >= d->min && v->f <= d->max);
		break;
	case SETTING_WORD:
		must(v->choice >= 0);
		must(strstr(d->choices, text) != NULL && *text != '\0');
		break;
	case SETTING_PROFILE:
		must(profile_known(text));
		break;
	case SETTING_COMMAND:
		must(*text == '/' || *text == '[');
		break;
	case SETTING_RATE:
		must(v->i >= d->min && v->i <= d->max);
		must(v->f >= 0.001 && v->f <= 365 * 86400);
		must(strchr(text, '/') != NULL);
		break;
	case SETTING_PATHS:
		must(*text == '/' || *text == '[');
		break;
	case SETTING_PATTERNS:
		must(*text != '\0' && *text != '#');
		break;
	case SETTING_TEXT:
		must(utf8_valid(bytes_of(text)));
		break;
	}
}

/* A number in its shortest form is the same number. */
static void
again(enum setting_key k, const struct setting_value *v)
{
	enum setting_kind kind = setting_def(k)->kind;
	struct setting_value same = { 0 };
	struct buf b = { 0 };

	if (kind == SETTING_DURATION)
		duration_format(&b, v->i);
	else if (kind == SETTING_SIZE)
		size_format(&b, v->i);
	else if (kind == SETTING_FLOAT)
		float_format(&b, v->f);
	if (b.len > 0)
		must(setting_parse(k, b.p, &same, NULL) == 0
			&& same.i == v->i && same.f == v->f);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = mem_dup(data, n);
	int k;

	for (k = 0; k < SET_COUNT; k++) {
		struct setting_value v = { .i = -42, .f = -42, .choice = -42 };
		struct err err = { 0 };
		int rc = setting_parse((enum setting_key)k, text, &v, &err);

		must(setting_parse((enum setting_key)k, text, NULL, NULL)
			== rc);
		if (rc == 0) {
			must_be_in_range(setting_def((enum setting_key)k), &v,
				text);
			again((enum setting_key)k, &v);
		} else {
			must_say(&err, EX_CONFIG);
			must(v.i == -42 && v.f == -42 && v.choice == -42);
		}
	}
	k = setting_find(text);
	must(k < 0 || strcmp(setting_def((enum setting_key)k)->name, text)
		== 0);
	free(text);
	return 0;
}
