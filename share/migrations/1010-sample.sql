-- Attempts that are still to be added to metric, and what is learned from
-- them: see schema.sql.
CREATE TABLE sample(
	id INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,		-- when that attempt ended
	type INTEGER NOT NULL,
	host TEXT,			-- that saw it end; NULL: none did
	ingested INTEGER,		-- bytes; NULL: the input's size says it
	wait INTEGER,			-- and of the rest: not known
	duration INTEGER,
	cpu INTEGER,
	max_rss INTEGER,
	read INTEGER,
	written INTEGER,
	permit_cpu INTEGER,
	permit_io INTEGER,
	input INTEGER
) STRICT;
CREATE TABLE average(
	type INTEGER NOT NULL,
	host TEXT NOT NULL,
	updated_at INTEGER NOT NULL,	-- when the last attempt ended
	duration REAL,			-- ns
	cpu_percent REAL,		-- of one core
	memory REAL,			-- bytes, at most at once
	PRIMARY KEY(type, host)
) STRICT, WITHOUT ROWID;
