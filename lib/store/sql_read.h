/* The statements of reports: list, why, stats, check. See sql.h; those of
 * check are in sql_check.h. */
#ifndef IQ_SQL_READ_H
#define IQ_SQL_READ_H

#include "store/sql_check.h"

/* A type and its children; '0' is what follows '/' */
#define TYPE_WITHIN(parameter) \
	"(SELECT id FROM type WHERE name = " parameter " OR (name > " \
	parameter " || '/' AND name < " parameter " || '0'))"

/* Where a live job is: one whose time has come is ready, also before a claim
 * has seen that; now is a parameter. */
#define DUE(t, now) "(" t ".state = 2 AND " t ".run_at <= " now ")"
#define STATE_NOW(t, now) \
	"CASE WHEN " DUE(t, now) " THEN 1 ELSE " t ".state END"

/* Of a list: $1 < id <= $2, $3 states, $4 type, $5 since, $6 until, $7
 * reason, $8 key, $9 group */
#define LISTED(t, state) \
	" AND (1 << " state ") & $3" \
	" AND ($4 IS NULL OR " t ".type IN " TYPE_WITHIN("$4") ")" \
	" AND ($5 = 0 OR " t ".created_at >= $5)" \
	" AND ($6 = 0 OR " t ".created_at < $6)" \
	" AND ($7 = 0 OR " t ".reason = $7)" \
	" AND ($8 IS NULL OR " t ".key = $8)" \
	" AND ($9 IS NULL OR " t ".\"group\" = $9)"

/* The live jobs of a key, from the newest, which the index has, to the
 * oldest; of a type and its children, or of all */
#define LINE_OF_KEY(type_name, of) \
	"WITH RECURSIVE line(id, older) AS (SELECT id, older FROM job" \
	" WHERE type IN (SELECT id FROM type WHERE " type_name " IS NULL" \
	" OR id IN " TYPE_WITHIN(type_name) ") AND key = " of \
	" AND newer IS NULL UNION SELECT o.id, o.older FROM line" \
	" JOIN job o ON o.id = line.older) SELECT id FROM line"

/* Of live ones, a part of them that an index finds; $10 only retries of what
 * is delayed, $11 now */
#define LIST_LIVE_ROWS(which) \
	"SELECT j.id, j.type, j.lane, " STATE_NOW("j", "$11") ", j.created_at, j.key, j.path," \
	" j.no_path, j.event, j.attempt, j.attempts, j.crashes, j.run_at," \
	" CASE WHEN " DUE("j", "$11") " THEN j.run_at ELSE" \
	" coalesce(j.eligible_at, CASE j.state WHEN 5 THEN a.eligible_at END)" \
	" END," \
	" coalesce(j.size_bytes, a.input), j.max_attempts," \
	" j.\"group\", j.payload, coalesce(j.reason, a.reason)," \
	" coalesce(j.exit, a.exit)," \
	" CASE j.state WHEN 4 THEN (SELECT at FROM event WHERE seq = j.claim)" \
	" ELSE coalesce(j.started_at, a.started_at) END," \
	" CASE j.state WHEN 4 THEN NULL" \
	" ELSE coalesce(j.finished_at, a.finished_at) END," \
	" coalesce(j.error, a.error)," \
	" coalesce(l.worker, a.worker), a.cpu, a.max_rss, a.read," \
	" a.written, a.io_operations, a.system_cpu, a.system_memory, NULL" \
	" FROM job j" \
	" LEFT JOIN lease l ON j.state = 4 AND l.claim = j.claim" \
	" AND l.slot = j.slot" \
	" LEFT JOIN history a ON j.state <> 4" \
	" AND a.id = " HISTORY_ID("j.id", "j.attempt") \
	" WHERE j.id > $1 AND j.id <= $2" which \
	LISTED("j", STATE_NOW("j", "$11")) \
	" AND ($10 = 0 OR " STATE_NOW("j", "$11") " <> 2 OR j.attempts > 0)" \
	" ORDER BY j.id"

#define FAILURES_OF(table) "SELECT minute, type, reason, exit, n," \
	" quarantined, cancelled, first_at, last_at, job, attempt" \
	" FROM " table " WHERE (minute, type, reason, exit) > ($1, $2, $3, $4)" \
	" AND minute < $5 ORDER BY minute, type, reason, exit"
