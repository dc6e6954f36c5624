/*
 * What must hold in a queue, as statements that find what does not: each row
 * is one sentence.  See sql.h for the numbers of states.
 */
#ifndef IQ_SQL_CHECK_H
#define IQ_SQL_CHECK_H

/* The last row of a job that does not live */
#define LAST_ROW(a) \
	" NOT EXISTS (SELECT 1 FROM history z WHERE z.id > " a ".id" \
	" AND z.id <= " LAST_OF(a ".job") ")" \
	" AND NOT EXISTS (SELECT 1 FROM job WHERE id = " a ".job)"

/* The jobs h that leases l still have, of those that they were given, pair by
 * pair: CROSS JOIN and NOT INDEXED see to it that not all jobs are looked at.
 * (By itself SQLite makes an index for such a join, of all rows.)  What cannot be read gives none. */
#define HELD \
	"lease l CROSS JOIN json_each(iif(json_valid(l.ids), l.ids, '[]')) r" \
	" CROSS JOIN job h NOT INDEXED ON h.id BETWEEN" \
	" CASE r.type WHEN 'array' THEN r.value ->> 0 END" \
	" AND CASE r.type WHEN 'array' THEN r.value ->> 1 END" \
	" AND h.state = 4 AND h.claim = l.claim AND h.slot = l.slot"

#define MANY " LIMIT 100"

/* What the lanes should count: n1 .. n5 of live jobs, n6 and n7 of ended ones */
#define RECOUNT_JOBS "SELECT lane, sum(state = 1) AS n1," \
	" sum(state = 2) AS n2, sum(state = 3) AS n3, sum(state = 4) AS n4," \
	" sum(state = 5) AS n5 FROM job GROUP BY lane"
#define RECOUNT_HISTORY "SELECT a.lane, sum(a.state = 6) AS n6," \
	" sum(a.state = 7) AS n7 FROM history a WHERE a.lane IS NOT NULL" \
	" AND" LAST_ROW("a") " GROUP BY a.lane"

/* And what the leases should be for */
#define RECOUNT_RUNNING "SELECT claim, slot, count(*) AS n FROM job" \
	" WHERE state = 4 GROUP BY claim, slot"

/* A job of its key that came before it, whichever; UNION, because in a damaged
 * queue the list may lead into a circle */
#define OLDER_RUNS(j) "EXISTS (WITH RECURSIVE line(id) AS (SELECT " j ".older" \
	" UNION SELECT o.older FROM line JOIN job o ON o.id = line.id)" \
	" SELECT 1 FROM line JOIN job o ON o.id = line.id" \
	" WHERE o.state = 4)"

#define SQL_CHECK \
SQL(CHECK_LANES, \
	"SELECT 'lane ' || l.id || ' counts ready ' || l.ready" \
	" || ', delayed ' || l.delayed || ', waiting ' || l.waiting" \
	" || ', running ' || l.running || ', quarantined ' || l.quarantined" \
	" || '; a recount says ' || coalesce(c.n1, 0) || ', '" \
	" || coalesce(c.n2, 0) || ', ' || coalesce(c.n3, 0) || ', '" \
	" || coalesce(c.n4, 0) || ', ' || coalesce(c.n5, 0)" \
	" FROM lane l LEFT JOIN (" RECOUNT_JOBS ") c ON c.lane = l.id" \
	" WHERE l.ready <> coalesce(c.n1, 0)" \
	" OR l.delayed <> coalesce(c.n2, 0)" \
	" OR l.waiting <> coalesce(c.n3, 0)" \
	" OR l.running <> coalesce(c.n4, 0)" \
	" OR l.quarantined <> coalesce(c.n5, 0)") \
SQL(CHECK_HISTORY, \
	"SELECT 'lane ' || l.id || ' counts succeeded ' || l.succeeded" \
	" || ', cancelled ' || l.cancelled || '; a recount says '" \
	" || coalesce(c.n6, 0) || ', ' || coalesce(c.n7, 0)" \
	" FROM lane l LEFT JOIN (" RECOUNT_HISTORY ") c ON c.lane = l.id" \
	" WHERE l.succeeded <> coalesce(c.n6, 0)" \
	" OR l.cancelled <> coalesce(c.n7, 0)") \
