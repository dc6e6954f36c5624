CREATE TABLE unheard(
	parent INTEGER PRIMARY KEY,
	state INTEGER NOT NULL CHECK(state IN (5, 6, 7)),
	child INTEGER NOT NULL
) STRICT;
CREATE INDEX unheard_child ON unheard(child);
