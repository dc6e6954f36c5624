#!/usr/bin/env bats
# Process trees: what timeouts, stops and deaths leave behind, which is
# nothing, and what they never do, which is run a job twice at once.

load lib

# worker_of KEEPER - the worker proper
worker_of() {
	pgrep -P "$1"
}

# What begins a session of its own is seen, and orphans are waited for, on
# Linux only.
needs_trees() {
	needs_linux "process groups only are seen"
}

# The job whose handler runs in the background leaves here what it is
running() {
	[[ -s hold.started ]]
}

@test "a timeout ends the attempt, which is retried" {
	iq-enqueue a
	run_split iq-work -n1 --timeout 200ms --json -- sh -c 'exec sleep 60'
	assert_status 1
	assert_json '[.exit,.outcome,.reason,.state,.attempts] ==
		[-15,"transient","timeout","pending",1]'
	assert_json '.duration_seconds >= 0.2 and .duration_seconds < 2'
}

@test "a handler that succeeds at being told to stop has timed out all the same" {
	iq-enqueue a
	run_split iq-work -n1 --timeout 200ms --json -- bash -c \
		'trap "exit 0" TERM; read -r <> <(:)'
	assert_json '[.exit,.reason] == [0,"timeout"]'
}

@test "a job's own timeout holds, --timeout is stronger" {
	iq-enqueue --timeout 200ms a
	run_split iq-work -n1 --json -- sh -c 'exec sleep 60'
	assert_json '.reason == "timeout"'
	iq-enqueue --timeout 100ms b
	run_split iq-work -n1 --timeout 0 --json -- sh -c 'exec sleep 0.3'
	assert_json '.state == "succeeded"'
}

@test "the setting timeout holds where the job has none of its own" {
	iq-tune set timeout=150ms
	iq-enqueue a
	run_split iq-work -n1 --json -- sh -c 'exec sleep 60'
	assert_json '.reason == "timeout"'
	iq-ctl cancel 1 >/dev/null
	iq-enqueue --timeout 1h b
	run_split iq-work -n1 --json -- sh -c 'exec sleep 0.4'
	assert_json '.state == "succeeded"'
	iq-enqueue c
	run_split iq-work -n1 --timeout 1h --json -- sh -c 'exec sleep 0.4'
	assert_json '.state == "succeeded"'
	iq-enqueue d
	IQ_SET_TIMEOUT=1h run_split iq-work -n1 --json -- sh -c 'exec sleep 0.4'
	assert_json '.state == "succeeded"'
}

@test "who ignores TERM gets KILL after the grace" {
	iq-enqueue a
	run_split iq-work -n1 --timeout 100ms --grace 200ms --json -- \
		bash -c 'trap "" TERM; sleep 60; sleep 61'
	assert_json '[.exit,.reason] == [-9,"timeout"]'
	assert_json '.duration_seconds >= 0.3 and .duration_seconds < 3'
}

@test "the setting grace holds without --grace" {
	iq-enqueue a
	IQ_SET_GRACE=0 run_split iq-work -n1 --timeout 100ms --json -- \
		bash -c 'trap "" TERM; exec sleep 60'
	assert_json '[.exit,.reason] == [-9,"timeout"]'
}

@test "who is stopped gets TERM all the same" {
	iq-enqueue a
	run_split iq-work -n1 --timeout 200ms --json -- bash -c 'kill -STOP $$'
	assert_json '[.exit,.reason] == [-15,"timeout"]'
}

@test "what a handler leaves behind is ended, its outcome stays" {
	needs_trees
	iq-enqueue a
	run_split iq-work -n1 --json -- sh -c '(setsid sleep 987651 &); exit 0'
	assert_status 0
	assert_json '[.exit,.state] == [0,"succeeded"]'
	run pgrep -f 'sleep 987651'
	assert_output ""
}

@test "leftovers=wait: the job ends when all of it has" {
	needs_trees
	iq-enqueue a
	make_holder hold
	IQ_SET_LEFTOVERS=wait start work iq-work -n1 --json -- sh -c '(setsid ./hold &); exit 0'
	wait_until running
	assert_file_empty work.out
	release_holder hold
	wait "$work_pid"
	assert_equal "$(jq .state work.out)" '"succeeded"'
}

