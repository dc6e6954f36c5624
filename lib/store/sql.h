/*
 * Every statement, in one place: SQL(NAME, "text").  SQLite's dialect, but
 * with $1 placeholders, RETURNING and ON CONFLICT as PostgreSQL has them.
 * Numbers in the text are those of enum state (rules/state.h):
 * 1 ready, 2 delayed, 3 waiting, 4 running, 5 quarantined.
 */
#ifndef IQ_SQL_H
#define IQ_SQL_H

#include "store/sql_history.h"
#include "store/sql_metric.h"
#include "store/sql_prune.h"
#include "store/sql_read.h"
#include "store/sql_scan.h"

#define SQL_STATEMENTS SQL_TX SQL_METRIC SQL_CATALOG SQL_ENQUEUE SQL_TURN \
	SQL_WORKER SQL_CONTROL SQL_PRUNE SQL_READ SQL_SCAN SQL_MEND

#define LANE_COUNTS "ready = ready + $2, delayed = delayed + $3," \
	" waiting = waiting + $4, running = running + $5," \
	" quarantined = quarantined + $6, succeeded = succeeded + $7," \
	" cancelled = cancelled + $8"

#define SQL_TX \
SQL(BEGIN_WRITE, "BEGIN IMMEDIATE") \
SQL(BEGIN_READ, "BEGIN") \
SQL(COMMIT, "COMMIT") \
SQL(ROLLBACK, "ROLLBACK") \
SQL(APPLICATION, "PRAGMA application_id") \
SQL(VERSION, "PRAGMA user_version") \
SQL(PAGES, "PRAGMA page_count") \
SQL(FREE_PAGES, "PRAGMA freelist_count") \
SQL(PAGE_SIZE, "PRAGMA page_size") \
SQL(TABLES, "SELECT count(*) FROM sqlite_schema") \
SQL(DATA_VERSION, "PRAGMA data_version") \
SQL(QUEUE, \
	"SELECT next_job, next_worker, generation, lock_inode, lock_boot," \
	" paused, paused_until FROM queue") \
SQL(GENERATION_STEP, "UPDATE queue SET generation = generation + 1") \
SQL(QUEUE_UPDATE, \
	"UPDATE queue SET next_job = $1, next_worker = $2," \
	" generation = generation + $3") \
SQL(QUEUE_STEP, "UPDATE queue SET next_job = next_job + $1") \
SQL(QUEUE_INODE, "SELECT lock_inode FROM queue") \
SQL(QUEUE_LOCK, "UPDATE queue SET lock_inode = $1, lock_boot = $2") \
SQL(GENERATION_PASS, \
	"UPDATE queue SET generation = max(generation, $1) + 1") \
SQL(QUEUE_BUSY, \
	"SELECT EXISTS(SELECT 1 FROM lease) OR EXISTS(SELECT 1 FROM worker)") \
SQL(EVENT_LAST, "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1") \
SQL(EVENT_AT, "SELECT at FROM event WHERE seq = $1") \
SQL(EVENT_IS, \
	"SELECT EXISTS(SELECT 1 FROM event WHERE seq = $1 AND hash = $2)") \
SQL(EVENT_INSERT, \
	"INSERT INTO event(seq, at, kind, actor, moves, detail, hash)" \
	" VALUES($1, $2, $3, $4, $5, $6, $7)") \
SQL(LANE_ADD, "UPDATE lane SET " LANE_COUNTS " WHERE id = $1") \
SQL(LANE_SERVE, \
	"UPDATE lane SET " LANE_COUNTS ", vtime = max(0.0, vtime + $9)," \
	" vstart = max(vstart, $10)," \
	" cost = CASE WHEN cost > 0 THEN cost * $11 + $12 ELSE $13 END," \
	" claimed = CASE WHEN $14 IS NULL THEN claimed ELSE $15 END," \
	" claimed_at = coalesce($14, claimed_at) WHERE id = $1") \
SQL(LANE_ADD_READY, "UPDATE lane SET ready = ready + $2 WHERE id = $1")

#define SQL_CATALOG \
SQL(CATALOG_TYPES, \
	"SELECT id, name, paused, paused_until, remember FROM type") \
