#!/usr/bin/env bats
# iq-scan: what it opens, and where it keeps what it knows.

load lib

setup() {
	iq_setup
	mkdir dir
	touch dir/{1..9}
}

@test "no file is opened, nor what is none" {
	mkfifo dir/fifo
	ASAN_OPTIONS=detect_leaks=0 run_split strace -f -qq -o opened \
		-e trace=open,openat,openat2 iq-scan --settle 0 dir
	assert_status 0
	assert_equal "${#lines[@]}" 9
	refute grep -E '"(dir/)?([1-9]|fifo)"' opened
	grep -q O_DIRECTORY opened
}

@test "--max-files-per-batch is --limit" {
	run_split iq-scan -v --settle 0 --max-files-per-batch 7 dir
	assert_status 0
	assert_equal "${#lines[@]}" 7
	output=$stderr
	assert_json .more true
	iq-scan --ack dir
	run_split iq-scan --settle 0 --new --max-files-per-batch 7 dir
	assert_equal "${#lines[@]}" 2
}

@test "-q: another queue knows nothing of it" {
	iq-scan --settle 0 dir >/dev/null
	iq-scan --ack dir
	run_split iq-scan --settle 0 --new -q "$PWD/other.db" dir
	assert_equal "${#lines[@]}" 9
	run_split iq-scan --settle 0 --new dir
	assert_ran 0 "" ""
}