SQL(CHECK_LANE_TIME, \
	"SELECT 'lane ' || id || ' has a virtual time of ' || vtime || ', to" \
	" which no service leads: whose turn it is cannot be told' FROM lane" \
	" WHERE NOT vtime BETWEEN 0 AND 1e15" MANY) \
SQL(CHECK_LANE_TYPE, \
	"SELECT 'lane ' || id || ': its type ' || type || ' does not exist'" \
	" FROM lane WHERE type NOT IN (SELECT id FROM type)" MANY) \
SQL(CHECK_JOB_LANE, \
	"SELECT 'job ' || j.id || ': its lane ' || j.lane || ' does not" \
	" exist or is of another type' FROM job j LEFT JOIN lane l" \
	" ON l.id = j.lane AND l.type = j.type WHERE l.id IS NULL" MANY) \
SQL(CHECK_STATE, \
	"SELECT 'job ' || id || CASE WHEN state = 4 THEN ' runs without a" \
	" claim' WHEN claim IS NULL AND slot IS NULL THEN ' is delayed and" \
	" has no time to start' ELSE ' does not run and has a claim' END" \
	" FROM job" \
	" WHERE (state = 2 AND run_at IS NULL) OR (state = 4 AND" \
	" (claim IS NULL OR slot IS NULL)) OR (state <> 4 AND" \
	" (claim IS NOT NULL OR slot IS NOT NULL))" MANY) \
SQL(CHECK_RUNNING, \
	"SELECT 'job ' || j.id || ' runs without a lease' FROM job j" \
	" WHERE j.state = 4 AND NOT EXISTS (SELECT 1 FROM lease l" \
	" WHERE l.claim = j.claim AND l.slot = j.slot)" MANY) \
SQL(CHECK_LEASE_JOBS, \
	"SELECT 'the lease of claim ' || l.claim || ', slot ' || l.slot" \
	" || ' is for ' || l.jobs || CASE l.jobs WHEN 1 THEN ' job' ELSE" \
	" ' jobs' END || '; running are ' || coalesce(c.n, 0)" \
	" FROM lease l LEFT JOIN (" RECOUNT_RUNNING ") c" \
	" ON c.claim = l.claim AND c.slot = l.slot" \
	" WHERE l.jobs <> coalesce(c.n, 0)" MANY) \
SQL(CHECK_LEASE_IDS, \
	"SELECT 'job ' || j.id || ' runs and is not among those that its" \
	" lease was given' FROM job j JOIN lease USING (claim, slot)" \
	" WHERE j.state = 4 AND j.id NOT IN (SELECT h.id FROM " HELD ")" MANY) \
SQL(CHECK_LEASE_WORKER, \
	"SELECT 'the lease of claim ' || claim || ', slot ' || slot" \
	" || ': its worker ' || worker || ' does not exist' FROM lease" \
	" WHERE worker NOT IN (SELECT id FROM worker)" MANY) \
SQL(CHECK_LEASE_EVENT, \
	"SELECT 'the lease of claim ' || claim || ', slot ' || slot" \
	" || ' has no event that claimed it' FROM lease" \
	" WHERE NOT EXISTS (SELECT 1 FROM event WHERE seq = claim" \
	" AND kind = 5)" MANY) \
SQL(CHECK_KEY_TWICE, \
	"SELECT 'jobs ' || min(id) || ' and ' || max(id) || ' have the same" \
	" key and may run at once' FROM job WHERE key IS NOT NULL" \
	" AND state IN (1, 4) GROUP BY type, key HAVING count(*) > 1" MANY) \
SQL(CHECK_KEY_NEWER, \
	"SELECT 'job ' || j.id || ' is followed by job ' || j.newer" \
	" || ' of its key, which does not follow it' FROM job j" \
	" LEFT JOIN job n ON n.id = j.newer AND n.older = j.id" \
	" AND n.type = j.type AND n.key = j.key" \
	" WHERE j.newer IS NOT NULL AND n.id IS NULL" MANY) \