SQL(CATALOG_LANES, "SELECT id, type, class, priority FROM lane ORDER BY id") \
SQL(CATALOG_SETTINGS, "SELECT type, key, value FROM setting") \
SQL(TYPE_INSERT, "INSERT INTO type(name) VALUES($1) RETURNING id") \
SQL(LANE_INSERT, \
	"INSERT INTO lane(type, class, priority) VALUES($1, $2, $3)" \
	" RETURNING id") \
SQL(SETTING_SET, \
	"INSERT INTO setting(type, key, value) VALUES($1, $2, $3)" \
	" ON CONFLICT(type, key) DO UPDATE SET value = excluded.value") \
SQL(SETTING_UNSET, "DELETE FROM setting WHERE type = $1 AND key = $2") \
SQL(TYPE_REMEMBER, \
	"UPDATE type SET remember = $2 WHERE id = $1") \
SQL(TYPE_PAUSE, \
	"UPDATE type SET paused = $2, paused_until = $3, pause_reason = $4" \
	" WHERE id = $1") \
SQL(QUEUE_PAUSE, \
	"UPDATE queue SET paused = $1, paused_until = $2, pause_reason = $3")

/* Of the jobs of a key the one that was enqueued last is remembered, in
 * whatever order they end. */
#define SEEN_NEWEST \
	" ON CONFLICT(type, key) DO UPDATE SET job = excluded.job," \
	" created_at = excluded.created_at WHERE excluded.job >= seen.job"

#define SQL_ENQUEUE \
SQL(JOB_INSERT, \
	"INSERT INTO job(id, type, lane, state, created_at, key, path," \
	" no_path, event, run_at, eligible_at, older, size_bytes, mtime," \
	" max_attempts, timeout, parent_failure, \"group\", payload)" \
	" VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14," \
	" $15, $16, $17, $18, $19) ON CONFLICT DO NOTHING") \
SQL(JOB_BY_KEY, \
	"SELECT id, lane, state, created_at, run_at, attempt, older, event" \
	" FROM job WHERE type = $1 AND key = $2 AND newer IS NULL") \
SQL(JOB_NEWER, "UPDATE job SET newer = $2 WHERE id = $1") \
SQL(JOB_MERGE, \
	"UPDATE job SET lane = $2, state = $3, run_at = $4," \
	" event = coalesce($5, event), mtime = $7," \
	/* who is ready already has been so for longer */ \
	" eligible_at = CASE WHEN state = 1 AND $3 = 1 THEN eligible_at" \
	" ELSE $6 END WHERE id = $1") \
SQL(JOB_REPLACE, \
	"UPDATE job SET lane = $2, state = $3, run_at = $4, event = $5," \
	" eligible_at = $6, path = $7, no_path = $8, size_bytes = $9," \
	" mtime = $10, max_attempts = $11, timeout = $12," \
	" parent_failure = $13, \"group\" = $14, payload = $15 WHERE id = $1") \
SQL(DEPENDENCY_INSERT, \
	"INSERT INTO dependency(job, parent) VALUES($1, $2)" \
	" ON CONFLICT DO NOTHING") \
SQL(DEPENDENCY_DELETE_JOB, \
	"DELETE FROM dependency WHERE job = $1") \
SQL(DEPENDENCY_ANY, \
	"SELECT 1 FROM dependency WHERE job = $1 LIMIT 1") \
SQL(DEPENDENCIES, "SELECT EXISTS(SELECT 1 FROM dependency)") \
SQL(DEPENDENCY_PATH, \
	"WITH RECURSIVE up(id) AS (SELECT $1 UNION SELECT d.parent" \
	" FROM up JOIN dependency d ON d.job = up.id)" \
	" SELECT 1 FROM up JOIN job j ON j.id = up.id" \
	" WHERE j.type = $2 AND j.key = $3 AND ($4 OR j.id <> $1) LIMIT 1") \
SQL(JOB_STATE, "SELECT state FROM job WHERE id = $1") \
SQL(ENDED_STATE, \
	"SELECT state, newer FROM history WHERE " OF_JOB("$1") \
	" ORDER BY id DESC LIMIT 1") \
SQL(SEEN_FIND, \
	"SELECT job, created_at FROM seen WHERE type = $1 AND key = $2") \
SQL(SEEN_ADD, \
	"INSERT INTO seen(job, type, key, created_at) VALUES($1, $2, $3, $4)" \
	SEEN_NEWEST) \
