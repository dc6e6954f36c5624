-- The distribution of a metric stands in its own row.  What is in hist stays
-- there until it is forgotten, and is added up.
ALTER TABLE metric ADD COLUMN buckets BLOB;
