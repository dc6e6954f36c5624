#!/usr/bin/env bats
# The files beside the queue were deleted while a job ran: what helps, and what
# must not be done before that has ended.

load lib

# hold - a worker that runs job 1 until release_holder; its pids: $work_pid
# $worker
hold() {
	make_holder hold
	iq-enqueue --raw 1
	start work "$@" iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	worker=$(pgrep -P "$work_pid")
}

# die - the worker and its keeper; the handler lives on
die() {
	kill -KILL "$work_pid" "$worker"
	wait "$work_pid" || :
	wait_until '! kill -0 "$worker" 2>/dev/null'
}

# take_away FILE ... - from beside the queue.  Who keeps them keeps their places
# on the disk, too: those of deleted ones might be given to the new ones.
take_away() {
	local file
	for file; do
		mv "$IQ_QUEUE-$file" "old-$file"
	done
}

# nothing_starts - the queue is of no use, and says so
nothing_starts() {
	run_split timeout -k 5 20 iq-work -j1 --drain -- ./hold
	assert_status 70
	assert_stderr_like "*deleted or replaced one. Stop all iq-work of this\
 queue and end what their handlers have left running; then iq-db check\
 --repair"
}

# not_mended - by iq-db check, because something lives
not_mended() {
	run_split iq-db check --repair
	assert_status 1
	assert_json '.mended | length' 0
	assert_json '.findings[0] | contains("; worker 1 lives, or what its handler has left running; when that has ended, iq-db check --repair makes these the files")'
	nothing_starts
	run_split wc -l hold.started
	assert_stdout "1 hold.started"
}

# mended - and the job, of which nothing lives, is run again
mended() {
	run_split iq-db check
	assert_status 1
	assert_json '.findings[0] | contains("; nothing of that lives any more, and iq-db check --repair makes these the files")'
	run_split iq-db check --repair
	assert_status 0
	assert_json '.mended | tojson' '["the lock files beside the queue are others than before, whose locks nobody holds any more","1 job of dead workers"]'
	run_split iq-work -j1 --drain -- ./hold
	assert_status 0
	run_split wc -l hold.started
	assert_stdout "2 hold.started"
	run_split iq-db check --text
	assert_ran 0 "$IQ_QUEUE: ok" ""
}

@test "all has gone: the new files are taken when that is asked for" {
	local files
	for files in lock run "lock run"; do
		hold
		die
		release_holder hold
		wait_until '[[ -z $(pgrep -f "^flock -s $PWD/hold.gate") ]]'
		# shellcheck disable=SC2086
		take_away $files
		nothing_starts
		mended
		rm "$IQ_QUEUE"*
	done
}

@test "what a dead worker's handler left has to end first" {
	local files
	for files in lock run "lock run"; do
		hold
		die
		# shellcheck disable=SC2086
		take_away $files
		not_mended
		release_holder hold
		wait_until '[[ -z $(pgrep -f "^flock -s $PWD/hold.gate") ]]'
		mended
		rm "$IQ_QUEUE"*
	done
}

@test "a stopped worker has to end first" {
	local pids
	hold
	pids="$work_pid $worker"
	# shellcheck disable=SC2086
	kill -STOP $pids
	take_away lock run
	not_mended
	# what it runs ends without it, which still counts
	release_holder hold
	wait_until '[[ -z $(pgrep -f "^flock -s $PWD/hold.gate") ]]'
	not_mended
	die
	mended
}

@test "a stopped worker that goes on after all claims nothing" {
	hold
	iq-enqueue --raw 2
	kill -STOP "$work_pid" "$worker"
	take_away lock run
	not_mended
	kill -CONT "$worker" "$work_pid"
	release_holder hold
	wait_until '! kill -0 "$work_pid" 2>/dev/null'
	status=0
	wait "$work_pid" || status=$?
	((status == 70))
	run_split iq-work -j1 --drain -- ./hold
	assert_status 0
	run cat hold.started
	assert_output "1 1
2 2"
}

@test "what lives in another PID namespace has to end first" {
	needs_mounts
	unshare --pid --fork --mount-proc true 2>/dev/null ||
		skip "this system has no namespaces for processes"
	hold unshare --pid --fork --kill-child --mount-proc
	take_away lock run
	not_mended
	kill -KILL "$work_pid"
	wait "$work_pid" || :
	wait_until '[[ -z $(pgrep -f "^flock -s $PWD/hold.gate") ]]'
	release_holder hold
	mended
}

@test "where locks cannot be seen nothing is taken" {
	needs_mounts
	hold
	die
	release_holder hold
	wait_until '[[ -z $(pgrep -f "^flock -s $PWD/hold.gate") ]]'
	take_away lock run
	run_split unshare -m sh -c \
		'mount --bind /dev/null /proc/locks && iq-db check --repair'
	assert_status 1
	assert_json '.mended | length' 0
	assert_json '.findings[0] | contains("whether that lives cannot be seen here; after a restart of the machine it does not")'
	mended
}

@test "a copy of a queue in use does not run its jobs" {
	hold
	mkdir -m 700 copy
	cp queue.db queue.db-wal copy
	IQ_QUEUE=$PWD/copy/queue.db not_mended
	release_holder hold
	stop work
}

@test "a worker of another queue with the same number is in nobody's way" {
	iq-db init -q other.db >/dev/null
	start other iq-work -q other.db -- true
	wait_until '[[ $(iq-stats -q other.db | jq ".workers.processes[0].id") = 1 ]]'
	hold
	die
	release_holder hold
	wait_until '[[ -z $(pgrep -f "^flock -s $PWD/hold.gate") ]]'
	take_away lock run
	nothing_starts
	mended
	stop other
}