SQL(SEEN_FILL, \
	"INSERT INTO seen(job, type, key, created_at)" \
	" SELECT job, type, key, created_at FROM history" \
	" WHERE id >= " FIRST_OF("$2") " AND id < " FIRST_OF("$3") \
	" AND type = $1 AND key IS NOT NULL ORDER BY id" SEEN_NEWEST) \
SQL(HISTORY_AT, \
	"SELECT job, created_at FROM history WHERE id >= " FIRST_OF("$1") \
	" ORDER BY id LIMIT 1") \
SQL(SEEN_PRUNE, \
	"DELETE FROM seen WHERE job IN (SELECT job FROM" \
	" (SELECT job, created_at FROM seen ORDER BY job LIMIT $2)" \
	" WHERE created_at < $1)")

/* Neither to others of its key, nor to what an earlier attempt has left */
#define NO_TIES "newer IS NULL AND older IS NULL AND reason IS NULL"

#define SQL_TURN \
SQL(JOB_DONE, \
	"DELETE FROM job WHERE id = $1 AND claim = $2 AND slot = $3" \
	" AND state = 4 AND " NO_TIES) \
/* From row to row: what lies between is looked at, too (finish.c) */ \
SQL(LEASE_PLAIN, \
	"SELECT id FROM job WHERE id BETWEEN $3 AND $4 AND state = 4" \
	" AND claim = $1 AND slot = $2 AND " NO_TIES " ORDER BY id") \
SQL(LEASE_DONE, \
	"DELETE FROM job WHERE id BETWEEN $3 AND $4 AND state = 4" \
	" AND claim = $1 AND slot = $2 AND " NO_TIES) \
SQL(JOB_DELETE, "DELETE FROM job WHERE id = $1") \
SQL(JOB_HELD, \
	"SELECT " JOB_FROZEN " FROM job WHERE id = $1 AND claim = $2" \
	" AND slot = $3 AND state = 4") \
SQL(JOB_FIND, "SELECT " JOB_FROZEN ", state, claim, slot FROM job" \
	" WHERE id = $1") \
SQL(JOB_AGAIN, \
	"UPDATE job SET state = $2, claim = NULL, slot = NULL, run_at = $3," \
	" eligible_at = $4, attempts = $5, crashes = $6, alone = $7," \
	" reason = $8, exit = $9, started_at = $10, finished_at = $11," \
	" error = $12, ordered = NULL WHERE id = $1") \
SQL(JOB_UNCLAIM, \
	"UPDATE job SET state = $2, claim = NULL, slot = NULL," \
	" attempt = attempt - 1, ordered = NULL WHERE id = $1") \
SQL(OUTPUT_SET, \
	"INSERT INTO output(job, out, errout) VALUES($1, $2, $3)" \
	" ON CONFLICT(job) DO UPDATE SET out = excluded.out," \
	" errout = excluded.errout") \
SQL(OUTPUT_DELETE, "DELETE FROM output WHERE job = $1") \
SQL(HISTORY_ADD, \
	"INSERT OR REPLACE INTO history(id, job, attempt, type, state," \
	" reason, outcome, exit, created_at, eligible_at, started_at," \
	" finished_at, claim, finish, worker, cpu, max_rss, read, written," \
	" io_operations, input," \
	" system_cpu, system_memory, error, lane, key, path, no_path, event," \
	" attempts, crashes, max_attempts, timeout, \"group\", payload, newer," \
	" limit_configured, limit_effective, source, cpu_peak, memory_mean)" \
	" VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14," \
	" $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27," \
	" $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40," \
	" $41)") \
SQL(LEASE_INSERT, \
	"INSERT INTO lease(claim, slot, worker, type, jobs, ahead, ids)" \
	" VALUES($1, $2, $3, $4, $5, $6, $7)") \
SQL(LEASE_COMPANY, \
	"UPDATE lease SET ahead = 1 WHERE claim = $1 AND slot = $2") \
SQL(LEASE_PROGRESS, \
	"UPDATE lease SET progress = $3 WHERE claim = $1 AND slot = $2") \
SQL(LEASE_LESS, \
	"UPDATE lease SET jobs = jobs - $3 WHERE claim = $1 AND slot = $2") \
SQL(LEASE_DELETE, \
	"DELETE FROM lease WHERE claim = $1 AND slot = $2 AND jobs <= $3") \
SQL(LEASE_ALONE, \
	"SELECT h.alone FROM " HELD \
	" WHERE l.claim = $1 AND l.slot = $2") \
