#!/usr/bin/env bats
# iq-scan: when a file is said, and what makes it another one.

load lib

# Files that are old enough, in a directory for each test that wants one: moved
# with it, they stay so.
setup_file() {
	local i
	for i in {1..20}; do
		mkdir "$BATS_FILE_TMPDIR/$i" "$BATS_FILE_TMPDIR/$i-another"
		printf 12345 >"$BATS_FILE_TMPDIR/$i/f"
		printf 12345 >"$BATS_FILE_TMPDIR/$i-another/f"
	done
	wait_until '(($(date +%s%N) -
		$(date -d "$(stat -c %z "$BATS_FILE_TMPDIR/20-another/f")" \
		+%s%N) > 2000000000))'
}

setup() {
	iq_setup
	mkdir dir
}

# event [OPTION ...] - of the one file
event() {
	iq-scan -J "$@" dir | jq -r .event
}

# known [ANOTHER] - a file that has been said, is old enough and is acknowledged
known() {
	rm -rf dir
	mv "$BATS_FILE_TMPDIR/$BATS_TEST_NUMBER${1-}" dir
	[[ $(event --settle 2s) == created ]]
	iq-scan --ack dir
}

# is_modified [OPTION ...]
is_modified() {
	run_split event --settle 0 "$@"
	assert_ran 0 modified ""
}

is_the_same() {
	run_split event --settle 0 "$@"
	assert_ran 0 "" ""
}

@test "a young file is left alone, until it is old" {
	echo x >dir/f
	run_split iq-scan -v dir
	assert_status 0
	assert_stdout ""
	output=$stderr
	assert_json '.unsettled == 1 and .new == 0'
	run_split iq-scan dir
	assert_ran 0 "" ""
	wait_until '[[ $(iq-scan dir) == "$PWD/dir/f" ]]'
	iq-scan --ack dir
	# it was old enough when it was said, so that is all
	run_split iq-scan dir
	assert_ran 0 "" ""
	iq-scan --reset dir
	run_split iq-scan --settle 1h dir
	assert_ran 0 "" ""
}

@test "--settle 0: at once, and once more" {
	echo x >dir/f
	run_split event --settle 0
	assert_ran 0 created ""
	iq-scan --ack dir
	wait_until '[[ $(event --settle 0) == modified ]]'
	iq-scan --ack dir
	wait_until 'iq-scan --ack dir; [[ -z $(event --settle 0) ]]'
	is_the_same
}

@test "an old mtime makes no old file" {
	echo x >other
	touch -d '2001-01-01' other
	cp -p other dir/f
	run_split iq-scan dir
	assert_ran 0 "" ""
	wait_until '[[ $(iq-scan dir) == "$PWD/dir/f" ]]'
}

@test "an mtime in the future: when it has stayed so" {
	touch -d '2099-01-01' dir/f
	run_split iq-scan --settle 300ms dir
	assert_ran 0 "" ""
	wait_until '[[ $(iq-scan --settle 300ms dir) == "$PWD/dir/f" ]]'
	iq-scan --ack dir
	wait_until '[[ $(event --settle 300ms) == modified ]]'
	iq-scan --ack dir
	is_the_same
	iq-scan --reset dir
	run_split event --settle 0
	assert_ran 0 created ""
}

@test "a file that goes on being written to is not said" {
	local i
	: >dir/f
	for i in {1..10}; do
		echo "$i" >>dir/f
		run_split iq-scan --settle 20s dir
		assert_ran 0 "" ""
	done
}

@test "the same bytes again are another content, as is a size" {
	known
	printf 54321 >dir/f
	is_modified
	iq-scan --ack dir
	wait_until 'iq-scan --ack dir; [[ -z $(event --settle 0) ]]'
	truncate -s 4 dir/f
	is_modified
}

@test "an mtime that goes back" {
	known
	touch -d '2001-01-01' dir/f
	is_modified
}

@test "another file of the same size and times in its place" {
	known
	printf 54321 >dir/g
	touch -r dir/f dir/g
	mv dir/g dir/f
	is_modified
	iq-scan --reset dir
	known -another
	printf 54321 >g
	touch -r dir/f g
	mv g dir/f
	is_the_same --identity mtime
}

@test "cp -p over it" {
	known
	printf 1234567 >g
	touch -r dir/f g
	cp -p g dir/f
	is_modified
}

@test "chmod makes no other content, but for --identity strict" {
	known
	chmod 600 dir/f
	is_the_same
	is_the_same --identity mtime
	is_modified --identity strict
}

@test "a hard link is a file of its own, and a write through it is seen" {
	known
	ln dir/f dir/g
	run_split bash -c 'iq-scan --settle 0 dir'
	assert_ran 0 "$PWD/dir/g" ""
	iq-scan --ack dir
	wait_until 'iq-scan --ack dir; [[ -z $(event --settle 0) ]]'
	ln dir/f outside
	printf 54321 >outside
	run_split event --settle 0
	assert_stdout "modified
modified"
}

@test "a write through a mapping is seen" {
	known
	python3 - <<-'END'
	import mmap, os
	f = os.open("dir/f", os.O_RDWR)
	m = mmap.mmap(f, 5)
	m[0:5] = b"mmap!"
	m.flush()
	m.close()
	os.close(f)
	END
	is_modified
}

@test "a writer that holds the file open is seen each time it has paused" {
	exec {writer}>dir/f
	printf 1 >&"$writer"
	wait_until '[[ $(event --settle 200ms) == created ]]'
	iq-scan --ack dir
	printf 2 >&"$writer"
	run_split event --settle 1h
	assert_ran 0 "" ""
	wait_until '[[ $(event --settle 200ms) == modified ]]'
	exec {writer}>&-
}

@test "a file that becomes a directory is gone, and one that becomes a file new" {
	known
	rm dir/f
	mkdir dir/f
	echo x >dir/f/g
	run_split bash -c "iq-scan --settle 0 -J --new --deleted dir |
		jq -r '.event + \" \" + .path'"
	assert_ran 0 "deleted $PWD/dir/f
created $PWD/dir/f/g" ""
	rm -r dir/f
	printf 12345 >dir/f
	iq-scan --ack dir
	run_split bash -c "iq-scan --settle 0 -J --new --deleted dir |
		jq -r '.event + \" \" + .path'"
	assert_ran 0 "created $PWD/dir/f
deleted $PWD/dir/f/g" ""
}
