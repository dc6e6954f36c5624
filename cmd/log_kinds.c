#include "log_kinds.h"

#include "opt.h"
#include "rules/event.h"
#include "words.h"

char log_kinds[512];

void
log_kinds_fill(void)
{
	for (int k = KIND_INIT; k < KIND_COUNT; k++)
		words_add(log_kinds, sizeof(log_kinds), event_kind_name(k));
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
