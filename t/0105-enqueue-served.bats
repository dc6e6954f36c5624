#!/usr/bin/env bats
# A worker that has the queue open puts in what iq-enqueue posts, which then
# need not open it: what was asked for happens once, whoever dies when.

load lib

setup() {
	iq_setup
	needs_linux "nobody serves"
	iq-db init
	workers=() put=0
}

# Those that a test has not ended itself; strace does not end when it is told.
teardown() {
	local pid
	for pid in "${workers[@]}"; do
		kill "$pid" $(pgrep -P "$pid" -x iq-work) 2>/dev/null || :
	done
	iq_teardown
}

# Who serves has a lock on this byte of the sidecar: lib/store/mailbox.c
served() {
	grep -q "OFDLCK .*:$(stat -c %i "$IQ_QUEUE-lock") 2147483713 " \
		/proc/locks
}

# work NAME [COMMAND ...] - a worker that runs nothing, started by COMMAND
work() {
	local pid=${1}_pid
	start "$1" "${@:2}" iq-work -t nothing -j1 -- true
	workers+=("${!pid}")
}

# serve NAME [COMMAND ...] - the same, and it serves
serve() {
	work "$@"
	wait_until served
}

# The worker itself, a child of its keeper, also when strace runs it
worker() {
	local name=${1}_pid pid child
	pid=${!name}
	while child=$(pgrep -P "$pid" -x iq-work); do
		pid=$child
	done
	echo "$pid"
}

# hit CALL:WHAT COMMAND ... - calls fail, or kill, as strace(1) says it
hit() {
	exec strace -f -qq -o /dev/null -e "trace=${1%%:*}" -e "inject=$1" \
		"${@:2}"
}

# hit_log WHAT COMMAND ... - the same of writes to the log, from some on that
# come after the first ones, with which the worker joins
hit_log() {
	exec strace -f -qq -o /dev/null -P "$IQ_QUEUE-wal" \
		-e "inject=pwrite64:$1:when=31+" "${@:2}"
}

# put_with ARG ... - puts in one more, and says whether that went without
# opening the queue
put_with() {
	put=$((put + 1))
	run_split strace -qq -o trace -e trace=openat,futex,fdatasync \
		iq-enqueue -I --raw "$@" "put $put"
	assert_ran 0 "$put" "" || return
	! grep -q '"[^"]*/queue.db", ' trace
}

put() {
	put_with -t default
}

# A worker may be late on a busy machine, but not for ever.
put_served() {
	wait_until put
}

# put_until_gone NAME - one after the other, until what is to happen to the
# worker has happened
put_until_gone() {
	local pid=${1}_pid
	wait_until "put || :; ! kill -0 ${!pid} 2>/dev/null"
	status=0
	wait "${!pid}" || status=$?
}

# Everything that was put in is there, once
all_there() {
	run bash -c 'iq-list | jq -r .path'
	assert_output "$(seq -f "put %g" "$put")"
}

whole() {
	all_there
	run_split iq-db check --text
	assert_status 0
}

@test "a worker puts in what is posted, for who has not opened the queue" {
	serve work
	put_served
	whole
	stop work
	((status == 0))
	refute put
	whole
}

@test "the log has the name of who posted it, and the counters count it" {
	serve work
	put_served
	run_split iq-enqueue --raw -I -v --ack "put 1" new
	assert_status 0
	[[ $output = 1$'\n'$((put + 1))$'\n{"batch":1,"records":2,"enqueued":1,'* ]]
	[[ $stderr = '{"read":2,"enqueued":1,"merged":1,'* ]]
	run_split sqlite3 queue.db "SELECT count(*), count(DISTINCT actor)
		FROM event WHERE kind = 3 AND actor LIKE '%@% iq-enqueue'"
	assert_stdout "$((put + 1))|$((put + 1))"
	run_split iq-stats --json
	assert_json '.types[0].intake.enqueued' "$((put + 1))"
	assert_json '.types[0].intake.merged' 1
}

@test "a worker starts at once what it has put in" {
	start work iq-work -j1 -- touch ran
	wait_until served
	iq-enqueue --raw a
	wait_until '[[ -e ran ]]' 5
	run_split iq-enqueue --raw --wait b
	assert_ran 0 "" ""
	stop work
}

