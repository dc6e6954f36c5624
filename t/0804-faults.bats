#!/usr/bin/env bats
# System calls that fail, and disks that are full: the small part of t/chaos,
# and what single faults must look like.

load lib

faults() {
	local points=$1
	shift
	run_split "$IQ_SOURCE/t/chaos/inject" fault -n "$points" "$@"
	assert_status 0
	assert_stdout_like "fault: $points of *: 0 wrong"
}

# hit CALL:WHAT COMMAND ... - calls fail, as strace(1) says it
hit() {
	local what=$1
	shift
	run_split strace -f -qq -o /dev/null -e "trace=${what%%:*}" \
		-e "inject=$what" "$@"
}

# hit_file FILE CALL:WHAT COMMAND ... - only calls for that file
hit_file() {
	local file=$1 what=$2
	shift 2
	run_split strace -f -qq -o /dev/null -P "$file" -e "inject=$what" "$@"
}

@test "calls fail while jobs are put in" {
	faults 60 create enqueue bulk merge replace
}

@test "calls fail while it puts in what others want, too" {
	faults 30 together
}

@test "calls fail while a worker puts in what it wants, or in that worker" {
	faults 40 served serving
}

@test "calls fail while the log is copied back" {
	faults 30 checkpoint
}

@test "calls fail while jobs are run" {
	faults 40 work fail follow
}

@test "calls fail while a dead worker's jobs are taken back" {
	faults 20 reap
}

@test "calls fail while an operator changes something" {
	faults 40 init cancel set backup upgrade
}

@test "calls fail while a queue is restored, compacted, repaired or pruned" {
	faults 40 restore refill compact repair prune
}

@test "a full file system loses nothing and says so" {
	run_split "$IQ_SOURCE/t/chaos/full" 700 1500
	assert_status 0
	assert_stdout_like 'full: @(2 sizes, *: 0 wrong|not applicable, *)'
}

@test "a sync that fails is an unknown outcome, 74" {
	iq-db init
	hit fdatasync:error=EIO iq-enqueue -I --raw a
	assert_ran 74 "-" "iq-enqueue: sync $IQ_QUEUE: disk I/O error: outcome \
unknown, repeat with the same key"
	run_split iq-enqueue -I --raw a
	assert_ran 0 1 ""
}

@test "what follows a sync that failed does not hang on what was not written" {
	iq-db init
	iq-enqueue --raw a
	hit fdatasync:error=EIO:when=1 iq-enqueue --raw b
	assert_status 74
	# all of it is in the file, without the log
	mkdir -m 700 copy
	cp "$IQ_QUEUE" copy/queue.db
	run_split iq-list -q copy/queue.db
	assert_status 0
	[[ ${#lines[@]} = 2 ]]
}

@test "a job that a power cut could still take away is not started" {
	iq-enqueue --raw a
	hit fdatasync:error=EIO iq-work -n1 -- touch ran
	assert_status 74
	[[ ! -e ran ]]
	run_split iq-work --drain -- touch ran
	assert_ran 0 "" ""
	[[ -e ran ]]
}

@test "a disk that is full half-way takes back the batch" {
	iq-db init
	hit_file "$IQ_QUEUE-wal" pwrite64:error=ENOSPC:when=9+ iq-enqueue -I --raw a
	assert_ran 74 "-" "iq-enqueue: use $IQ_QUEUE: database or disk is full: \
free some space, nothing was half done"
	run_split iq-list
	assert_ran 0 "" ""
}

@test "too many open files is a reason to try again" {
	iq-db init
	hit_file "$IQ_QUEUE" openat:error=EMFILE iq-enqueue --raw a
	assert_status 75
	assert_stderr_like "iq-enqueue: * $IQ_QUEUE: unable to open database \
file (Too many open files)"
}

@test "ids that could not be written are not followed by others" {
	seq 1 30 >records
	hit write:error=EIO:when=1 sh -c \
		'exec iq-enqueue -I --raw --batch 10 <records'
	assert_status 74
	assert_stdout ""
	assert_stderr_like 'iq-enqueue: writing standard output: *'
	run_split iq-list
	[[ ${#lines[@]} = 30 ]]
}
