-- What a type's circuit breaker and rate limit know.
CREATE TABLE throttle(
	type INTEGER PRIMARY KEY,
	failures INTEGER NOT NULL,
	trips INTEGER NOT NULL,
	opened_at INTEGER,
	probe_at INTEGER,
	expected_at INTEGER
) STRICT;