SQL(CHECK_KEY_OLDER, \
	"SELECT 'job ' || j.id || ' follows job ' || j.older" \
	" || ' of its key, which is not followed by it' FROM job j" \
	" LEFT JOIN job o ON o.id = j.older AND o.newer = j.id" \
	" WHERE j.older IS NOT NULL AND o.id IS NULL" MANY) \
SQL(CHECK_KEY_PLACE, \
	"SELECT 'job ' || id || ' was never started and is followed by job '" \
	" || newer || ' of its key' FROM job WHERE newer IS NOT NULL" \
	" AND state NOT IN (4, 5)" MANY) \
SQL(CHECK_WAITING, \
	"SELECT 'job ' || j.id || ' waits for nothing' FROM job j" \
	" WHERE j.state = 3 AND NOT EXISTS (SELECT 1 FROM dependency" \
	" WHERE job = j.id) AND NOT " OLDER_RUNS("j") MANY) \
SQL(CHECK_CHILD, \
	"SELECT 'job ' || d.job || ' does not live and waits for job '" \
	" || d.parent FROM dependency d WHERE NOT EXISTS (SELECT 1 FROM job" \
	" WHERE id = d.job)" MANY) \
SQL(CHECK_CHILD_STATE, \
	"SELECT 'job ' || j.id || ' may run and has not seen the end of job '" \
	" || d.parent FROM dependency d JOIN job j ON j.id = d.job" \
	" WHERE j.state IN (1, 4)" MANY) \
SQL(CHECK_PARENT, \
	"SELECT 'job ' || d.job || ' waits for job ' || d.parent" \
	" || ', which has succeeded' FROM dependency d JOIN history a" \
	" NOT INDEXED ON a." OF_JOB("d.parent") \
	" WHERE a.state = 6 AND NOT EXISTS (SELECT 1 FROM unheard u" \
	" WHERE u.parent = d.parent AND u.child < d.job)" MANY) \
SQL(CHECK_OUTPUT, \
	"SELECT 'output of job ' || job || ', which does not live'" \
	" FROM output WHERE job NOT IN (SELECT id FROM job)" MANY) \
SQL(CHECK_TWO_LIVES, \
	"SELECT 'job ' || j.id || ' lives, although it has succeeded'" \
	" FROM job j JOIN history a NOT INDEXED ON a." OF_JOB("j.id") \
	" WHERE a.state = 6" MANY) \
SQL(CHECK_ATTEMPT, \
	"SELECT 'attempt ' || attempt || ' of job ' || job || ' is in no" \
	" state that an attempt can end in (' || state || ')' FROM history" \
	" WHERE state NOT BETWEEN 1 AND 7 OR (lane IS NOT NULL" \
	" AND state NOT IN (6, 7))" MANY) \
SQL(CHECK_ATTEMPT_ID, \
	"SELECT 'attempt ' || attempt || ' of job ' || job || ' has the place" \
	" of another' FROM history WHERE id <> " \
	HISTORY_ID("job", "attempt") MANY) \
SQL(CHECK_IDS, \
	"SELECT 'the next job would be ' || next_job || ', but there is one'" \
	" FROM queue WHERE next_job <= max(" \
	" coalesce((SELECT max(id) FROM job), 0)," \
	" coalesce((SELECT max(id) >> 20 FROM history), 0))") \
SQL(CHECK_WORKER_IDS, \
	"SELECT 'the next worker would be ' || next_worker || ', but there is" \
	" one' FROM queue WHERE next_worker <=" \
	" coalesce((SELECT max(id) FROM worker), 0)") \
SQL(CHECK_TOTALS, \
	"SELECT type, sum(ready + delayed + waiting), sum(running)," \
	" sum(quarantined), sum(succeeded), sum(cancelled) FROM lane" \
	" GROUP BY type") \
SQL(CHECK_SETTINGS, "SELECT type, key, value FROM setting") \
SQL(CHECK_SIDECAR, "SELECT lock_inode, lock_boot FROM queue")

/* Mending what these find; see repair.c */
#define SQL_MEND \
SQL(MEND_LANES, \
	"UPDATE lane SET ready = x.n1, delayed = x.n2, waiting = x.n3," \
	" running = x.n4, quarantined = x.n5 FROM (SELECT l.id," \
	" coalesce(c.n1, 0) AS n1, coalesce(c.n2, 0) AS n2," \
	" coalesce(c.n3, 0) AS n3, coalesce(c.n4, 0) AS n4," \
	" coalesce(c.n5, 0) AS n5 FROM lane l LEFT JOIN (" RECOUNT_JOBS ") c" \
	" ON c.lane = l.id) x WHERE x.id = lane.id") \
