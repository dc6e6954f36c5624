#!/usr/bin/env bats
# The connectors that come with iq.

load lib

setup() {
	iq_setup
	connectors=$IQ_SOURCE/contrib/connectors
	mkdir in out
	export SPLIT_SQL_DIR=out LOCAL_FILES_INDEX=$PWD/index.db
}

@test "split-sql: a file per table, statements in order" {
	cat >in/a.sql <<-'END'
	-- a dump; of two tables
	CREATE TABLE IF NOT EXISTS "users" (id INT, name TEXT);
	INSERT INTO users VALUES(1, 'it''s; a
	-- test;
	');
	INSERT INTO `db`.`orders` VALUES(1, 'x\'y;');

	UPDATE users SET name = 'z' WHERE id = 1;
	BEGIN;
	END
	run_split "$connectors/split-sql" in/a.sql
	assert_ran 0 "" ""
	run cat out/a.users.sql
	assert_output "$(sed -n '2,5p;8p' in/a.sql)"
	run cat out/a.orders.sql
	assert_output "$(sed -n 6p in/a.sql)"
	run cat out/a.other.sql
	assert_output "BEGIN;"
}

@test "split-sql as a handler: again the same, a truncated dump is quarantined" {
	printf 'INSERT INTO t VALUES(1);\n' >in/whole.sql
	printf 'INSERT INTO t VALUES(1,\n' >in/cut.sql
	iq-enqueue --on-duplicate allow in/whole.sql in/whole.sql in/cut.sql \
		in/absent.sql
	run_split iq-work --drain -- "$connectors/split-sql"
	assert_status 1
	run cat out/whole.t.sql
	assert_output "INSERT INTO t VALUES(1);"
	run_split jq -c -s --arg d "$PWD/in" 'map([(.path | ltrimstr("\($d)/")), .state, .reason, .error])' < \
		<(iq-list -s quarantined)
	assert_ran 0 "$(jq -nc --arg d "$PWD/in" '[
		["cut.sql", "quarantined", "parse_error",
		"split-sql: \($d)/cut.sql: it ends in the middle of a statement\n"],
		["absent.sql", "quarantined", "connector_error",
		"split-sql: \($d)/absent.sql: it cannot be read\n"]]')" ""
}

@test "local-files: finds words, and forgets what is gone" {
	echo "sourdough with rye" >in/bread
	echo "rye and honey" >"in/it's"
	iq-enqueue in/bread "in/it's"
	run_split iq-work --drain -- "$connectors/local-files" "{}"
	assert_ran 0 "" ""
	run_split "$connectors/local-files" -c
	assert_ran 0 2 ""
	rm in/bread
	iq-enqueue in/bread
	run_split iq-work --drain -- "$connectors/local-files" "{}"
	assert_ran 0 "" ""
	run_split "$connectors/local-files" -s rye
	assert_status 0
	assert_equal "${#lines[@]}" 1
	[[ $output == *"it's"* ]]
}

@test "the demo searches for a word of its files, and in no others" {
	export IQ_DEMO_HOME=$PWD/demo
	mkdir other empty
	echo "sourdough with rye" >in/bread
	echo "rye, and sourdough" >in/more
	echo "sourdough for the others" >other/bread
	run_split sh "$IQ_SOURCE/contrib/demo.sh" other
	assert_status 0
	run_split sh "$IQ_SOURCE/contrib/demo.sh" in
	assert_status 0
	assert_stdout_like '*2 files in it; search: "sourdough"
*/in/*\[sourdough\]*'
	[[ $output != */other/* && $output != *"index.db"* ]]
	followed
	# what is new, and then nothing
	echo "more of sourdough" >in/new
	touch -d '+1 hour' in/new
	run_split sh "$IQ_SOURCE/contrib/demo.sh" in
	assert_stdout_like '*in that changed since the last run
*"enqueued":1*3 files in it; search: "sourdough"*' ||
		assert_stderr_like '*"enqueued":1,*'
	followed
	run_split sh "$IQ_SOURCE/contrib/demo.sh" empty
	assert_status 0
	assert_stdout_like '*0 files in it, and no words in them*'
}

# What the last demo did in the directory that it watched reached the index.
followed() {
	assert_stdout_like '*
watch *1 process  inotifywait  coverage verified *
   added: birds *"heron"  found
*/notes/birds*\[heron\]*
   changed: birds *"kingfisher"  found
*and no more: *"heron"  lost
   added: trees/wet *"alder"  found
*   deleted: birds *"kingfisher"  lost
   deleted: trees *"alder"  lost
*'
}

@test "a demo that is ended leaves nothing running, and the next one is whole" {
	export IQ_DEMO_HOME=$PWD/demo
	start demo sh "$IQ_SOURCE/contrib/demo.sh" in
	wait_until '[[ -s demo/notes/birds ]]'
	stop demo
	assert_equal "$status" 143
	[[ ! -e demo/stream ]]
	run_split sh "$IQ_SOURCE/contrib/demo.sh" in
	assert_status 0
	followed
}
