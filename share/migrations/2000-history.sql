-- The history in the order of its numbers, a table for those who still know it
-- as it was, and leases that say which jobs they were given, so that no index
-- of running ones has to: see schema.sql.
CREATE TABLE history(
	id INTEGER PRIMARY KEY,
	job INTEGER NOT NULL,
	attempt INTEGER NOT NULL,
	type INTEGER NOT NULL,
	state INTEGER NOT NULL,
	reason INTEGER NOT NULL,
	outcome INTEGER,
	exit INTEGER,
	created_at INTEGER NOT NULL,
	eligible_at INTEGER,
	started_at INTEGER,
	finished_at INTEGER NOT NULL,
	claim INTEGER,
	finish INTEGER NOT NULL,
	worker INTEGER,
	cpu INTEGER,
	max_rss INTEGER,
	read INTEGER,
	written INTEGER,
	io_operations INTEGER,
	input INTEGER,
	system_cpu REAL,
	system_memory REAL,
	error BLOB,
	lane INTEGER,
	key BLOB,
	path BLOB,
	no_path INTEGER,
	event INTEGER,
	attempts INTEGER,
	crashes INTEGER,
	max_attempts INTEGER,
	timeout INTEGER,
	"group" BLOB,
	payload TEXT,
	newer INTEGER,
	limit_configured INTEGER,
	limit_effective INTEGER,
	source INTEGER,
	cpu_peak REAL,
	memory_mean INTEGER
) STRICT;
INSERT OR REPLACE INTO history(
	id, job, attempt, type, state, reason, outcome, exit, created_at,
	eligible_at, started_at, finished_at, claim, finish, worker, cpu,
	max_rss, read, written, io_operations, input, system_cpu,
	system_memory, error, lane, key, path, no_path, event, attempts,
	crashes, max_attempts, timeout, "group", payload, newer,
	limit_configured, limit_effective, source, cpu_peak, memory_mean)
SELECT
	job << 20 | min(attempt, 1048575), job, attempt, type, state, reason,
	outcome, exit, created_at, eligible_at, started_at, finished_at, claim,
	finish, worker, cpu, max_rss, read, written, io_operations, input,
	system_cpu, system_memory, error, lane, key, path, no_path, event,
	attempts, crashes, max_attempts, timeout, "group", payload, newer,
	limit_configured, limit_effective, source, cpu_peak, memory_mean
FROM attempt ORDER BY job, attempt;
DROP TABLE attempt;
CREATE TABLE attempt(
	job, attempt, type, state, reason, outcome, exit, created_at,
	eligible_at, started_at, finished_at, claim, finish, worker, cpu,
	max_rss, read, written, io_operations, input, system_cpu,
	system_memory, error, lane, key, path, no_path, event, attempts,
	crashes, max_attempts, timeout, "group", payload, newer,
	limit_configured, limit_effective, source, cpu_peak, memory_mean,
	PRIMARY KEY(job, attempt)
);
CREATE TRIGGER attempt_of_old AFTER INSERT ON attempt
BEGIN
	INSERT OR REPLACE INTO history(
		id, job, attempt, type, state, reason, outcome, exit,
		created_at, eligible_at, started_at, finished_at, claim,
		finish, worker, cpu, max_rss, read, written, io_operations,
		input, system_cpu, system_memory, error, lane, key, path,
		no_path, event, attempts, crashes, max_attempts, timeout,
		"group", payload, newer, limit_configured, limit_effective,
		source, cpu_peak, memory_mean)
	VALUES(
		NEW.job << 20 | min(NEW.attempt, 1048575), NEW.job,
		NEW.attempt, NEW.type, NEW.state, NEW.reason, NEW.outcome,
		NEW.exit, NEW.created_at, NEW.eligible_at, NEW.started_at,
		NEW.finished_at, NEW.claim, NEW.finish, NEW.worker, NEW.cpu,
		NEW.max_rss, NEW.read, NEW.written, NEW.io_operations,
		NEW.input, NEW.system_cpu, NEW.system_memory, NEW.error,
		NEW.lane, NEW.key, NEW.path, NEW.no_path, NEW.event,
		NEW.attempts, NEW.crashes, NEW.max_attempts, NEW.timeout,
		NEW."group", NEW.payload, NEW.newer, NEW.limit_configured,
		NEW.limit_effective, NEW.source, NEW.cpu_peak, NEW.memory_mean);
	DELETE FROM attempt;
END;
ALTER TABLE lease ADD COLUMN ids TEXT NOT NULL DEFAULT '[]';
UPDATE lease SET ids = x.ids FROM (SELECT claim, slot,
	json_group_array(json_array(id, id)) AS ids FROM job WHERE state = 4
	GROUP BY claim, slot) x
	WHERE x.claim = lease.claim AND x.slot = lease.slot;
DROP INDEX job_running;
