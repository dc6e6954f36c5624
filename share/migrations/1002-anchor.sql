-- Anchors of the audit log, and triggers that let it be pruned up to one.
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
DROP TRIGGER event_keep_delete;
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
