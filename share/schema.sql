-- The queue file: format documentation, and what makes a new one.
--
-- Times are int64 nanoseconds of wall time, durations nanoseconds, sizes
-- bytes.  Paths and keys are blobs: bytes, never text.  Enumerations are the
-- integers of lib/rules/state.h, event.h and hist.h, which are never
-- renumbered.  Comments do not reach the file (they would be parsed at every
-- open).
--
-- PRAGMA application_id, user_version, page_size and auto_vacuum are set by
-- the program that creates the file; see lib/store/schema.c.

-- One row: the queue as a whole.
CREATE TABLE queue(
	id INTEGER PRIMARY KEY CHECK(id = 1),
	uuid TEXT NOT NULL,		-- names this queue in exports
	created_at INTEGER NOT NULL,
	next_job INTEGER NOT NULL,	-- ids are never used twice
	next_worker INTEGER NOT NULL,
	generation INTEGER NOT NULL,	-- rises when a setting, a pause or the
					-- list of types changes
	paused INTEGER NOT NULL,	-- 1: every type is paused
	paused_until INTEGER,		-- NULL: until resumed
	pause_reason TEXT,
	lock_inode INTEGER NOT NULL,	-- of QUEUE-lock and QUEUE-run, whose
					-- halves are swapped, by exclusive or:
	lock_boot TEXT NOT NULL		-- somebody who deletes one does not
					-- make two turnstiles; 'none' in a
					-- backup
) STRICT;

-- Named classes of jobs; a parent is the name up to the last '/'.
CREATE TABLE type(
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	paused INTEGER NOT NULL DEFAULT 0,
	paused_until INTEGER,
	pause_reason TEXT,
	remember INTEGER NOT NULL DEFAULT 0	-- longest --unique-for asked
						-- for, 0: keys of ended jobs
						-- are not remembered; negative:
						-- they are, and those of the
						-- history are being added
) STRICT;

-- What the operator set; type 0 is the whole queue.
CREATE TABLE setting(
	type INTEGER NOT NULL,
	key TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY(type, key)
) STRICT, WITHOUT ROWID;

-- A lane is what a claim chooses between: one type, size class and priority,
-- served in order of id.  It carries the counts that depth is told from.
CREATE TABLE lane(
	id INTEGER PRIMARY KEY,
	type INTEGER NOT NULL REFERENCES type(id),
	class INTEGER NOT NULL CHECK(class IN (0, 1)),	-- 1: large input
	priority INTEGER NOT NULL CHECK(priority BETWEEN 1 AND 5),
	ready INTEGER NOT NULL DEFAULT 0,
	delayed INTEGER NOT NULL DEFAULT 0,
	waiting INTEGER NOT NULL DEFAULT 0,
	running INTEGER NOT NULL DEFAULT 0,
	quarantined INTEGER NOT NULL DEFAULT 0,
	succeeded INTEGER NOT NULL DEFAULT 0,	-- still in history
	cancelled INTEGER NOT NULL DEFAULT 0,	-- still in history
	vtime REAL NOT NULL DEFAULT 0,		-- virtual time at which the last
						-- job that was claimed ends
						-- (lib/rules/turn.h), and
	vstart REAL NOT NULL DEFAULT 0 CHECK(vstart >= 0),	-- at which it starts
	cost REAL NOT NULL DEFAULT 0 CHECK(cost >= 0),	-- s that a job keeps a
						-- slot, on average; 0: none has
						-- ended
	claimed_at INTEGER,			-- last claim, and
	claimed REAL NOT NULL DEFAULT 0,	-- the cost of what it took, s
	UNIQUE(type, class, priority)
) STRICT;

