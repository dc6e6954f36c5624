-- How far a running handler says that it is.
ALTER TABLE lease ADD COLUMN progress REAL;