@test "output of what is left behind is waited for, too" {
	needs_trees
	iq-enqueue a
	IQ_SET_LEFTOVERS=wait run_split iq-work -n1 -- sh -c \
		'echo first; (setsid sh -c "sleep 0.2; echo last" &)'
	assert_ran 0 "first
last" ""
}

@test "one handler's end does not touch what another one started" {
	make_holder hold
	iq-enqueue --raw 1
	start work iq-work -j2 --drain --json -- sh -c \
		'test "$1" != 1 || { (setsid ./hold &); exec ./hold; }' sh
	wait_until '(($(wc -l <hold.started) == 2))'
	iq-enqueue --wait 2 3 4
	assert_equal "$(pgrep -cf "flock -s $PWD/hold.gate")" 2
	release_holder hold
	wait "$work_pid"
}

@test "a handler killed by somebody is a failure like others" {
	iq-enqueue a
	run_split iq-work -n1 --json -- sh -c 'kill -KILL $$'
	assert_status 1
	assert_json '[.exit,.outcome,.state] == [-9,"unknown","pending"]'
}

@test "the worker killed: its keeper ends what is left and dies the same way" {
	needs_trees
	make_holder hold
	iq-enqueue --raw 1
	start work iq-work -- sh -c '(setsid ./hold &); exec ./hold'
	wait_until '(($(wc -l <hold.started) == 2))'
	kill -KILL "$(worker_of "$work_pid")"
	status=0
	wait "$work_pid" || status=$?
	assert_equal "$status" 137
	assert_equal "$(<work.err)" "iq-work: the worker has gone: ending what it left (2 process trees)"
	run pgrep -f "flock -s $PWD/hold.gate"
	assert_output ""
}

@test "the worker killed: its keeper gives what is left the grace of its type" {
	needs_trees
	iq-tune set -t now grace=0
	iq-enqueue --raw -t now 1
	# it has a lock to lose, and does not heed TERM
	cat >deaf <<-'END'
	#!/bin/sh
	trap '' TERM
	echo $$ >deaf.pid
	exec sleep 987654
	END
	chmod +x deaf
	start work iq-work -- ./deaf
	wait_until '[[ -s deaf.pid ]]'
	kill -KILL "$(worker_of "$work_pid")"
	# the standard is 10 s
	wait_until '! kill -0 "$(<deaf.pid)" 2>/dev/null' 8
	wait "$work_pid" || :
}

@test "the worker killed: another one takes the job within seconds" {
	needs_trees
	make_holder hold
	iq-enqueue --raw 1
	start first iq-work -- ./hold
	wait_until running
	start second iq-work -n1 --json -- true
	kill -KILL "$(worker_of "$first_pid")"
	wait "$second_pid"
	assert_equal "$(jq -c '[.id,.attempt,.attempts,.state]' second.out)" \
		'[1,2,0,"succeeded"]'
	assert_equal "$(<second.err)" "iq-work: 1 job was taken back from a worker that is gone"
	wait "$first_pid" || :
}

@test "worker and keeper killed: the job is not started again while its handler lives" {
	make_holder hold
	iq-enqueue --raw 1
	start first iq-work --lease 1s -- sh -c 'setsid ./hold; exit 0'
	wait_until running
	kill -KILL "$first_pid" "$(worker_of "$first_pid")"
	wait "$first_pid" || :
	start second iq-work -t default -n1 --json -- true
	# longer than the lease and than any look at what is lost
	iq-enqueue --delay 2500ms -t other 2
	iq-work -t other -n1 -- true
	run iq-list --json 1
	assert_json '[.state,.attempt] == ["running",1]'
	assert_file_empty second.out
	release_holder hold
	wait "$second_pid"
	assert_equal "$(jq -c '[.id,.attempt]' second.out)" '[1,2]'
}

