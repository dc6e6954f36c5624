#!/usr/bin/env bats
# A disk that is full: how jobs end is recorded all the same, nothing new is
# begun, and what could not be recorded is said.

load lib

# No room is left, but KIB and what is kept for the queue.
fill() {
	head -c 100000000 /dev/zero >ballast 2>/dev/null || :
	truncate -s "-${1-0}K" ballast
}

# Nor that
fill_up() {
	truncate -s 1M queue.db-lock
	fill "$@"
}

# ../hold says that it has started, and lasts until release.
make_gate() {
	: >../started
	cat >../hold <<-END
	#!/bin/sh
	echo "\$IQ_JOB_PATH" >>$IQ_TEST/started
	exec flock -s $IQ_TEST/gate true
	END
	chmod +x ../hold
	exec 9>../gate
	flock 9
}

release() {
	flock -u 9
}

state_of() {
	iq-list --json "$1" | jq -r .state
}

on_disk() {
	export -f fill fill_up make_gate release state_of wait_until age
	on_small_disk 8192 "$@"
}

@test "what runs is recorded, and what waits is started when there is room" {
	on_disk '
		make_gate
		iq-enqueue --raw a b c
		iq-work -j1 -- ../hold 2>../err &
		wait_until "[[ -s ../started ]]"
		fill
		release
		wait_until "[[ \$(state_of 1) = succeeded ]]"
		wait_until "[[ -s ../err ]]"
		cat ../started
		rm ballast
		wait_until "[[ \$(state_of 3) = succeeded ]]"
		kill $!
		wait $!
		echo "status $?"
		iq-db check --text'
	assert_ran 0 "a
status 0
$PWD/disk/queue.db: ok" ""
	assert_equal "$(<err)" "iq-work: the disk is full: nothing more is\
 started until there is room
iq-work: there is room on the disk again"
}

@test "who only drains ends when nothing can be started" {
	on_disk '
		iq-enqueue --raw a b c
		fill_up 60
		iq-work --drain -- touch ran
		echo "status $?"
		[[ ! -e ran ]] && rm ballast
		iq-work --drain -j1 -- echo'
	assert_ran 0 "status 74
a
b
c" "iq-work: the disk is full: nothing more is started"
}

@test "what could not be recorded is said, and runs again" {
	on_disk '
		make_gate
		iq-enqueue --raw a b
		iq-work -j2 -- ../hold 2>../err &
		wait_until "((\$(wc -l <../started) == 2))"
		fill_up
		release
		wait_until "grep -q recorded ../err"
		kill $!
		wait_until "! kill $! 2>/dev/null"
		wait $!
		echo "status $?"
		rm ballast
		iq-work --drain -j1 -- echo
		iq-db check --text'
	assert_ran 0 "status 74
a
b
$PWD/disk/queue.db: ok" "iq-work: 2 jobs were taken back from a worker that is gone"
	assert_equal "$(sed '/stopping when\|ending [12]/d
		s/[12] finished jobs* waits* for/N wait for/' err)" "iq-work: the\
 disk is full: nothing more is started until there is room
iq-work: N wait for room to be recorded
iq-work: 2 finished jobs could not be recorded and will run again"
}

@test "nothing is put in when there is little room, and nothing is half done" {
	on_disk '
		iq-enqueue -I --raw a
		fill 100
		iq-enqueue -I --raw b
		echo "status $?"
		seq 100 | iq-enqueue --raw
		echo "status $?"
		iq-list | jq -r .path
		rm ballast
		iq-enqueue -I --raw b'
	assert_status 0
	assert_stdout "1
-
status 75
status 75
a
2"
	assert_equal "$(sed 's/[0-9.]* KiB/N/g' <<<"$stderr" | sort -u)" \
		"iq-enqueue: put into $PWD/disk/queue.db: the disk is nearly full: N are\
 free, and N are needed; free some space, nothing was half done"
}

@test "a batch that is larger than the room is refused as a whole" {
	on_disk '
		iq-enqueue -I --raw a
		fill 3000
		seq 20000 | iq-enqueue --raw
		echo "status $?"
		seq 100 | iq-enqueue --raw
		echo "status $?"
		iq-list | wc -l'
	assert_stdout "1
status 75
status 0
101"
}

@test "so it is for those who put in together, and by a worker" {
	on_disk '
		iq-enqueue --raw a
		iq-work -t other -- true 2>../err &
		wait_until "[[ \$(iq-stats | jq \".workers.processes | length\") = 1 ]]"
		fill 100
		for i in 1 2 3 4 5 6; do
			(iq-enqueue --raw $i 2>/dev/null; echo $?) &
		done | sort | uniq -c
		kill $!
		wait $!
		iq-list | wc -l'
	assert_status 0
	assert_equal "$(xargs <<<"$output")" "6 75 1"
}

@test "what was given back is kept again as soon as there is room" {
	on_disk '
		kept() { (($(stat -c "%b * 512" queue.db-lock) > 400000)); }
		iq-enqueue --raw a && kept || echo not kept
		fill_up
		! kept || echo still kept
		iq-enqueue --raw b 2>/dev/null
		! kept || echo kept, but there is no room
		rm ballast
		iq-enqueue --raw b && kept || echo not kept again'
	assert_ran 0 "" ""
}

@test "iq-list --why says that there is no room" {
	on_disk '
		iq-enqueue --raw a
		fill_up 60
		iq-list --why 1 --json | jq -r "select(.code == \"full\").sentence"
		rm ballast
		iq-list --why 1 --json | jq -r .code'
	assert_ran 0 "the disk is nearly full, so no worker starts anything:\
 60.0 KiB are free, and 640.0 KiB are needed
no_worker
no_handler" ""
}

@test "a full disk can be pruned" {
	on_disk '
		seq 6000 | iq-enqueue --raw
		seq 6000 | iq-ctl cancel >/dev/null
		age 31
		iq-tune set grace=11s
		fill
		iq-db prune | jq .jobs
		iq-db check --text'
	assert_ran 0 "6000
$PWD/disk/queue.db: ok" ""
}

@test "a full disk does not keep the operator from stopping" {
	on_disk '
		seq 300 | iq-enqueue --raw
		fill
		iq-ctl pause -t default
		iq-ctl cancel 1 2 | jq -c .ok
		iq-list --json 3 | jq -r .state
		iq-ctl resume -t default
		iq-tune set -t default max_workers=1
		iq-tune get -t default max_workers
		iq-db check --text'
	assert_ran 0 "true
true
pending
1
$PWD/disk/queue.db: ok" ""
}