-- Live jobs only: pending, running, quarantined.  Ended ones are in
-- history.
CREATE TABLE job(
	id INTEGER PRIMARY KEY,
	type INTEGER NOT NULL,
	lane INTEGER NOT NULL,
	state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 5),
	created_at INTEGER NOT NULL,
	key BLOB,		-- NULL: none
	path BLOB,		-- NULL: the key is the path, or there is none
	no_path INTEGER,	-- 1: there is none
	event INTEGER,		-- enum file_event
	claim INTEGER,		-- sequence number of the claim's event: the
				-- fencing token
	slot INTEGER,		-- of the worker that holds the lease
	attempt INTEGER NOT NULL DEFAULT 0,	-- starts
	attempts INTEGER NOT NULL DEFAULT 0,	-- charged failures
	crashes INTEGER NOT NULL DEFAULT 0,	-- charged crashes
	alone INTEGER,		-- 1: after a crash in company, claim it alone
	run_at INTEGER,		-- not before
	eligible_at INTEGER,	-- since when it could have been claimed
	newer INTEGER,		-- id of the newer pending job of its key
	older INTEGER,		-- id of the started job that this one follows
	size_bytes INTEGER,
	mtime INTEGER,
	max_attempts INTEGER,	-- NULL: the setting
	timeout INTEGER,	-- NULL: the setting
	parent_failure INTEGER,	-- enum on_parent_failure
	"group" BLOB,
	payload TEXT,		-- JSON
	reason INTEGER,		-- enum reason of the last failure
	exit INTEGER,		-- last exit status, or -signal
	started_at INTEGER,	-- last start
	finished_at INTEGER,	-- end of the last attempt
	error BLOB,		-- last 4 KiB of stderr of the last attempt
	ordered INTEGER		-- 1: kill it, 2: give it back
) STRICT;

-- What may start.  Delayed, waiting, running and quarantined rows never stand
-- in a claim's way.
CREATE INDEX job_ready ON job(lane) WHERE state = 1;
CREATE INDEX job_delayed ON job(run_at) WHERE state = 2;
-- One current job per key.  A started one gives its place to a newer one.
CREATE UNIQUE INDEX job_key ON job(type, key)
	WHERE key IS NOT NULL AND newer IS NULL;
CREATE INDEX job_group ON job("group") WHERE "group" IS NOT NULL;
CREATE INDEX job_ordered ON job(id) WHERE ordered IS NOT NULL;

-- What slows down the starts of a type; most have no row.
CREATE TABLE throttle(
	type INTEGER PRIMARY KEY,
	failures INTEGER NOT NULL,	-- in a row
	trips INTEGER NOT NULL,		-- times that its breaker has opened, or
					-- a probe failed, since it was closed
	opened_at INTEGER,		-- when that was last; NULL: it is
					-- closed
	probe_at INTEGER,		-- when one job is tried
	expected_at INTEGER		-- rate limit: when the next start would
					-- be on time (lib/rules/rate.h)
) STRICT;

-- --after: the job waits until the parent has ended.
CREATE TABLE dependency(
	job INTEGER NOT NULL,
	parent INTEGER NOT NULL,
	PRIMARY KEY(parent, job)
) STRICT, WITHOUT ROWID;
CREATE INDEX dependency_job ON dependency(job);

-- Jobs that have ended, or failed, of which not all children have heard yet.
-- In the order of their ids they do, some in each transaction.
CREATE TABLE unheard(
	parent INTEGER PRIMARY KEY,
	state INTEGER NOT NULL CHECK(state IN (5, 6, 7)),	-- what it became
	child INTEGER NOT NULL	-- the last that has heard, 0: none
) STRICT;
CREATE INDEX unheard_child ON unheard(child);

-- Keys of ended jobs, for types with --unique-for only; of each key the job
-- that was enqueued last.
CREATE TABLE seen(
	job INTEGER PRIMARY KEY,
	type INTEGER NOT NULL,
	key BLOB NOT NULL,
	created_at INTEGER NOT NULL,
	UNIQUE(type, key)
) STRICT;

-- The right to run: one row for what a slot was given at once.  Caps count the
-- slots in here.
CREATE TABLE lease(
	claim INTEGER NOT NULL,
	slot INTEGER NOT NULL,
	worker INTEGER NOT NULL,
	type INTEGER NOT NULL,
	jobs INTEGER NOT NULL,		-- how many it still holds
	ahead INTEGER NOT NULL,		-- 1: claimed ahead of its start, or
					-- together with others; when its worker
					-- dies nobody knows whose fault that is
	progress REAL,			-- 0 to 1, as the handler says
	ids TEXT NOT NULL DEFAULT '[]',	-- of the jobs that it was given, JSON:
					-- [[first, last], ...]; it still has
					-- those of them that run by its claim
					-- and slot
	PRIMARY KEY(claim, slot)
) STRICT, WITHOUT ROWID;

-- One iq-work process.  boot, pid and start name a process for ever.
CREATE TABLE worker(
	id INTEGER PRIMARY KEY,
	host TEXT NOT NULL,
	boot TEXT NOT NULL,
	pid INTEGER NOT NULL,
	start INTEGER NOT NULL,		-- clock ticks since boot
	types TEXT NOT NULL,		-- space-separated, '' for all
	own_command INTEGER NOT NULL,	-- 1: needs no handler setting
	slots INTEGER NOT NULL,
	lease INTEGER NOT NULL,
	started_at INTEGER NOT NULL,
	heartbeat_at INTEGER NOT NULL,	-- wall, for display
	heartbeat_boot INTEGER NOT NULL	-- CLOCK_BOOTTIME, for expiry
) STRICT;