SQL(LEASES_ALL, "SELECT claim, slot, worker, type, ahead FROM lease") \
SQL(THROTTLES, \
	"SELECT type, failures, trips, opened_at, probe_at, expected_at" \
	" FROM throttle") \
SQL(THROTTLE_SET, \
	"INSERT INTO throttle(type, failures, trips, opened_at, probe_at," \
	" expected_at) VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT(type)" \
	" DO UPDATE SET failures = excluded.failures," \
	" trips = excluded.trips, opened_at = excluded.opened_at," \
	" probe_at = excluded.probe_at," \
	" expected_at = excluded.expected_at") \
SQL(THROTTLE_DELETE, "DELETE FROM throttle WHERE type = $1") \
SQL(JOB_DUE, \
	"SELECT id, lane, older, run_at FROM job" \
	" WHERE state = 2 AND run_at <= $1 ORDER BY run_at LIMIT $2") \
SQL(JOB_PLACE, \
	"UPDATE job SET state = $2, eligible_at = $3 WHERE id = $1") \
SQL(JOB_NEXT_DUE, \
	"SELECT min(run_at) FROM job WHERE state = 2") \
SQL(LANES_READY, \
	"SELECT id, ready, vtime, vstart, cost FROM lane") \
SQL(LANE_HEAD, \
	"SELECT id, key, path, no_path, event, attempt, attempts," \
	" created_at, eligible_at, timeout, payload, alone, crashes," \
	" max_attempts, \"group\"" \
	" FROM job WHERE state = 1 AND lane = $1 AND id > $2" \
	" ORDER BY id LIMIT $3") \
/* No RETURNING: SQLite opens a temporary table for each use of that. */ \
SQL(JOB_CLAIM, \
	"UPDATE job SET state = 4, claim = $2, slot = $3," \
	" attempt = attempt + 1 WHERE id = $1 AND state = 1") \
/* OR FAIL: what fails is rolled back as a whole anyway, and else SQLite keeps a \
 * copy of each page that the statement changes, in a temporary file. */ \
SQL(LANE_CLAIM, \
	"UPDATE OR FAIL job SET state = 4, claim = $4, slot = $5," \
	" attempt = attempt + 1 WHERE state = 1 AND lane = $1" \
	" AND id BETWEEN $2 AND $3") \
/* (+: not by the index, from which these rows go) */ \
SQL(RUN_CLAIM, \
	"UPDATE OR FAIL job SET state = 4, claim = $4, slot = $5," \
	" attempt = attempt + 1 WHERE +state = 1 AND lane = $1" \
	" AND id BETWEEN $2 AND $3") \
SQL(JOB_LINKS, "SELECT state, newer, older FROM job WHERE id = $1") \
SQL(JOB_FREE, \
	"SELECT lane, state, run_at, older FROM job WHERE id = $1") \
SQL(JOB_OLDER, "UPDATE job SET older = $2 WHERE id = $1") \
SQL(JOB_LAST, "UPDATE job SET older = $2, newer = NULL WHERE id = $1") \
SQL(CHILDREN, \
	"SELECT d.job, j.parent_failure FROM dependency d" \
	" JOIN job j ON j.id = d.job WHERE d.parent = $1 AND d.job > $2" \
	" ORDER BY d.job LIMIT $3") \
SQL(UNHEARD_ADD, \
	"INSERT INTO unheard(parent, state, child) SELECT $1, $2, 0" \
	" WHERE EXISTS (SELECT 1 FROM dependency WHERE parent = $1)" \
	" ON CONFLICT(parent) DO UPDATE SET state = excluded.state, child = 0") \
SQL(UNHEARD_NEXT, \
	"SELECT u.parent, u.state, u.child, j.state FROM unheard u" \
	" LEFT JOIN job j ON j.id = u.parent ORDER BY u.child LIMIT 1") \
SQL(UNHEARD_UNTIL, "UPDATE unheard SET child = $2 WHERE parent = $1") \
SQL(UNHEARD_DELETE, "DELETE FROM unheard WHERE parent = $1") \
SQL(UNHEARD_ANY, "SELECT EXISTS(SELECT 1 FROM unheard)") \
SQL(DEPENDENCY_MOVE, \
	"UPDATE OR IGNORE dependency SET parent = $2 WHERE parent = $1") \
