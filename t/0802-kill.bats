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
	kills 12 init create
}

@test "killed while jobs are put in" {
	kills 24 enqueue bulk
}

@test "killed while jobs are merged or replaced" {
	kills 18 merge replace
}

@test "killed while it puts in what others want, too" {
	kills 12 together
}

@test "killed while a worker puts in what it wants" {
	kills 12 served
}

@test "a worker killed while it puts in what others want" {
	kills 12 serving
}

@test "killed while the log is copied back" {
	kills 12 checkpoint
}

@test "killed while jobs are claimed, run and handed in" {
	kills 24 work fail
}

@test "killed while what follows a job is enqueued with its end" {
	kills 12 follow
}

@test "killed while a dead worker's jobs are taken back" {
	kills 12 reap
}

@test "killed while an operator changes something" {
	kills 12 cancel set backup
}

@test "killed while a queue is upgraded" {
	kills 12 upgrade
}

@test "killed while a queue is restored, compacted, repaired or pruned" {
	kills 18 restore refill compact repair prune
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