# Each sync takes half a second longer; nothing else waits for one.
@test "a job that was put in starts when it is on disk, and not before" {
	local began
	cat >now <<-'end'
		#!/bin/sh
		date +%s%N >ran
	end
	chmod +x now
	start work hit fdatasync:delay_enter=500000 iq-work -j1 -- ./now
	workers+=("$work_pid")
	wait_until served
	began=$(date +%s%N)
	iq-enqueue --raw a
	(($(date +%s%N) - began >= 500000000))
	wait_until '[[ -s ran ]]'
	(($(<ran) - began >= 500000000))
}

@test "it serves while all of its slots are taken" {
	make_holder hold
	start work iq-work -j1 -- ./hold
	wait_until served
	put || :
	wait_until '[[ -s hold.started ]]'
	put_served
	release_holder hold
	wait_until '[[ -z $(iq-list) ]]'
	stop work
}

@test "what cannot be posted is put in as ever" {
	serve work
	put || :
	refute put_with --after 1
	refute put_with --payload "\"$(printf %2000s x)\""
	IQ_SET_MAX_QUEUE=100 refute put
	seq 9 >lines
	run_split strace -o trace -e trace=openat iq-enqueue --raw <lines
	assert_status 0
	grep -q '/queue.db", ' trace
}

@test "what is refused is refused in the same words" {
	serve work
	put || :
	run_split iq-enqueue --raw --max-queue 1 --on-full fail more
	assert_ran 75 "" "iq-enqueue: enqueue record 1: type default is full \
(max_queue); this one and what follows it was not taken"
	run_split iq-enqueue --raw --on-duplicate fail "put 1"
	assert_ran 65 "" "iq-enqueue: record 1: job 1 has its key already"
	run_split iq-enqueue --raw --max-queue 1 --on-full drop more
	assert_ran 0 "" "iq-enqueue: 1 record of 1 was dropped: full (max_queue)"
	whole
}

@test "a worker with settings of its own serves nobody" {
	IQ_SET_MAX_QUEUE=1 work work
	wait_until 'stats_say ".workers.processes[0].alive"'
	refute put
	refute put
	refute served
}

@test "a worker that is stopped holds nobody up, and is asked only once" {
	serve work
	kill -STOP "$(worker work)"
	refute put
	grep -q futex trace
	refute put
	refute grep -q futex trace
	kill -CONT "$(worker work)"
	put_served
	whole
}

# Who waits at the door has a lock on this byte of the sidecar
at_door() {
	grep -q "OFDLCK .*:$(stat -c %i "$IQ_QUEUE-lock") 2147483648 " \
		/proc/locks
}

@test "one that is stopped at the door holds nobody up" {
	local turn late=0
	serve work
	exec {turn}<>"$IQ_QUEUE-lock"
	flock "$turn"
	start first iq-enqueue --raw first
	wait_until at_door
	kill -STOP "$first_pid"
	wait_until 'grep -q "^State:.*T" "/proc/$first_pid/status"'
	flock -u "$turn"
	# shellcheck disable=SC2016
	wait_until 'strace -qq -o trace -e trace=openat \
		iq-enqueue --raw "late $((++late))" &&
		! grep -q "/queue.db\", " trace'
	at_door
	kill -CONT "$first_pid"
	wait "$first_pid"
	run bash -c 'iq-list | jq -r .path | sort'
	assert_output "$(printf '%s\n' first; seq -f "late %g" "$late" | sort)"
	run_split iq-db check --text
	assert_status 0
}

@test "when the one that serves is killed another one does" {
	serve one
	work two
	wait_until '(($(iq-stats --json | jq ".workers.processes | length") == 2))'
	kill -KILL "$(worker one)"
	wait "$one_pid" || :
	wait_until served
	put_served
	whole
}

@test "it dies before its commit: who posted does it himself" {
	serve work hit_log signal=SIGKILL
	put_until_gone work
	whole
}

@test "it dies between its commit and the sync: who posted syncs" {
	serve work hit fdatasync:signal=SIGKILL
	put_until_gone work
	grep -q fdatasync trace
	whole
}

# What was put in is there, and who did that has not been told.
put_untold() {
	put=$((put + 1))
	start poster iq-enqueue -I --raw "put $put"
	wait_until '(($(iq-list | wc -l) == put))' && [[ ! -s poster.out ]]
}

