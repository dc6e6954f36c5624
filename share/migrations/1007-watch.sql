-- How watches go: see schema.sql.
CREATE TABLE watch(
	id INTEGER PRIMARY KEY,
	host TEXT NOT NULL,		-- for display only
	boot TEXT NOT NULL,		-- with pid and start: which process
	pid INTEGER NOT NULL,
	start INTEGER NOT NULL,		-- ticks since boot
	healthy INTEGER NOT NULL CHECK(healthy IN (0, 1)),
	reason TEXT,			-- why it is not
	source TEXT NOT NULL,		-- who tells what happens; 'scan': nobody
	coverage INTEGER NOT NULL CHECK(coverage BETWEEN 0 AND 3),
	pending INTEGER NOT NULL,	-- paths that wait
	debounce INTEGER NOT NULL,	-- ns
	batch INTEGER NOT NULL,
	started_at INTEGER NOT NULL,
	told_at INTEGER NOT NULL,	-- wall, for display
	told_boot INTEGER NOT NULL	-- CLOCK_BOOTTIME: who is silent hangs
) STRICT;
ALTER TABLE scan ADD COLUMN watch INTEGER;
