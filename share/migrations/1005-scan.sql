-- What iq-scan knows: see schema.sql.
CREATE TABLE scan(
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,		-- --name, else the type, else ''
	root BLOB NOT NULL,		-- absolute, without a '/' at its end
	type INTEGER,			-- jobs of this type, its parents and
					-- children acknowledge; NULL: all do
	device INTEGER NOT NULL,	-- the root as it was when its files
	inode INTEGER NOT NULL,		-- were known
	run INTEGER NOT NULL,		-- the last one that offered anything
	acknowledged INTEGER NOT NULL,	-- what was offered up to that run is
	files INTEGER NOT NULL,		-- that were offered and are there
	offered INTEGER NOT NULL,	-- and not acknowledged yet, or gone
	boot TEXT NOT NULL,		-- boot that the stamps are of
	started_at INTEGER,		-- last run
	finished_at INTEGER,
	completed_at INTEGER,		-- last time that the end was reached
	from_dir BLOB,			-- where the next run goes on; NULL: at
	from_name BLOB,			-- the beginning
	UNIQUE(name, root)
) STRICT;

CREATE TABLE scan_file(
	scan INTEGER NOT NULL,
	dir BLOB NOT NULL,		-- below the root, NUL for '/'
	first BLOB NOT NULL,		-- this part is of names from here on;
					-- of the first part it is empty
	files BLOB NOT NULL,		-- lib/rules/seen.h
	PRIMARY KEY(scan, dir, first)
) STRICT, WITHOUT ROWID;