/* What migrations/1009-failure.sql makes of it, minute by minute: outcome 6 is
 * a crash, 0, 7 and 8 are no failures. */
#define FAILURES_PAST "SELECT finished_at / 60000000000 AS minute, type," \
	" iif(outcome = 6, 12, reason) AS reason," \
	" iif(outcome = 6, 0, coalesce(exit, 0)) AS exit, count(*) AS n," \
	" sum(state = 5) AS quarantined, sum(state = 7) AS cancelled," \
	" min(finished_at) AS first_at, max(finished_at) AS last_at, job," \
	" attempt FROM history WHERE outcome BETWEEN 1 AND 6 GROUP BY 1, 2, 3, 4"

#define SQL_READ \
SQL(BACKLOG_LANES, \
	"SELECT id, ready, delayed, waiting, running FROM lane") \
SQL(LIST_LIVE_END, \
	"SELECT max(id) FROM (SELECT id FROM job WHERE id > $1" \
	" ORDER BY id LIMIT $2)") \
SQL(LIST_GROUP_END, \
	"SELECT max(id) FROM (SELECT id FROM job WHERE id > $1" \
	" AND \"group\" = $3 ORDER BY id LIMIT $2)") \
SQL(LIST_KEY_END, \
	"SELECT max(id) FROM (SELECT id FROM (" LINE_OF_KEY("$4", "$3") ")" \
	" WHERE id > $1 ORDER BY id LIMIT $2)") \
SQL(LIST_RUNNING_END, \
	"SELECT max(id) FROM (SELECT h.id FROM " HELD \
	" WHERE h.id > $1 ORDER BY h.id LIMIT $2)") \
SQL(LIST_ENDED_END, \
	"SELECT max(job) FROM (SELECT job FROM history" \
	" WHERE id > " LAST_OF("$1") " ORDER BY id LIMIT $2)") \
SQL(LIST_LIVE, LIST_LIVE_ROWS("")) \
SQL(LIST_LIVE_RUNNING, LIST_LIVE_ROWS(" AND j.id IN (SELECT h.id" \
	" FROM " HELD ")")) \
SQL(LIST_LIVE_GROUP, LIST_LIVE_ROWS(" AND j.\"group\" = $9")) \
SQL(LIST_LIVE_KEY, LIST_LIVE_ROWS(" AND j.id IN (" LINE_OF_KEY("$4", "$8") \
	")")) \
SQL(JOB_PROGRESS, \
	"SELECT l.progress FROM job j JOIN lease l ON l.claim = j.claim" \
	" AND l.slot = j.slot WHERE j.id = $1") \
/* What files before version 1.11 have not */ \
SQL(JOB_RECORD, \
	"SELECT (SELECT host FROM host WHERE worker <= $3" \
	" ORDER BY worker DESC LIMIT 1), limit_configured, limit_effective," \
	" source, cpu_peak, memory_mean, outcome" \
	" FROM (SELECT 1) LEFT JOIN history" \
	" ON id = " HISTORY_ID("$1", "$2")) \
/* One that was cancelled or discarded shows its last attempt, p */ \
SQL(LIST_ENDED, \
	"SELECT a.job, a.type, a.lane, a.state, a.created_at, a.key, a.path," \
	" a.no_path, a.event, a.attempt - (a.outcome IS NULL), a.attempts," \
	" a.crashes, NULL, coalesce(p.eligible_at, a.eligible_at)," \
	" coalesce(p.input, a.input), a.max_attempts," \
	" a.\"group\", a.payload, a.reason, coalesce(p.exit, a.exit)," \
	" coalesce(p.started_at, a.started_at)," \
	" coalesce(p.finished_at, a.finished_at)," \
	" coalesce(p.error, a.error), coalesce(p.worker, a.worker)," \
	" coalesce(p.cpu, a.cpu), coalesce(p.max_rss, a.max_rss)," \
	" coalesce(p.read, a.read), coalesce(p.written, a.written)," \
	" coalesce(p.io_operations, a.io_operations)," \
	" coalesce(p.system_cpu, a.system_cpu)," \
	" coalesce(p.system_memory, a.system_memory), a.finished_at" \
	" FROM history a LEFT JOIN history p ON a.outcome IS NULL" \
	" AND p.id = a.id - 1 AND p.job = a.job" \
	" WHERE a.id > " LAST_OF("$1") " AND a.id <= " LAST_OF("$2") \
	" AND a.lane IS NOT NULL" \
	LISTED("a", "a.state") \
	" AND" LAST_ROW("a") " ORDER BY a.id") \
