-- What else is known of an attempt, and which machine a worker was on after it
-- has left: see schema.sql.
ALTER TABLE attempt ADD COLUMN limit_configured INTEGER;
ALTER TABLE attempt ADD COLUMN limit_effective INTEGER;
ALTER TABLE attempt ADD COLUMN source INTEGER;
ALTER TABLE attempt ADD COLUMN cpu_peak REAL;
ALTER TABLE attempt ADD COLUMN memory_mean INTEGER;
CREATE TABLE host(
	worker INTEGER PRIMARY KEY,	-- from this number on, to the next row
	host TEXT			-- NULL: not known
) STRICT;
CREATE TRIGGER worker_host AFTER INSERT ON worker
WHEN NEW.host IS NOT (SELECT host FROM host ORDER BY worker DESC LIMIT 1)
BEGIN
	INSERT OR REPLACE INTO host(worker, host) VALUES(NEW.id, NEW.host);
	DELETE FROM host WHERE worker <= (SELECT worker FROM host
		ORDER BY worker DESC LIMIT 1 OFFSET 10000);
END;
-- Those that are there now are known; whoever had another number is not.
INSERT INTO host SELECT id, host FROM worker;
INSERT OR IGNORE INTO host SELECT id + 1, NULL FROM worker;
