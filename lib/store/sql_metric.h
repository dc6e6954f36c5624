/* The part of sql.h that counts, and makes counts coarser */
#ifndef IQ_SQL_METRIC_H
#define IQ_SQL_METRIC_H

/* A row of failure comes to one that is there. */
#define FAILURE_MORE " ON CONFLICT(minute, type, reason, exit) DO UPDATE" \
	" SET n = n + excluded.n, quarantined = quarantined" \
	" + excluded.quarantined, cancelled = cancelled + excluded.cancelled," \
	" first_at = min(first_at, excluded.first_at)," \
	" job = iif(excluded.last_at >= last_at, excluded.job, job)," \
	" attempt = iif(excluded.last_at >= last_at, excluded.attempt," \
	" attempt), last_at = max(last_at, excluded.last_at)"

#define SQL_METRIC \
SQL(METRIC_COUNT, \
	"UPDATE metric SET n = n + $4" \
	" WHERE minute = $1 AND type = $2 AND metric = $3") \
SQL(METRIC_FIRST, \
	"INSERT INTO metric(minute, type, metric, n, sum, min, max)" \
	" VALUES($1, $2, $3, $4, 0, 0, 0)") \
SQL(METRIC_ADD, \
	"INSERT INTO metric(minute, type, metric, n, sum, min, max, buckets)" \
	" VALUES($1, $2, $3, $4, $5, $6, $7, $8)" \
	" ON CONFLICT(minute, type, metric) DO UPDATE SET" \
	" buckets = coalesce(excluded.buckets, buckets)," \
	" n = n + excluded.n, sum = CASE" \
	" WHEN sum > 9223372036854775807 - excluded.sum" \
	" THEN 9223372036854775807 ELSE sum + excluded.sum END," \
	" min = min(min, excluded.min), max = max(max, excluded.max)") \
SQL(METRIC_MORE, \
	"UPDATE metric SET n = n + $4, sum = CASE" \
	" WHEN sum > 9223372036854775807 - $5" \
	" THEN 9223372036854775807 ELSE sum + $5 END," \
	" min = min(min, $6), max = max(max, $7), buckets = $8" \
	" WHERE minute = $1 AND type = $2 AND metric = $3") \
SQL(METRIC_BUCKETS, \
	"SELECT buckets FROM metric" \
	" WHERE minute = $1 AND type = $2 AND metric = $3") \
SQL(METRIC_SET_BUCKETS, \
	"UPDATE metric SET buckets = $4" \
	" WHERE minute = $1 AND type = $2 AND metric = $3") \
SQL(SAMPLE_INSERT, \
	"INSERT INTO sample(at, type, host, ingested, wait, duration, cpu," \
	" max_rss, read, written, permit_cpu, permit_io, input)" \
	" VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)") \
SQL(SAMPLES, \
	"SELECT at, type, host, ingested, wait, duration, cpu, max_rss, read," \
	" written, permit_cpu, permit_io, input FROM sample ORDER BY id") \
SQL(SAMPLES_DELETE, "DELETE FROM sample") \
SQL(AVERAGE, \
	"SELECT updated_at, duration, cpu_percent, memory FROM average" \
	" WHERE type = $1 AND host = $2") \
SQL(AVERAGE_SET, \
	"INSERT INTO average(type, host, updated_at, duration, cpu_percent," \
	" memory) VALUES($1, $2, $3, $4, $5, $6)" \
	" ON CONFLICT(type, host) DO UPDATE SET" \
	" updated_at = excluded.updated_at, duration = excluded.duration," \
	" cpu_percent = excluded.cpu_percent, memory = excluded.memory") \
SQL(AVERAGE_DROP, \
	"DELETE FROM average WHERE type = $1 AND updated_at < $2") \
SQL(ROLLUP_DEPTH, \
	"SELECT type, sum(ready), sum(delayed), sum(waiting), sum(running)," \
	" sum(quarantined) FROM lane GROUP BY type") \
SQL(ROLLUP_SAMPLED, \
	"SELECT 1 FROM metric WHERE minute = $1 AND type = 0 AND metric = $2") \
/* Programs from before there was a table failure have left its rows behind. */ \
SQL(ROLLUP_OLDEST, \
	"SELECT minute, type FROM metric WHERE minute >= $1 AND minute < $2" \
	" UNION ALL" \
	" SELECT minute, type FROM failure WHERE minute >= $1 AND minute < $2" \
	" ORDER BY minute, type LIMIT 1") \
SQL(ROLLUP_METRIC, \
	"INSERT INTO metric(minute, type, metric, n, sum, min, max)" \
	" SELECT $3, type, metric, n, sum, min, max FROM metric" \
	" WHERE minute = $1 AND type = $2" \
	" ON CONFLICT(minute, type, metric) DO UPDATE SET" \
	" n = n + excluded.n, sum = CASE" \
	" WHEN sum > 9223372036854775807 - excluded.sum" \
	" THEN 9223372036854775807 ELSE sum + excluded.sum END," \
	" min = min(min, excluded.min), max = max(max, excluded.max)") \
SQL(ROLLUP_HIST, \
	"INSERT INTO hist(minute, type, metric, bucket, n)" \
	" SELECT $3, type, metric, bucket, n FROM hist" \
	" WHERE minute = $1 AND type = $2" \
	" ON CONFLICT(minute, type, metric, bucket) DO UPDATE SET" \
	" n = n + excluded.n") \
SQL(FAILURE_ADD, \
	"INSERT INTO failure(minute, type, reason, exit, n, quarantined," \
	" cancelled, first_at, last_at, job, attempt)" \
	" VALUES($1, $2, $3, $4, 1, $5, $6, $7, $7, $8, $9)" FAILURE_MORE) \
SQL(ROLLUP_FAILURE, \
	"INSERT INTO failure(minute, type, reason, exit, n, quarantined," \
	" cancelled, first_at, last_at, job, attempt)" \
	" SELECT $3, type, reason, exit, n, quarantined, cancelled, first_at," \
	" last_at, job, attempt FROM failure" \
	" WHERE minute = $1 AND type = $2" FAILURE_MORE) \
SQL(ROLLUP_METRIC_DROP, \
	"DELETE FROM metric WHERE minute = $1 AND type = $2") \
SQL(ROLLUP_HIST_DROP, \
	"DELETE FROM hist WHERE minute = $1 AND type = $2") \
SQL(ROLLUP_FAILURE_DROP, \
	"DELETE FROM failure WHERE minute = $1 AND type = $2")

#endif
