-- Types share by what their jobs cost, no longer by their number.  What they
-- were given so far is in numbers of jobs, and is forgotten.
ALTER TABLE lane ADD COLUMN vstart REAL NOT NULL DEFAULT 0 CHECK(vstart >= 0);
ALTER TABLE lane ADD COLUMN cost REAL NOT NULL DEFAULT 0 CHECK(cost >= 0);
ALTER TABLE lane ADD COLUMN claimed_at INTEGER;
ALTER TABLE lane ADD COLUMN claimed REAL NOT NULL DEFAULT 0;
UPDATE lane SET vtime = 0;
