#!/usr/bin/env bats
# The schema reaches the queue file without its comments, and unchanged.

load lib

# The bytes of the C string NAME that sql2c makes of the files
sql_of() {
	"$IQ_SOURCE/share/sql2c" "$@" >made.c
	cat >show.c <<-'END'
	#include <stdio.h>
	#include "made.c"
	int main(void)
	{
		fputs(schema_sql, stdout);
		for (const char *const *m = migration_sql; *m; m++)
			printf("\n-- migration\n%s", *m);
		return 0;
	}
	END
	cc -std=c11 -Wall -Wextra -Werror -o show show.c && ./show
}

@test "comments and white space go" {
	cat >a.sql <<-'END'
	-- a table
	CREATE TABLE a ( x INTEGER,	-- the x
		/* and
		   more */ y TEXT
	) ;
	END
	run_split sql_of a.sql
	assert_ran 0 'CREATE TABLE a(x INTEGER,y TEXT);' ""
}

@test "what is quoted stays as it is" {
	cat >a.sql <<-'END'
	INSERT INTO "a  -- b" VALUES ('it''s  -- no /* comment */',
		'two
	lines \ ??/ "q"', `x  y`, [p  q]);
	END
	run_split sql_of a.sql
	assert_ran 0 "INSERT INTO \"a  -- b\" VALUES('it''s  -- no /* comment */',\
'two
lines \\ ??/ \"q\"',\`x  y\`,[p  q]);" ""
}

@test "operators and words keep their distance" {
	echo 'SELECT 1 - -1, a /* c */ b, x-- end
		y;' >a.sql
	run_split sql_of a.sql
	assert_ran 0 'SELECT 1 - -1,a b,x y;' ""
}

@test "a quote that is not closed is an error" {
	echo "SELECT 'a;" >a.sql
	run_split "$IQ_SOURCE/share/sql2c" a.sql
	assert_status 1
	assert_stderr "sql2c: a.sql: a quote is not closed"
}

@test "migrations come in their order" {
	echo 'SELECT 0;' >s.sql
	echo 'SELECT 1;' >1.sql
	echo 'SELECT 2; SELECT 3;' >2.sql
	run_split sql_of s.sql 1.sql 2.sql
	assert_ran 0 'SELECT 0;
-- migration
SELECT 1;
-- migration
SELECT 2;SELECT 3;' ""
}

# The columns, indexes and triggers that a database has, whatever the text
shape() {
	sqlite3 "$1" "SELECT type, name, tbl_name FROM sqlite_schema ORDER BY 2;
		SELECT m.name, p.* FROM sqlite_schema m,
			pragma_table_xinfo(m.name) p ORDER BY 1, 2;
		SELECT m.name, p.* FROM sqlite_schema m,
			pragma_index_xinfo(m.name) p ORDER BY 1, 2;"
}

@test "the stripped schema makes the same database" {
	sqlite3 whole.db <"$IQ_SOURCE/share/schema.sql"
	sql_of "$IQ_SOURCE/share/schema.sql" | sqlite3 stripped.db
	shape whole.db >whole
	shape stripped.db >stripped
	assert_not_equal "$(wc -l <whole)" 0
	run diff whole stripped
	assert_success
	run sqlite3 stripped.db "SELECT name FROM sqlite_schema
		WHERE instr(sql, '--') OR instr(sql, char(10))"
	assert_output ""
}
