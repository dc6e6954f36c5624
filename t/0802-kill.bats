#!/usr/bin/env bats
# SIGKILL at system calls, the small part of t/chaos: what was accepted is
# there, the queue is whole, the next program works.

load lib

kills() {
	local points=$1
	shift
	run_split "$IQ_SOURCE/t/chaos/inject" kill -n "$points" "$@"
	assert_status 0
	assert_stdout_like "kill: $points of *: 0 wrong"
}

@test "killed while a queue is made" {
	kills 20 init create
}

@test "killed while jobs are put in" {
	kills 40 enqueue bulk
}

@test "killed while jobs are merged or replaced" {
	kills 30 merge replace
}

@test "killed while it puts in what others want, too" {
	kills 20 together
}

@test "killed while a worker puts in what it wants" {
	kills 20 served
}

@test "a worker killed while it puts in what others want" {
	kills 20 serving
}

@test "killed while the log is copied back" {
	kills 20 checkpoint
}

@test "killed while jobs are claimed, run and handed in" {
	kills 40 work fail
}

@test "killed while what follows a job is enqueued with its end" {
	kills 20 follow
}

@test "killed while a dead worker's jobs are taken back" {
	kills 20 reap
}

@test "killed while an operator changes something" {
	kills 20 cancel set backup
}

@test "killed while a queue is upgraded" {
	kills 20 upgrade
}

@test "killed while a queue is restored, compacted, repaired or pruned" {
	kills 30 restore refill compact repair prune
}

@test "a queue whose making was interrupted is none yet, and is made by the next" {
	# the transaction that makes it ends with the sync of the log
	strace -f -o /dev/null -P "$IQ_QUEUE-wal" \
		-e inject=fdatasync:signal=SIGKILL:when=1 \
		iq-db init || :
	assert_file_exists "$IQ_QUEUE"
	run_split iq-list
	assert_ran 66 "" "iq-list: open $IQ_QUEUE: no queue yet, its making was \
interrupted, or it is a copy without its log; make it with: iq-db init -q $IQ_QUEUE"
	run_split iq-enqueue -I --raw a
	assert_ran 0 1 ""
}
