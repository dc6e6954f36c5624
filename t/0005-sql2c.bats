#!/usr/bin/env bats
# The schema reaches the queue file without its comments, and unchanged.

load lib

# show WHAT FILE ... - runs what prints of the C that sql2c makes of the files
show() {
	"$IQ_SOURCE/share/sql2c" "$@" >made.c
	{
		printf '#include <stdio.h>\n#include "made.c"\n'
		cat
	} >show.c
	cc -std=c11 -Wall -Wextra -Werror -I"$IQ_SOURCE/lib" -o show show.c &&
		./show
}

# The bytes of the C string that sql2c makes of a schema
sql_of() {
	show schema "$1" <<-'END'
	int main(void) { fputs(schema_sql, stdout); }
	END
}

# The steps that it makes of migrations
steps_of() {
	show migrations "$@" <<-'END'
	int main(void)
	{
		const struct migration *m;

		for (m = schema_migrations(); m->version; m++)
			printf("%d %s: %s\n", m->version, m->name, m->sql);
	}
	END
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
	run_split "$IQ_SOURCE/share/sql2c" schema a.sql
	assert_status 1
	assert_stderr "sql2c: a.sql: a quote is not closed"
}

@test "migrations come in their order" {
	echo 'SELECT 1;' >1001-one.sql
	echo 'SELECT 2; SELECT 3;' >1002-two-and-three.sql
	run_split steps_of 1001-one.sql 1002-two-and-three.sql
	assert_ran 0 '1001 one: SELECT 1;
1002 two-and-three: SELECT 2;SELECT 3;' ""
	run_split steps_of
	assert_ran 0 "" ""
}

@test "a migration has a version that is later than the one before" {
	: >1002-b.sql
	: >1001-a.sql
	: >1000-first.sql
	: >101-a.sql
	: >1003.sql
	run_split "$IQ_SOURCE/share/sql2c" migrations 1002-b.sql 1001-a.sql
	assert_status 1
	assert_stderr "sql2c: 1001-a.sql: not later than version 1002"
	run_split "$IQ_SOURCE/share/sql2c" migrations 1000-first.sql
	assert_status 1
	local name
	for name in 101-a.sql 1003.sql; do
		run_split "$IQ_SOURCE/share/sql2c" migrations $name
		assert_status 1
		assert_stderr "sql2c: $name: not NNNN-name.sql"
	done
}

@test "no migration begins or ends a transaction, or sets a version" {
	# BEGIN alone in a line is the body of a trigger
	run grep -nisE '\<(COMMIT|ROLLBACK|SAVEPOINT|PRAGMA)\>|\<BEGIN\>.' \
		"$IQ_SOURCE"/share/migrations/*.sql /dev/null
	assert_output ""
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