# Its sync ends at once, and returns five seconds later.
@test "it dies before it tells" {
	serve work hit fdatasync:delay_exit=5000000
	wait_until put_untold
	kill -KILL "$(worker work)"
	wait "$poster_pid"
	assert_equal "$(<poster.out)" "$put"
	whole
}

# Who is stopped meanwhile may have the turn.
put_if_there_is_a_turn() {
	put || ((status != 75)) || put=$((put - 1))
}

@test "it is stopped after its commit: that can be seen, and is synced" {
	serve work hit fdatasync:signal=SIGSTOP:when=1
	wait_until 'put_if_there_is_a_turn
		grep -qi "^State:.*t" "/proc/$(worker work)/status"'
	grep -q fdatasync trace
	put_if_there_is_a_turn
	kill -CONT "$(worker work)"
	whole
	# each of its threads is stopped once
	kill -KILL "$(worker work)"
}

# A worker that was late has failed for one that opened the queue meanwhile:
# then with another one.
put_unsynced() {
	put && grep -q fdatasync trace && return
	kill -0 "$work_pid" 2>/dev/null ||
		serve work hit fdatasync:error=EIO:when=1
	return 1
}

@test "its sync fails: who posted does his own, without opening the queue" {
	serve work hit fdatasync:error=EIO:when=1
	wait_until put_unsynced 60
	wait_until '! kill -0 "$work_pid" 2>/dev/null'
	status=0
	wait "$work_pid" || status=$?
	((status == 74))
	run cat work.err
	assert_output --partial "sync $IQ_QUEUE: disk I/O error"
	whole
}

@test "both syncs fail: the outcome is unknown, 74" {
	serve work hit fdatasync:error=EIO:when=1
	put=1
	run_split strace -o /dev/null -e trace=fdatasync \
		-e inject=fdatasync:error=EIO iq-enqueue -I --raw "put 1"
	assert_ran 74 "-" "iq-enqueue: sync $IQ_QUEUE: disk I/O error: outcome \
unknown, repeat with the same key"
	whole
}

@test "its disk is full: who posted tries it himself" {
	serve work hit_log error=ENOSPC
	wait_until 'put || :; ((put == 5))'
	whole
	kill -KILL "$(worker work)"
}

@test "another queue was put in the place of its own: that one gets it" {
	serve work
	put_served
	mkdir old
	mv queue.db queue.db-wal queue.db-shm old
	iq-db init
	was=$put put=0
	refute put
	refute put
	all_there
	run_split sqlite3 old/queue.db "SELECT count(*) FROM job"
	assert_stdout "$was"
}

@test "its sidecar came to lie beside another queue: that one gets what is put in" {
	serve work
	mkdir -m 700 other
	mv queue.db-lock other
	IQ_QUEUE=$PWD/other/queue.db
	iq-db init
	refute put
	refute put
	all_there
	run_split sqlite3 queue.db "SELECT count(*) FROM job"
	assert_stdout 0
}

@test "the sidecar was deleted: what is put in goes the ordinary way" {
	serve work
	put_served
	rm "$IQ_QUEUE-lock"
	refute put
	all_there
}

@test "of a queue that a newer iq has upgraded it leaves everything alone" {
	serve work
	put_served
	sqlite3 queue.db 'PRAGMA user_version = 3000'
	run_split iq-enqueue -I --raw more
	assert_ran 78 "-" "iq-enqueue: use $IQ_QUEUE: made by a newer iq (schema \
3.0, this one knows 2); upgrade iq"
	run_split sqlite3 queue.db 'SELECT count(*) FROM job'
	assert_stdout "$put"
}

@test "there is no turn to be had: who posted waits for one himself" {
	serve work
	exec {turn}<>"$IQ_QUEUE-lock"
	flock "$turn"
	: >trace
	start late strace -qq -o trace -e trace=openat iq-enqueue --raw "put 1"
	wait_until 'grep -q "/queue.db\", " trace'
	flock -u "$turn"
	wait "$late_pid"
	put=1
	whole
}

@test "of 32 writers and 3 servers under kills nothing is lost, nothing twice" {
	mkdir crowd
	cd crowd || return
	run_split "$IQ_BUILD/chaos/crowd" --writers 32 --servers 3 --kills 100
	assert_status 0
	assert_stdout_like 'crowd: *: 0 lost, none twice'
}
