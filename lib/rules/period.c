#include "rules/period.h"

#include "base/clock.h"

enum period_kind
period_kind(int64_t period)
{
	if (period >= PERIOD_MINUTES)
		return PERIOD_IS_MINUTE;
	if (period >= PERIOD_HOURS)
		return PERIOD_IS_HOUR;
	return period > 0 ? PERIOD_IS_DAY : PERIOD_IS_EVER;
}

int64_t
period_length(enum period_kind kind)
{
	static const int64_t seconds[] = { 0, 86400, 3600, 60 };

	return seconds[kind] * NS_PER_S;
}

int64_t
period_of(enum period_kind kind, int64_t at)
{
	if (at < period_start(PERIOD_MINUTES))
		at = period_start(PERIOD_MINUTES);
	return kind == PERIOD_IS_EVER ? PERIOD_EVER : at / period_length(kind);
}

int64_t
period_start(int64_t period)
{
	return period * period_length(period_kind(period));
}