@test "the keeper killed: the worker finishes what runs and stops" {
	needs_trees
	make_holder hold
	iq-enqueue --raw 1 2
	start work iq-work -j1 --json -- ./hold
	wait_until running
	worker=$(worker_of "$work_pid")
	kill -KILL "$work_pid"
	wait "$work_pid" || :
	wait_until '[[ -s work.err ]]'
	release_holder hold
	wait_until '! kill -0 "$worker" 2>/dev/null'
	assert_equal "$(jq -c '[.id,.state]' work.out)" '[1,"succeeded"]'
}

@test "a worker that hangs longer than its lease keeps its job" {
	make_holder hold
	iq-enqueue --raw 1
	start first iq-work -n1 --lease 1s --json -- ./hold
	wait_until running
	worker=$(worker_of "$first_pid")
	kill -STOP "$worker"
	start second iq-work --drain --json -- true
	iq-enqueue --delay 2500ms --wait -t other 2
	run iq-list --json 1
	assert_json '[.state,.attempt] == ["running",1]'
	kill -CONT "$worker"
	release_holder hold
	wait "$first_pid"
	wait "$second_pid"
	assert_equal "$(jq -c '[.id,.attempt,.state]' first.out)" '[1,1,"succeeded"]'
}

@test "cancel --kill ends a running job" {
	make_holder hold
	iq-enqueue --raw 1
	start work iq-work -n1 --json -- ./hold
	wait_until running
	iq-ctl cancel --kill 1
	status=0
	wait "$work_pid" || status=$?
	assert_equal "$status" 1
	assert_equal "$(jq -c '[.exit,.outcome,.state,.reason]' work.out)" \
		'[-15,"cancelled","cancelled","operator"]'
}

@test "release gives a running job back, uncharged" {
	make_holder hold
	iq-enqueue --raw 1
	start work iq-work -n1 --json -- ./hold
	wait_until running
	iq-ctl release 1
	wait "$work_pid" || :
	assert_equal "$(jq -c '[.outcome,.state,.attempts]' work.out)" \
		'["released","pending",0]'
}

@test "the keeper passes on what a process sends, and dies as its worker" {
	start work iq-work -- true
	wait_until '[[ $(iq-stats --json 2>/dev/null | jq ".workers.processes | length") == 1 ]]'
	kill -USR1 "$work_pid"
	status=0
	wait "$work_pid" || status=$?
	assert_equal "$status" 138
}

@test "HUP does not end it" {
	start work iq-work --json -- true
	wait_until '[[ $(iq-stats --json 2>/dev/null | jq ".workers.processes | length") == 1 ]]'
	kill -HUP "$work_pid"
	iq-enqueue --wait a
	stop work
	assert_equal "$status" 0
	assert_equal "$(jq -c .state work.out)" '"succeeded"'
}

@test "the keeper leaves alone what was its child before" {
	cat >session <<-'END'
	#!/bin/bash
	sleep 987652 >/dev/null 2>&1 3>&- &
	echo $! >child
	exec iq-work --drain -- true
	END
	chmod +x session
	run_split ./session
	assert_ran 0 "" ""
	kill "$(<child)"
}

@test "a handler that closed its lock is ended before its job is taken back" {
	cat >closed <<-'END'
	#!/bin/bash
	for fd in /proc/$$/fd/*; do
		fd=${fd##*/}
		((fd <= 2)) || eval "exec $fd>&-"
	done
	echo $$ >>started
	exec sleep 1000
	END
	chmod +x closed
	iq-enqueue --raw a
	start first iq-work --grace 0 -- ./closed
	wait_until '[[ -s started ]]'
	kill -STOP "$first_pid"		# the keeper: it cannot sweep up
	pkill -KILL -P "$first_pid"	# the worker
	wait_until '[[ $(ps -o ppid= -p "$(<started)") -eq $first_pid ]]'
	start second iq-work --json --drain -- true
	# its first look at the dead is before its first claim
	iq-enqueue --wait --raw b
	run_split iq-list --json 1
	assert_json '[.state, .attempt] == ["running", 1]'
	kill -0 "$(<started)"
	kill -CONT "$first_pid"
	wait "$first_pid" || :
	wait "$second_pid"
	run jq -c '[.path, .attempt]' second.out
	assert_output '["b",1]
["a",2]'
}
