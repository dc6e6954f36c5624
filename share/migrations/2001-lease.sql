-- A lease says which jobs it was given, so that no index of running ones has to:
-- see schema.sql.
ALTER TABLE lease ADD COLUMN ids TEXT NOT NULL DEFAULT '[]';
UPDATE lease SET ids = x.ids FROM (SELECT claim, slot,
	json_group_array(json_array(id, id)) AS ids FROM job WHERE state = 4
	GROUP BY claim, slot) x
	WHERE x.claim = lease.claim AND x.slot = lease.slot;
DROP INDEX job_running;
