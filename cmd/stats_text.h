/* Private to the report of iq-stats for people. */
#ifndef IQ_STATS_TEXT_H
#define IQ_STATS_TEXT_H

#include "stats.h"

/* The first n distributions */
void stats_text_distributions(const struct summary *s, const struct report *r,
	size_t n);
/* By name; the busiest only when there are not lines for all. */
void stats_text_types(const struct summary *s, const struct report *r,
	size_t lines);
void stats_text_hosts(const struct summary *s, const struct report *r);

#endif