SQL(OUTPUT_JOB, "SELECT state, attempt FROM job WHERE id = $1") \
SQL(OUTPUT_GET, "SELECT out, errout FROM output WHERE job = $1") \
SQL(WHY_JOB, \
	"SELECT type, lane, state, run_at, older, attempts, reason, claim," \
	" slot, max_attempts, ordered FROM job WHERE id = $1") \
SQL(WHY_ENDED, \
	"SELECT state, reason, finished_at FROM history" \
	" WHERE " OF_JOB("$1") " ORDER BY id DESC LIMIT 1") \
SQL(WHY_PARENTS, \
	"SELECT d.parent, coalesce(j.state, (SELECT a.state FROM history a" \
	" WHERE a." OF_JOB("d.parent") " ORDER BY a.id DESC LIMIT 1))" \
	" FROM dependency d LEFT JOIN job j ON j.id = d.parent" \
	" WHERE d.job = $1 ORDER BY d.parent LIMIT 100") \
SQL(WHY_UNHEARD, \
	"SELECT EXISTS(SELECT 1 FROM unheard" \
	" WHERE parent = $1 AND child < $2)") \
SQL(WHY_AHEAD, \
	"SELECT count(*) FROM job WHERE state = 1 AND lane = $1 AND id < $2") \
SQL(PAUSE_OF_QUEUE, \
	"SELECT paused, paused_until, pause_reason FROM queue") \
SQL(PAUSE_OF_TYPE, \
	"SELECT paused, paused_until, pause_reason FROM type WHERE id = $1") \
SQL(CREW, \
	"SELECT w.id, w.host, w.boot, w.pid, w.start, w.types, w.own_command," \
	" w.slots, w.started_at, w.heartbeat_at, coalesce(l.n, 0), w.lease," \
	" w.heartbeat_boot" \
	" FROM worker w LEFT JOIN (SELECT worker, count(DISTINCT slot) AS n FROM lease" \
	" GROUP BY worker) l ON l.worker = w.id ORDER BY w.id") \
SQL(STATS_LANES, \
	"SELECT id, ready, delayed, waiting, running, quarantined," \
	" succeeded, cancelled FROM lane") \
SQL(SERVICE, \
	"SELECT id, ready, running, claimed_at, claimed, cost FROM lane") \
SQL(STATS_DUE, \
	"SELECT lane, run_at, id FROM job" \
	" WHERE state = 2 AND run_at = $1 AND id > $2 UNION ALL" \
	" SELECT lane, run_at, id FROM job" \
	" WHERE state = 2 AND run_at > $1 AND run_at <= $3" \
	" ORDER BY run_at, id LIMIT $4") \
SQL(STATS_HEAD, \
	"SELECT min(eligible_at) FROM (SELECT eligible_at FROM job" \
	" WHERE state = 1 AND lane = $1 ORDER BY id LIMIT 32)") \
SQL(STATS_METRIC, \
	"SELECT minute, type, metric, n, sum, min, max FROM metric" \
	" WHERE (minute, type, metric) > ($1, $2, $3) AND minute < $4" \
	" ORDER BY minute, type, metric LIMIT $5") \
SQL(STATS_METRIC_BUCKETS, \
	"SELECT minute, type, metric, n, sum, min, max, buckets FROM metric" \
	" WHERE (minute, type, metric) > ($1, $2, $3) AND minute < $4" \
	" ORDER BY minute, type, metric LIMIT $5") \
SQL(STATS_HIST, \
	"SELECT minute, type, metric, bucket, n FROM hist" \
	" WHERE (minute, type, metric, bucket) > ($1, $2, $3, $4)" \
	" AND minute < $5 ORDER BY minute, type, metric, bucket LIMIT $6") \
SQL(STATS_FAILURE, FAILURES_OF("failure") " LIMIT $6") \
/* In a file from before there was that table, which grows no more: without a
 * limit, since all of the history has to be read for it. */ \
SQL(STATS_FAILURE_PAST, FAILURES_OF("(" FAILURES_PAST ")") " LIMIT $6 * 1000000") \
SQL(ATTEMPT_ERROR, \
	"SELECT error FROM history WHERE id = " HISTORY_ID("$1", "$2")) \
