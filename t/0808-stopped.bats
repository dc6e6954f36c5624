#!/usr/bin/env bats
# Somebody deletes the sidecar or the queue, and processes that are stopped:
# nobody guesses, nobody runs a job twice.

load lib

# stopped PID - it has really stopped
stopped() {
	grep -q '^State:.*T' "/proc/$1/status"
}

@test "a worker whose sidecar was deleted claims nothing more and exits 70" {
	make_holder hold
	iq-enqueue --raw a b
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	rm "$IQ_QUEUE-lock"
	release_holder hold
	wait_until '! kill -0 $work_pid 2>/dev/null'
	status=0
	wait "$work_pid" || status=$?
	((status == 70))
	run cat work.err
	assert_output --partial "queue.db-lock"
	assert_output --partial "deleted or replaced"
	run_split cat hold.started
	[[ ${#lines[@]} = 1 ]]
}

@test "a second worker beside a deleted sidecar does not start the running job" {
	make_holder hold
	iq-enqueue --raw a
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	rm "$IQ_QUEUE-lock"
	run_split timeout -k 5 20 iq-work -j1 --drain -- ./hold
	assert_status 70
	assert_stderr_like '*deleted or replaced*'
	run_split cat hold.started
	[[ ${#lines[@]} = 1 ]]
	release_holder hold
	wait_until '! kill -0 $work_pid 2>/dev/null' || stop work
}

# ends NAME STATUS - what was started ends by itself with that
ends() {
	local pid=$1_pid status=0
	wait_until "! kill -0 ${!pid} 2>/dev/null"
	wait "${!pid}" || status=$?
	[[ $status = "$2" ]]
}

@test "an idle worker whose queue was deleted says so and exits 66" {
	iq-db init
	start work iq-work -- true
	wait_until '[[ $(iq-stats | jq ".workers.processes | length") = 1 ]]'
	rm "$IQ_QUEUE"
	ends work 66
	run cat work.err
	assert_output --partial "queue.db: what was opened is not there any more"
}

@test "a busy worker whose queue was replaced ends with its job, and 66" {
	make_holder hold
	iq-enqueue --raw a b
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	mkdir -m 700 other
	iq-db init -q other/queue.db
	iq-enqueue -q other/queue.db --raw c
	mv other/queue.db "$IQ_QUEUE"
	rm -f "$IQ_QUEUE"-{wal,shm}
	wait_until '[[ -s work.err ]]'
	kill -0 "$work_pid"
	release_holder hold
	ends work 66
	run_split cat hold.started
	[[ ${#lines[@]} = 1 ]]
}

@test "nothing is acknowledged by a queue that has been moved away" {
	mkfifo paths
	exec 9<>paths
	start put iq-enqueue --raw --batch 1 --ack <paths 9>&-
	echo a >&9
	wait_until '[[ -s put.out ]]'
	mkdir -m 700 away
	mv "$IQ_QUEUE"* away
	echo b >&9
	exec 9>&-
	ends put 66
	run_split jq -s length put.out
	assert_ran 0 1 ""
	run_split iq-list -q away/queue.db --text
	assert_status 0
	[[ ${#lines[@]} = 2 ]]
}

@test "a worker the file of whose locks was deleted claims nothing more, too" {
	make_holder hold
	iq-enqueue --raw a b
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	rm "$IQ_QUEUE-run"
	run_split timeout -k 5 20 iq-work -j1 --drain -- ./hold
	assert_status 70
	assert_stderr_like '*queue.db-run: *deleted or replaced*'
	release_holder hold
	ends work 70
	run_split cat hold.started
	[[ ${#lines[@]} = 1 ]]
}

@test "when nothing runs, a deleted sidecar is made again" {
	iq-enqueue --raw a
	rm "$IQ_QUEUE-lock" "$IQ_QUEUE-run"
	run_split iq-enqueue -I --raw b
	assert_ran 0 2 ""
	run_split iq-work --drain -- true
	assert_status 0
}

@test "behind a stopped holder of the turn all wait, and go on when it does" {
	iq-enqueue --raw a
	flock --no-fork "$IQ_QUEUE-lock" sleep 60 3>&- &
	holder=$!
	wait_until '! flock -n "$IQ_QUEUE-lock" true'
	kill -STOP "$holder"
	wait_until 'stopped $holder'
	start more iq-enqueue -I --raw b
	run_split timeout 10 iq-list
	assert_status 0
	kill -0 "$more_pid"
	kill -KILL "$holder"
	wait_until '! kill -0 $more_pid 2>/dev/null'
	run cat more.out
	assert_output 2
}

@test "a worker that waits for its turn still hears TERM" {
	make_holder hold
	make_holder brief
	iq-enqueue --raw ./hold ./brief
	start work iq-work -j2 -- env
	wait_until '[[ -s hold.started && -s brief.started ]]'
	flock --no-fork "$IQ_QUEUE-lock" sleep 60 3>&- &
	holder=$!
	wait_until '! flock -n "$IQ_QUEUE-lock" true'
	release_holder brief
	wait_until 'grep -q -- "-> FLOCK .*:$(stat -c %i "$IQ_QUEUE-lock") " \
		/proc/locks'
	# the second one ends what runs
	wait_until 'kill -TERM $work_pid
		! pgrep -f "^flock -s $PWD/hold.gate" >/dev/null'
	kill -0 "$holder" "$work_pid"
	kill -KILL "$holder"
	wait_until '! kill -0 $work_pid 2>/dev/null'
	run_split iq-list
	assert_json '.path == "./hold" and .state == "pending" and
		.attempts == 0'
}

@test "a stopped iq-enqueue that only waits for input holds nobody up" {
	mkfifo in
	exec {in}<>in
	start feed iq-enqueue -I --raw <in
	echo one >&"$in"
	wait_until '[[ -s feed.out ]]'
	kill -STOP "$feed_pid"
	wait_until 'stopped $feed_pid'
	run_split timeout 10 iq-enqueue -I --raw two
	assert_ran 0 2 ""
	kill -CONT "$feed_pid"
	exec {in}>&-
	stop feed
}

@test "a stopped worker keeps its jobs; others run the rest, and none twice" {
	make_holder hold
	iq-enqueue --raw a b
	start work iq-work -j1 -n1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	worker=$(pgrep -P "$work_pid")
	kill -STOP "$work_pid" "$worker"
	wait_until 'stopped $worker'
	start rest iq-work -j2 -n1 -- sh -c 'echo "$IQ_JOB_ID" >>ran'
	wait_until '! kill -0 $rest_pid 2>/dev/null' 20
	run cat ran
	assert_output 2
	run bash -c "iq-list -s running | jq .id"
	assert_output 1
	release_holder hold
	kill -CONT "$worker" "$work_pid"
	wait_until '! kill -0 $work_pid 2>/dev/null'
	run_split iq-list
	assert_ran 0 "" ""
	run_split cat hold.started
	[[ ${#lines[@]} = 1 ]]
}

@test "two workers beside a deleted and new sidecar run no job twice" {
	make_holder hold
	iq-enqueue --raw a b
	start one iq-work -j1 -- ./hold
	start two iq-work -j1 -- ./hold
	wait_until '(($(wc -l <hold.started) == 2))'
	rm "$IQ_QUEUE-lock"
	iq-enqueue --raw c
	release_holder hold
	exec {hold_gate}>hold.gate
	flock "$hold_gate"
	wait_until '! kill -0 $one_pid $two_pid 2>/dev/null' 5 ||
		release_holder hold
	run bash -c 'sort hold.started | uniq -d'
	assert_output ""
	run_split wc -l hold.started
	assert_stdout "2 hold.started"
}
