-- What scans have offered, and may not have printed, and to whom: see
-- schema.sql.
ALTER TABLE scan ADD COLUMN said INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scan ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scan ADD COLUMN apart INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scan ADD COLUMN out_device INTEGER NOT NULL DEFAULT 0;
ALTER TABLE scan ADD COLUMN out_inode INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER scan_said BEFORE UPDATE OF acknowledged ON scan
WHEN NEW.acknowledged > OLD.acknowledged AND NEW.acknowledged > NEW.said
	AND NEW.begun > NEW.said
BEGIN
	SELECT RAISE(ABORT, 'the last scan may not have printed all it found');
END;
UPDATE scan SET apart = offered, offered = 0
	WHERE type IS NULL AND name <> '';