SQL(AVERAGES, \
	"SELECT type, host, updated_at, duration, cpu_percent, memory" \
	" FROM average") \
SQL(METRIC_LAST, "SELECT max(minute) FROM metric") \
SQL(SPAN_HAS, "SELECT 1 FROM metric WHERE minute = $1 LIMIT 1") \
SQL(GROUP_LIVES, \
	"SELECT EXISTS(SELECT 1 FROM job WHERE \"group\" = $1" \
	" AND state <> 5)") \
SQL(WAIT_GROUP, \
	"SELECT count(*) FROM job WHERE \"group\" = $1 AND state <> 5") \
SQL(GROUP_KNOWN, \
	"SELECT EXISTS(SELECT 1 FROM job WHERE \"group\" = $1)" \
	" OR EXISTS(SELECT 1 FROM history WHERE \"group\" = $1" \
	" ORDER BY id DESC)") \
SQL(LOG, \
	"SELECT seq, at, kind, actor, moves, detail, hash FROM event" \
	" WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3") \
SQL(FORGOTTEN, \
	"SELECT moves FROM event WHERE kind = $2 AND seq > coalesce((" \
	"SELECT seq FROM event WHERE at < $1 ORDER BY seq DESC LIMIT 1), 0)") \
SQL(ANCHORS, \
	"SELECT event, seq, hash, pruned, epoch, seal FROM anchor" \
	" ORDER BY id") \
SQL(ANCHOR_EPOCH, "SELECT max(epoch) FROM anchor") \
SQL(ANCHOR_INSERT, \
	"INSERT INTO anchor(id, event, made_at, seq, hash, pruned, epoch," \
	" seal) VALUES((SELECT coalesce(max(id), 0) + 1 FROM anchor), $1, $2," \
	" $3, $4, $5, $6, $7)") \
SQL(LOG_BEGINNING, \
	"SELECT a.seq, a.hash, e.kind, e.detail FROM anchor a LEFT JOIN event e" \
	" ON e.seq = a.event WHERE a.pruned = 1 ORDER BY a.id DESC LIMIT 1") \
SQL(LOG_FLOOR, "SELECT min(claim) FROM lease") \
SQL(LOG_PRUNE, "DELETE FROM event WHERE seq <= $1") \
SQL(LOG_HASH, "SELECT hash FROM event WHERE seq = $1") \
SQL(LOG_HASH_ANCHORED, \
	"SELECT hash FROM event WHERE seq = $1 UNION ALL" \
	" SELECT hash FROM anchor WHERE seq = $1 AND pruned = 1 LIMIT 1") \
SQL(LOG_FIRST, "SELECT min(seq) FROM event") \
SQL(LOG_KIND_LAST, \
	"SELECT seq FROM event WHERE kind = $1 ORDER BY seq DESC LIMIT 1") \
SQL(LOG_TIME, \
	"SELECT seq, at FROM event WHERE seq >= $1 ORDER BY seq LIMIT 1") \
/* A path is stored only where it is not the key. */ \
SQL(LOG_PATHS, \
	"SELECT id, path FROM (SELECT id, coalesce(path, key) AS path FROM job" \
	" WHERE id BETWEEN $1 AND $2 AND no_path IS NULL" \
	" UNION ALL SELECT a.job, coalesce(a.path, a.key) FROM history a" \
	" WHERE a.id BETWEEN " FIRST_OF("$1") " AND " LAST_OF("$2") \
	" AND a.lane IS NOT NULL" \
	" AND a.no_path IS NULL AND" LAST_ROW("a") ")" \
	" WHERE path IS NOT NULL ORDER BY id LIMIT $3") \
SQL(QUEUE_UUID, "SELECT uuid FROM queue") \
SQL(LIVE_FROM, "SELECT count(*) FROM job WHERE id >= $1") \
SQL(INFO_QUEUE, \
	"SELECT uuid, created_at, (SELECT sum(ready + delayed + waiting" \
	" + running + quarantined) FROM lane)," \
	" (SELECT sum(succeeded + cancelled) FROM lane)," \
	" (SELECT max(seq) FROM event) - (SELECT min(seq) FROM event) + 1" \
	" FROM queue") \
SQL_CHECK

#endif
