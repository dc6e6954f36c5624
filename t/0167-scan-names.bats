#!/usr/bin/env bats
# iq-scan --name without a type: the iq-enqueue that reads it acknowledges what
# it offers, and no other does.

load lib
load scan

setup() {
	scan_setup
	touch -d '1 hour ago' dir/{a,b,c}
}

# offered [NAME ...]
offered() {
	local name
	for name; do
		iq-scan --status --name "$name" | jq .offered
	done | paste -sd' '
}

@test "who reads one name acknowledges nothing of another" {
	scan --name B dir >/dev/null
	scan --name A dir | iq-enqueue -t notes
	assert_equal "$(offered A B)" "0 3"
	run_split scan --name B dir
	assert_ran 0 "$PWD/dir/a
$PWD/dir/b
$PWD/dir/c" ""
	# nor what comes between its offer and its reader
	scan --name A dir | { scan --name B dir >/dev/null; iq-enqueue; }
	assert_equal "$(offered A B)" "0 3"
	run iq-db check
	assert_status 0
}

@test "jobs that come another way acknowledge nothing of a name" {
	scan -0 --name backup dir >list
	iq-enqueue -t unrelated dir/a
	echo "$PWD/dir/b" | iq-enqueue -t unrelated
	scan --name through dir | cat | iq-enqueue -t notes
	scan dir | iq-enqueue -t notes
	assert_equal "$(offered backup through)" "3 3"
	iq-scan --ack --name backup dir
	assert_equal "$(offered backup through)" "0 3"
	run iq-db check
	assert_status 0
}

@test "by a pipe, a fifo or a file, in each format" {
	local format name
	for format in "" -0 -J; do
		scan $format --name pipe dir | iq-enqueue $format
		scan $format --name file dir >list
		assert_equal "$(offered pipe file)" "0 3"
		iq-enqueue $format <list
		rm -f fifo
		mkfifo fifo
		# shellcheck disable=SC2094
		scan $format --name fifo dir >fifo 3>&- &
		iq-enqueue $format <fifo
		wait "$!"
		assert_equal "$(offered pipe file fifo)" "0 0 0"
		for name in pipe file fifo; do
			iq-scan --reset --name "$name" dir
		done
	done
}

@test "two in one pipe" {
	{ scan --name A dir; scan --name B dir; } | iq-enqueue
	assert_equal "$(offered A B)" "0 0"
}

@test "also when others put the records in" {
	start w iq-work -- true
	wait_until '[[ $(iq-stats --json | jq ".workers.processes | length") == 1 ]]'
	scan --name B dir >/dev/null
	scan --name A dir | iq-enqueue --batch 1
	stop w
	assert_equal "$(offered A B)" "0 3"
	run iq-db check
	assert_status 0
}

@test "a watch with a name, and the iq-enqueue that reads it" {
	scan --name B dir >/dev/null
	iq-watch --once --settle 0 --name A dir | iq-enqueue
	assert_equal "$(offered A B)" "0 3"
}

@test "once it has a type, jobs of that type acknowledge" {
	scan --name A dir >/dev/null
	scan --name A -t notes dir >list
	iq-enqueue -t other <list
	assert_equal "$(offered A)" 3
	iq-enqueue -t notes dir/a dir/b
	assert_equal "$(offered A)" 1
	run iq-db check
	assert_status 0
}

@test "older programs see no offer of a name" {
	scan --name A dir >/dev/null
	run_split sqlite3 "$IQ_QUEUE" 'SELECT count(*) FROM scan
		WHERE offered > 0'
	assert_stdout 0
	assert_equal "$(offered A)" 3
	# and what theirs count is counted
	sqlite3 "$IQ_QUEUE" 'UPDATE scan SET offered = offered + apart,
		apart = 0'
	run iq-db check
	assert_status 0
	echo x >dir/d
	scan --name A dir >/dev/null
	iq-enqueue dir/a
	assert_equal "$(offered A)" 4
}