-- On which machine workers are, or were: a row where it is another one than
-- that of the worker before.
CREATE TABLE host(
	worker INTEGER PRIMARY KEY,	-- from this number on, to the next row
	host TEXT			-- NULL: not known
) STRICT;
-- By whatever program they join; of so many changes the older ones are
-- forgotten.
CREATE TRIGGER worker_host AFTER INSERT ON worker
WHEN NEW.host IS NOT (SELECT host FROM host ORDER BY worker DESC LIMIT 1)
BEGIN
	INSERT OR REPLACE INTO host(worker, host) VALUES(NEW.id, NEW.host);
	DELETE FROM host WHERE worker <= (SELECT worker FROM host
		ORDER BY worker DESC LIMIT 1 OFFSET 10000);
END;

-- Append-only: one row per ended attempt.  The last row of an ended job has
-- its final state and the columns that were the job's.
CREATE TABLE history(
	id INTEGER PRIMARY KEY,		-- job * 2^20 + attempt; from 2^20 - 1
					-- on each has the place of the last
	job INTEGER NOT NULL,
	attempt INTEGER NOT NULL,	-- the start it belongs to; one more
					-- than that when it ended unstarted
	type INTEGER NOT NULL,
	state INTEGER NOT NULL,		-- what it became
	reason INTEGER NOT NULL,
	outcome INTEGER,		-- enum outcome, NULL: not started
	exit INTEGER,
	created_at INTEGER NOT NULL,
	eligible_at INTEGER,
	started_at INTEGER,
	finished_at INTEGER NOT NULL,
	claim INTEGER,			-- event that started it
	finish INTEGER NOT NULL,	-- event that ended it
	worker INTEGER,
	cpu INTEGER,			-- ns; the rest of a line unknown: NULL
	max_rss INTEGER,
	read INTEGER,
	written INTEGER,
	io_operations INTEGER,
	input INTEGER,			-- bytes of the input
	system_cpu REAL,
	system_memory REAL,
	error BLOB,
	-- the last row only
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
	payload TEXT,			-- of cancelled jobs, so that they can
					-- be revived
	newer INTEGER,			-- of superseded ones: the job that does
					-- their work
	-- of each row again
	limit_configured INTEGER,	-- slots that its worker was to have, and
	limit_effective INTEGER,	-- how many it used at most, then
	source INTEGER,			-- enum rss_source, of max_rss; 4 more:
					-- what was used is a part of what one
					-- process has used for several jobs;
					-- 8 for each of them where they have
					-- had the run time together
	cpu_peak REAL,			-- percent of one core
	memory_mean INTEGER		-- bytes, of all processes
) STRICT;

-- Where workers of version 1, which knew the history as this, hand in what
-- they have when the queue is upgraded; it goes on to the history at once.
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

-- The last 64 KiB of stdout and stderr of a live job's last attempt.
CREATE TABLE output(
	job INTEGER PRIMARY KEY,
	out BLOB NOT NULL,
	errout BLOB NOT NULL
) STRICT;

-- The audit log; canonical bytes and chain: lib/rules/event.h.
CREATE TABLE event(
	seq INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	kind INTEGER NOT NULL,		-- enum event_kind
	actor TEXT NOT NULL,		-- "worker 7" or "user@host pid program"
	moves BLOB,			-- what happened to which jobs
	detail TEXT,			-- JSON array
	hash BLOB NOT NULL
) STRICT;

-- What the log was at some events: as long as they are there, their hash shows
-- that nothing up to them was changed.  Rows stay when the events go.
CREATE TABLE anchor(
	id INTEGER PRIMARY KEY,
	event INTEGER NOT NULL,		-- that tells of this row
	made_at INTEGER NOT NULL,
	seq INTEGER NOT NULL,		-- of the event that it names
	hash BLOB NOT NULL,		-- and its hash
	pruned INTEGER NOT NULL CHECK(pruned IN (0, 1)),	-- 1: the events up to
					-- this one may be gone
	epoch INTEGER,			-- of the key that sealed it, or NULL
	seal BLOB			-- lib/rules/seal.h
) STRICT;

