-- What failed, by how it did: see schema.sql.
CREATE TABLE failure(
	minute INTEGER NOT NULL,	-- lib/rules/period.h
	type INTEGER NOT NULL,
	reason INTEGER NOT NULL,	-- enum reason
	exit INTEGER NOT NULL,		-- status or -signal; 0: of a crash
	n INTEGER NOT NULL,		-- attempts; of their jobs are then
	quarantined INTEGER NOT NULL,
	cancelled INTEGER NOT NULL,	-- and the others tried again
	first_at INTEGER NOT NULL,
	last_at INTEGER NOT NULL,
	job INTEGER NOT NULL,		-- that was the last of them, in
	attempt INTEGER NOT NULL,	-- table attempt
	PRIMARY KEY(minute, type, reason, exit),
	CHECK(quarantined + cancelled <= n)
) STRICT, WITHOUT ROWID;
-- Those of the history, in the periods in which their counts are by now.  A
-- crash (outcome 6) has reason 12; 0, 7 and 8 are no failures.
INSERT INTO failure SELECT
	CASE WHEN finished_at / 60000000000 >= (SELECT min(minute) FROM metric
		WHERE minute >= 10000000) THEN finished_at / 60000000000
	WHEN finished_at / 3600000000000 >= (SELECT min(minute) FROM metric
		WHERE minute BETWEEN 100000 AND 9999999)
		THEN finished_at / 3600000000000
	ELSE finished_at / 86400000000000 END,
	type, iif(outcome = 6, 12, reason), iif(outcome = 6, 0, coalesce(exit, 0)),
	1, state = 5, state = 7, finished_at, finished_at, job, attempt
	FROM attempt WHERE outcome BETWEEN 1 AND 6
	AND finished_at / 86400000000000 >= (SELECT min(CASE
		WHEN minute >= 10000000 THEN minute / 1440
		WHEN minute >= 100000 THEN minute / 24
		ELSE minute END) FROM metric WHERE minute > 0)
	ON CONFLICT(minute, type, reason, exit) DO UPDATE SET n = n + 1,
	quarantined = quarantined + excluded.quarantined,
	cancelled = cancelled + excluded.cancelled,
	first_at = min(first_at, excluded.first_at),
	job = iif(excluded.last_at >= last_at, excluded.job, job),
	attempt = iif(excluded.last_at >= last_at, excluded.attempt, attempt),
	last_at = max(last_at, excluded.last_at);
