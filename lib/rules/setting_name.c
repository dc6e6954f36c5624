/* Settings by name: as the operator writes them, and in the environment. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/num.h"
#include "rules/setting.h"

#define PREFIX "IQ_SET_"
#define NAME_MAX_BYTES 64

int
setting_find(const char *name)
{
	int k;

	for (k = 0; k < SET_COUNT; k++)
		if (strcmp(setting_def(k)->name, name) == 0)
			return k;
	return -1;
}

const char *
setting_nearest(const char *name)
{
	const char *names[SET_COUNT + 1];
	int k;

	for (k = 0; k < SET_COUNT; k++)
		names[k] = setting_def(k)->name;
	names[SET_COUNT] = NULL;
	return nearest(name, names);
}

/* IQ_SET_RETRY_BASE of retry_base */
static void
variable_of(const char *name, char out[NAME_MAX_BYTES])
{
	size_t n = sizeof(PREFIX) - 1;

	memcpy(out, PREFIX, n);
	for (; *name != '\0' && n + 1 < NAME_MAX_BYTES; name++)
		out[n++] = (char)toupper((unsigned char)*name);
	out[n] = '\0';
}

const char *
setting_environment(enum setting_key k)
{
	char variable[NAME_MAX_BYTES];
	const char *value;

	variable_of(setting_def(k)->name, variable);
	value = getenv(variable);
	return value == NULL || value[0] == '\0' ? NULL : value;
}

/* The variable of the setting that was meant, or NULL */
static const char *
meant(const char *variable, char out[NAME_MAX_BYTES])
{
	const char *at = variable + sizeof(PREFIX) - 1, *near;
	char name[NAME_MAX_BYTES];
	size_t n;

	for (n = 0; at[n] != '\0' && n + 1 < sizeof(name); n++)
		name[n] = (char)tolower((unsigned char)at[n]);
	name[n] = '\0';
	near = setting_find(name) >= 0 ? name : setting_nearest(name);
	if (near == NULL)
		return NULL;
	variable_of(near, out);
	return out;
}

static int
check_variable(const char *variable, struct err *err)
{
	char name[NAME_MAX_BYTES], why[128];
	const char *near = meant(variable, name);

	if (near != NULL && strcmp(near, variable) == 0)
		return 0;
	if (near == NULL)
		snprintf(why, sizeof(why), "there is no such setting");
	else
		snprintf(why, sizeof(why), "there is no such setting; did you "
			"mean %s?", near);
	return err_set(err, EX_CONFIG, "%s in the environment: %s", variable,
		why);
}

int
setting_check_environment(struct err *err)
{
	struct buf variable = { 0 };
	int code = 0;

	for (char **at = environ; at != NULL && *at != NULL && code == 0;
	    at++) {
		const char *equals = strchr(*at, '=');

		/* empty is as good as unset */
		if (strncmp(*at, PREFIX, sizeof(PREFIX) - 1) != 0 ||
		    equals == NULL || equals[1] == '\0')
			continue;
		buf_reset(&variable);
		buf_add(&variable, *at, (size_t)(equals - *at));
		code = check_variable(variable.p, err);
	}
	buf_release(&variable);
	return code;
}