-- Telemetry: counters and distributions per minute, later per hour and per
-- day.  Rows are added to.
CREATE TABLE metric(
	minute INTEGER NOT NULL,	-- lib/rules/period.h
	type INTEGER NOT NULL,
	metric INTEGER NOT NULL,	-- enum metric
	n INTEGER NOT NULL,
	sum INTEGER NOT NULL DEFAULT 0,
	min INTEGER,
	max INTEGER,
	buckets BLOB,			-- of a distribution: lib/rules/hist.h
	PRIMARY KEY(minute, type, metric)
) STRICT, WITHOUT ROWID;

-- What single attempts took, before it is added to the distributions.
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

-- What attempts of a type take on a host, as exponential averages
-- (lib/rules/average.h); NULL: not known.
CREATE TABLE average(
	type INTEGER NOT NULL,
	host TEXT NOT NULL,
	updated_at INTEGER NOT NULL,	-- when the last attempt ended
	duration REAL,			-- ns
	cpu_percent REAL,		-- of one core
	memory REAL,			-- bytes, at most at once
	PRIMARY KEY(type, host)
) STRICT, WITHOUT ROWID;

-- The buckets that were recorded before they stood in metric, or are by
-- programs from then: to be added.
CREATE TABLE hist(
	minute INTEGER NOT NULL,
	type INTEGER NOT NULL,
	metric INTEGER NOT NULL,
	bucket INTEGER NOT NULL,	-- lib/rules/hist.h
	n INTEGER NOT NULL,
	PRIMARY KEY(minute, type, metric, bucket)
) STRICT, WITHOUT ROWID;

-- Attempts that failed, by how they did; in periods as metric.  Rows are added
-- to.
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
	attempt INTEGER NOT NULL,	-- the history
	PRIMARY KEY(minute, type, reason, exit),
	CHECK(quarantined + cancelled <= n)
) STRICT, WITHOUT ROWID;

-- The log grows at its end, and is taken away from its beginning up to an
-- anchor that says so.  (INSERT OR REPLACE would slip past the triggers of
-- DELETE where recursive_triggers is off.)
CREATE TRIGGER event_keep_update BEFORE UPDATE ON event
BEGIN
	SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER event_keep_insert BEFORE INSERT ON event
WHEN NEW.seq <= (SELECT max(seq) FROM event)
BEGIN
	SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER event_keep_delete BEFORE DELETE ON event
WHEN coalesce(OLD.seq > (SELECT seq FROM anchor WHERE pruned = 1
	ORDER BY id DESC LIMIT 1), 1)
BEGIN
	SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER anchor_keep_update BEFORE UPDATE ON anchor
BEGIN
	SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER anchor_keep_delete BEFORE DELETE ON anchor
BEGIN
	SELECT RAISE(ABORT, 'the audit log is append-only');
END;

-- What a scan has found below one directory, and how far it is: one row per
-- --name (or type) and root.
CREATE TABLE scan(
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL,		-- --name, else the type, else ''
	root BLOB NOT NULL,		-- absolute, without a '/' at its end
	type INTEGER,			-- jobs of this type, its parents and
					-- children acknowledge; NULL: all do,
					-- of a name those read from its out
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
	watch INTEGER,			-- of which it is a part; NULL: of none
	said INTEGER NOT NULL DEFAULT 0,	-- what is offered as of runs up to
					-- that one was printed
	begun INTEGER NOT NULL DEFAULT 0,	-- run, by a program that knows of
					-- said
	apart INTEGER NOT NULL DEFAULT 0,	-- of a name and no type: its count
					-- in the place of offered
	out_device INTEGER NOT NULL DEFAULT 0,	-- the pipe or file that it was
	out_inode INTEGER NOT NULL DEFAULT 0,	-- printed to; 0: none
	UNIQUE(name, root)
) STRICT;

-- Programs before 1.12 take for printed what a run has only begun to print.
CREATE TRIGGER scan_said BEFORE UPDATE OF acknowledged ON scan
WHEN NEW.acknowledged > OLD.acknowledged AND NEW.acknowledged > NEW.said
	AND NEW.begun > NEW.said
BEGIN
	SELECT RAISE(ABORT, 'the last scan may not have printed all it found');
END;

-- The files of a directory, or a part of them by name.
CREATE TABLE scan_file(
	scan INTEGER NOT NULL,
	dir BLOB NOT NULL,		-- below the root, NUL for '/'
	first BLOB NOT NULL,		-- this part is of names from here on;
					-- of the first part it is empty
	files BLOB NOT NULL,		-- lib/rules/seen.h
	PRIMARY KEY(scan, dir, first)
) STRICT, WITHOUT ROWID;

-- How watches go.  A row stays until the watch ends as it was told to, or
-- others have taken all of its directories.
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