SQL(MEND_HISTORY, \
	"UPDATE lane SET succeeded = x.n6, cancelled = x.n7 FROM (SELECT" \
	" l.id, coalesce(c.n6, 0) AS n6, coalesce(c.n7, 0) AS n7" \
	" FROM lane l LEFT JOIN (" RECOUNT_HISTORY ") c" \
	" ON c.lane = l.id) x WHERE x.id = lane.id") \
SQL(MEND_LANE_TIME, \
	"UPDATE lane SET vtime = coalesce((SELECT max(vtime) FROM lane" \
	" WHERE vtime BETWEEN 0 AND 1e15), 0)" \
	" WHERE NOT vtime BETWEEN 0 AND 1e15") \
SQL(MEND_IDS, \
	"UPDATE queue SET next_job = 1 + max(" \
	" coalesce((SELECT max(id) FROM job), 0)," \
	" coalesce((SELECT max(id) >> 20 FROM history), 0))") \
SQL(MEND_WORKER_IDS, \
	"UPDATE queue SET next_worker = 1 + max(" \
	" coalesce((SELECT max(id) FROM worker), 0)," \
	" coalesce((SELECT max(worker) FROM history), 0))") \
SQL(MEND_CLAIM, \
	"UPDATE job SET claim = NULL, slot = NULL WHERE state <> 4" \
	" AND (claim IS NOT NULL OR slot IS NOT NULL)") \
SQL(MEND_DUE, \
	"UPDATE job SET run_at = $1 WHERE state = 2 AND run_at IS NULL") \
SQL(MEND_LEASE_JOBS, \
	"UPDATE lease SET jobs = x.n FROM (" RECOUNT_RUNNING ") x" \
	" WHERE x.claim = lease.claim AND x.slot = lease.slot") \
SQL(MEND_LEASE_IDS, \
	"UPDATE lease SET ids = x.ids FROM (SELECT claim, slot," \
	" json_group_array(json_array(id, id)) AS ids FROM job" \
	" WHERE state = 4 GROUP BY claim, slot" \
	" HAVING max(id NOT IN (SELECT h.id FROM " HELD "))) x" \
	" WHERE x.claim = lease.claim AND x.slot = lease.slot") \
SQL(MEND_OUTPUT, \
	"DELETE FROM output WHERE job NOT IN (SELECT id FROM job)") \
SQL(MEND_CHILD, \
	"DELETE FROM dependency WHERE job NOT IN (SELECT id FROM job)") \
SQL(MEND_PARENT, \
	"DELETE FROM dependency WHERE EXISTS (SELECT 1 FROM history a" \
	" WHERE a." OF_JOB("dependency.parent") " AND a.state = 6)" \
	" AND NOT EXISTS (SELECT 1 FROM unheard u" \
	" WHERE u.parent = dependency.parent AND u.child < dependency.job)") \
SQL(LOST_RUNNING, \
	"SELECT j.id FROM job j WHERE j.state = 4" \
	" AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.claim = j.claim" \
	" AND l.slot = j.slot) AND j.id > $1 ORDER BY j.id LIMIT 1") \
SQL(LOST_WAITING, \
	"SELECT j.id FROM job j WHERE j.state = 3 AND j.id > $1" \
	" AND NOT EXISTS (SELECT 1 FROM dependency WHERE job = j.id)" \
	" AND NOT " OLDER_RUNS("j") " ORDER BY j.id LIMIT 1") \
SQL(LOST_CHILD, \
	"SELECT j.id, j.lane FROM job j WHERE j.state = 1 AND j.id > $1" \
	" AND EXISTS (SELECT 1 FROM dependency WHERE job = j.id)" \
	" ORDER BY j.id LIMIT 1") \
SQL(JOB_BACK, \
	"UPDATE job SET state = $2, claim = NULL, slot = NULL, ordered = NULL," \
	" eligible_at = $3 WHERE id = $1")

#endif
