/*
 * The four known connectors.  A profile is nothing but values for settings;
 * what is set for the type itself wins over them.
 */
#include <string.h>

#include "rules/setting.h"

static const char *const names[] = {
	"local_files", "obsidian_vault", "imap_mailbox", "github_repository",
	NULL,
};
#define PROFILES (sizeof(names) / sizeof(names[0]) - 1)

static const struct {
	enum setting_key key;
	const char *value[PROFILES];	/* in the order of names; NULL: none */
} values[] = {
	{ SET_MAX_WORKERS, { "4", "3", "2", "2" } },
	{ SET_MAX_ATTEMPTS, { "3", "3", "5", "5" } },
	{ SET_TRANSIENT_MAX_ATTEMPTS, { NULL, NULL, "7", NULL } },
	{ SET_RETRY_BASE, { "30s", "30s", "2m", "5m" } },
	{ SET_RETRY_MAX, { "5m", "5m", "30m", "1h" } },
	{ SET_RETRY_JITTER, { "0.2", "0.2", "0.3", "0.25" } },
	{ SET_RATE_LIMIT_DELAY, { NULL, NULL, "10m", "15m" } },
};

static size_t
profile_index(const char *name)
{
	size_t i;

	for (i = 0; i < PROFILES; i++)
		if (strcmp(names[i], name) == 0)
			break;
	return i;
}

bool
profile_known(const char *profile)
{
	return profile_index(profile) < PROFILES;
}

const char *
profile_value(const char *profile, enum setting_key k)
{
	size_t which = profile_index(profile), i;

	if (which == PROFILES)
		return NULL;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (values[i].key == k)
			return values[i].value[which];
	return NULL;
}

const char *const *
profile_names(void)
{
	return names;
}
