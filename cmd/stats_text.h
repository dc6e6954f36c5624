/* The parts of the report for people: of iq-stats, and of iq-top. */
#ifndef IQ_STATS_TEXT_H
#define IQ_STATS_TEXT_H

#include "stats.h"

/* All but the tables; how many lines that was */
size_t stats_text_head(const struct summary *s, const struct report *r);
/* The first n distributions */
void stats_text_distributions(const struct summary *s, const struct report *r,
	size_t n);
/* By name; the busiest only when there are not lines for all. */
void stats_text_types(const struct summary *s, const struct report *r,
	size_t lines);
/* A line for each of these types, in this order */
void stats_text_table(const struct summary *s, const struct report *r,
	const struct type_stats *const *types, size_t n);
/* Without the line for the head */
void stats_text_workers(const struct summary *s, const struct report *r,
	size_t lines);
/* The workers, and what attempts of each type take on each host, as far as
 * there are lines */
void stats_text_hosts(const struct summary *s, const struct report *r,
	size_t lines);
/* A cell; "-" unless known */
void stats_text_measure(struct table *t, enum metric m, int64_t v,
	bool known);

#endif
