#!/usr/bin/env bats
# What a worker meets that does not answer: it goes on, and can be ended.

load lib

# on_mount MOUNT SCRIPT - runs the shell code where ./there is what the shell
# code MOUNT mounts; seen by nobody else, and gone with it.
on_mount() {
	needs_mounts
	mkdir there
	unshare -m bash -c "$1" 2>/dev/null || skip "this kernel cannot: $1"
	# shellcheck disable=SC2016
	run_split unshare -m bash -c 'eval "$1" && eval "$2"' on_mount "$@"
}

# Its server answers nothing, as that of a network that is gone.
dead='exec 9<>/dev/fuse && mount -i -t fuse none there \
	-o fd=9,rootmode=40000,user_id=0,group_id=0'

@test "a path on a dead mount keeps nobody waiting" {
	# shellcheck disable=SC2016
	on_mount "$dead" 'iq-enqueue "$PWD/there/file"
		seq -f /%g 20 | iq-enqueue
		timeout -s KILL 10 iq-work -j2 --drain --json -- true 9>&-'
	assert_status 0
	[[ $(jq -r .state <<<"$output" | sort | uniq -c) == *"21 succeeded" ]]
}

@test "the size of a file is that at the start, else known when it was looked at" {
	needs_linux "the size is looked at each time"
	mkdir lower none
	echo hello >lower/new
	# shellcheck disable=SC2016
	on_mount 'mount -t overlay none there -o lowerdir=lower:none' '
		iq-enqueue "$PWD/there/new"
		iq-work -n1 --json -- cat
		iq-enqueue "$PWD/lower/new"
		iq-work -n1 --json -- truncate -s 0'
	assert_status 0
	[[ $(jq -s -c 'map(.size_bytes)' <<<"$output") == '[6,6]' ]]
}

@test "a limit of open files that is too low for any handler is told in the end" {
	iq-enqueue --raw a
	run_split bash -c 'ulimit -n 20; exec timeout -s KILL 30 iq-work -- true'
	assert_status 75
	assert_stderr_like '*start a handler: Too many open files: stopping'
}

@test "a limit of file size is an error, not a death; handlers have the signal" {
	iq-enqueue --raw a
	run_split bash -c 'ulimit -f 2000; iq-work -n1 -- sh -c \
		"exec head -c 3000000 /dev/zero >big"'
	((status == 1))
	assert_equal "$(iq-list 1 | jq .exit)" -25
	run_split bash -c 'ulimit -f 600; seq 10000 | iq-enqueue --raw'
	assert_status 74
	assert_stderr_like "iq-enqueue: *"
	start work bash -c 'ulimit -f 600; exec iq-work -- true'
	wait_until '[[ $(iq-stats | jq ".workers.processes | length") == 1 ]]'
	seq 200 10000 | iq-enqueue --raw
	wait_until "! kill -0 $work_pid 2>/dev/null"
	status=0
	wait "$work_pid" || status=$?
	assert_status 74
}

# told_again - the worker $work_pid is told to stop until it does; $status
told_again() {
	wait_until "! kill $work_pid 2>/dev/null"
	status=0
	wait "$work_pid" || status=$?
	output=$(<work.out)
	# shellcheck disable=SC2034
	stderr=$(<work.err)
}

@test "told again to stop: not while somebody else has the turn" {
	iq-db init >/dev/null
	start work iq-work -- true
	wait_until '[[ $(iq-stats | jq ".workers.processes | length") == 1 ]]'
	exec {turn}<queue.db-lock
	flock "$turn"
	told_again
	assert_ran 0 "" ""
	exec {turn}<&-
	iq-work --drain -- true
	assert_equal "$(iq-stats | jq ".workers.processes | length")" 0
}

@test "told again to stop: what has ended waits for the turn, but not for long" {
	make_holder hold
	iq-enqueue --raw a
	start work iq-work --json -- ./hold
	wait_until '[[ -s hold.started ]]'
	exec {turn}<queue.db-lock
	flock "$turn"
	release_holder hold
	told_again
	assert_status 75
	assert_stderr_like '*1 finished job could not be recorded and will run again'
	exec {turn}<&-
	run_split iq-work --drain -- true
	assert_equal "$(iq-list 1 | jq -c '[.state, .crashes]')" \
		'["succeeded",1]'
}

@test "told again to stop: a reader of stdout that has stalled" {
	mkfifo fifo
	exec {reader}<>fifo
	head -c 300000 /dev/zero | tr '\0' x >text
	iq-enqueue text
	work_to_fifo() { exec iq-work --drain -- cat >fifo; }
	start work work_to_fifo
	wait_until '[[ $(iq-list 1 | jq -r .state) == succeeded ]]'
	told_again
	assert_status 74
	assert_stderr_like 'iq-work: write to stdout: stopped, and * bytes*'
	exec {reader}<&-
}

@test "told to stop: a job log that nobody reads" {
	mkfifo log
	start work iq-work --joblog log -- true
	wait_until '[[ -s queue.db && $(ps -o stat= --ppid $work_pid) == S* ]]'
	told_again
	assert_status 143
}