SQL(DEPENDENCY_DELETE_PARENT, \
	"DELETE FROM dependency WHERE parent = $1") \
SQL(CHILD_DONE, \
	"DELETE FROM dependency WHERE parent = $1 AND job = $2")

/* Columns of a job that its history row keeps, in the order of struct frozen
 * (frozen.h) */
#define JOB_FROZEN "id, type, lane, created_at, key, path, no_path, event," \
	" attempt, attempts, crashes, alone, run_at, eligible_at, newer," \
	" older, size_bytes, max_attempts, timeout, \"group\", payload," \
	" reason, exit, started_at, finished_at, error, mtime, parent_failure," \
	" ordered"

#define SQL_WORKER \
SQL(WORKER_INSERT, \
	"INSERT INTO worker(id, host, boot, pid, start, types, own_command," \
	" slots, lease, started_at, heartbeat_at, heartbeat_boot)" \
	" VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)") \
SQL(WORKER_DELETE, \
	"DELETE FROM worker WHERE id = $1" \
	" AND NOT EXISTS(SELECT 1 FROM lease WHERE worker = $1)") \
SQL(WORKER_BEAT, \
	"UPDATE worker SET heartbeat_at = $2, heartbeat_boot = $3," \
	" slots = $4" \
	" WHERE id = $1") \
SQL(WORKER_EXISTS, "SELECT 1 FROM worker WHERE id = $1") \
SQL(WORKER_KNOWN, \
	"SELECT EXISTS(SELECT 1 FROM worker WHERE id = $1)" \
	" OR EXISTS(SELECT 1 FROM lease WHERE worker = $1)") \
SQL(WORKERS_IDLE, \
	"SELECT id, boot, pid, start FROM worker WHERE id <> $1" \
	" AND id NOT IN (SELECT worker FROM lease)") \
SQL(LEASES, \
	"SELECT worker, claim, slot, ahead, jobs FROM lease" \
	" WHERE worker <> $1") \
SQL(LEASE_FIND, \
	"SELECT l.worker, l.ahead, w.boot, w.pid, w.start, w.host, w.lease," \
	" w.heartbeat_boot, (SELECT at FROM event WHERE seq = l.claim)," \
	" l.jobs FROM lease l LEFT JOIN worker w ON w.id = l.worker" \
	" WHERE l.claim = $1 AND l.slot = $2") \
SQL(LEASE_JOBS, \
	"SELECT DISTINCT h.id FROM " HELD \
	" WHERE l.claim = $1 AND l.slot = $2 ORDER BY h.id") \
/* Of one whose ids are damaged: looks at all jobs, slow where there are many */ \
SQL(LEASE_JOBS_SCAN, \
	"SELECT id FROM job WHERE +state = 4 AND claim = $1 AND slot = $2" \
	" ORDER BY id") \
SQL(ORDERS, \
	"SELECT j.id, j.ordered FROM job j JOIN lease l" \
	" ON l.claim = j.claim AND l.slot = j.slot" \
	" WHERE j.ordered IS NOT NULL AND l.worker = $1")

#define SQL_CONTROL \
SQL(JOB_ORDER, "UPDATE job SET ordered = $2 WHERE id = $1") \
SQL(JOB_REVIVE, \
	"UPDATE job SET state = $2, run_at = NULL, eligible_at = $3," \
	" attempts = 0, crashes = 0, alone = NULL, newer = NULL," \
	" older = $4 WHERE id = $1") \
SQL(JOB_QUARANTINE, \
	"UPDATE job SET state = 5, reason = $2 WHERE id = $1") \
SQL(JOB_LANE, "UPDATE job SET lane = $2 WHERE id = $1") \
SQL(JOB_RESURRECT, \
	"INSERT INTO job(id, type, lane, state, created_at, key, path," \
	" no_path, event, attempt, eligible_at, older, size_bytes," \
	" max_attempts, timeout, \"group\", payload)" \
	" VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14," \
	" $15, $16, $17)") \
SQL(ENDED, \
	"SELECT attempt, type, lane, state, outcome IS NULL, created_at," \
	" key, path, no_path, event, max_attempts, timeout, \"group\"," \
	" payload FROM history WHERE " OF_JOB("$1") \
	" ORDER BY id DESC LIMIT 1") \
SQL(ENDED_FORGET, \
	"DELETE FROM history WHERE " OF_JOB("$1") " AND outcome IS NULL")

#endif
