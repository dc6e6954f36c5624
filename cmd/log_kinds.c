#include "log_kinds.h"

#include <stdio.h>

#include "opt.h"
#include "rules/event.h"

char log_kinds[512];

void
log_kinds_fill(void)
{
	size_t n = 0;

	for (int k = KIND_INIT; k < KIND_COUNT && n < sizeof(log_kinds); k++)
		n += (size_t)snprintf(log_kinds + n, sizeof(log_kinds) - n,
		    "%s%s", n ? " " : "", event_kind_name(k));
}

uint64_t
log_kind(const char *word)
{
	int64_t kind = event_kind_parse(word);

	if (kind == 0)
		die_usage("--kind: no kind '%s'; there are %s", word,
		    log_kinds);
	return UINT64_C(1) << kind;
}
