#!/usr/bin/env bats
# Who is alive, who is overdue, and what becomes of an order when the worker
# that should carry it out dies.

load lib

# worker_of KEEPER - the worker proper
worker_of() {
	pgrep -P "$1"
}

running() {
	[[ -s hold.started ]]
}

# hold ARGUMENT ... - a worker that runs job 1 until release_holder
hold() {
	make_holder hold
	iq-enqueue --raw 1
	start work iq-work "$@" -- ./hold
	wait_until running
	worker=$(worker_of "$work_pid")
}

# die - the worker and its keeper; the handler lives on
die() {
	kill -KILL "$work_pid" "$worker"
	wait "$work_pid" || :
	wait_until '! kill -0 "$worker" 2>/dev/null'
}

# namespaced COMMAND ... - in a PID namespace of its own, where that is allowed
namespaced() {
	if unshare --pid --fork --mount-proc true 2>/dev/null; then
		exec unshare --pid --fork --mount-proc "$@"
	fi
	exec "$@"
}

# look_twice - a worker has looked for the dead at least twice
look_twice() {
	iq-enqueue --delay 2500ms -t other --raw other
	iq-work -t other -n1 -- true
}

@test "a worker of another PID namespace lives" {
	export -f namespaced
	iq-enqueue --delay 1h --raw later
	start work bash -c 'namespaced iq-work -t default -n1 -- true'
	wait_until '[[ $(iq-stats --json 2>/dev/null |
		jq ".workers.processes | length") = 1 ]]'
	# where there are no namespaces it is the number that misleads
	sqlite3 queue.db "UPDATE worker SET pid = 99999999"
	look_twice
	run_split iq-stats --json
	assert_json '.workers.processes | map(select(.id == 1)) | .[0].alive'
	run_split iq-list --text --why 1
	[[ $output != *"no live worker"* ]]
	iq-enqueue --raw now
	wait "$work_pid"
	assert_equal "$(cat work.err)" ""
	run_split iq-db check --text
	assert_status 0
}

@test "a dead worker is dead, whoever has its number" {
	start work iq-work -t default -- true
	wait_until '[[ $(iq-stats --json 2>/dev/null |
		jq ".workers.processes | length") = 1 ]]'
	sqlite3 queue.db "UPDATE worker SET pid = $$, start = 0"
	kill -KILL "$(worker_of "$work_pid")"
	wait "$work_pid" || :
	run_split iq-stats --json
	assert_json '.workers | [.processes[0].alive, .effective] | tojson' \
		'[false,0]'
	look_twice
	run_split iq-stats --json
	assert_json '.workers.processes' '[]'
}

@test "a dead worker whose number another process was given" {
	needs_linux "nobody may say which number is next"
	unshare --pid --fork --mount-proc true 2>/dev/null ||
		skip "this system has no namespaces for processes"
	iq-enqueue --raw a
	cat >session <<-'END'
	#!/bin/bash
	iq-work -- sh -c 'kill -KILL $PPID $(ps -o ppid= -p $PPID)' 2>/dev/null &
	wait $! 2>/dev/null
	worker=$(sqlite3 -readonly queue.db 'SELECT pid FROM worker')
	while kill -0 "$worker" 2>/dev/null; do :; done
	echo $((worker - 1)) >/proc/sys/kernel/ns_last_pid
	sleep 987657 >/dev/null 2>&1 3>&- &
	echo "$worker" >number
	echo $! >another
	iq-stats --json | jq '.workers.processes[0].alive'
	timeout -k 5 20 iq-work --drain --json -- true |
		jq -c '[.attempt, .state]'
	kill $! && echo lived
	END
	chmod +x session
	run_split unshare --pid --fork --mount-proc ./session
	assert_equal "$(<number)" "$(<another)"
	assert_stdout 'false
[2,"succeeded"]
lived'
}

@test "a worker whose row was taken away joins anew, and loses nothing" {
	start work iq-work -n1 --json -- true
	wait_until '[[ $(iq-stats --json 2>/dev/null |
		jq ".workers.processes | length") = 1 ]]'
	sqlite3 queue.db "DELETE FROM worker"
	iq-enqueue --raw 1
	wait "$work_pid"
	assert_equal "$(jq -c '[.id, .state]' work.out)" '[1,"succeeded"]'
	run_split iq-db check --text
	assert_status 0
}

@test "a worker that is silent for longer than its lease is overdue" {
	hold -n1 --lease 1s
	run_split iq-stats --json
	assert_json '.workers.processes[0] | [.overdue, .lease_seconds] | tojson' \
		'[false,1]'
	kill -STOP "$worker"
	wait_until '[[ $(iq-stats --json |
		jq ".workers.processes[0].overdue") = true ]]'
	run_split iq-stats --text
	assert_stdout_like '*1 process, 1 OVERDUE*'
	run_split iq-stats --text --by host
	assert_stdout_like '* OVERDUE  all'
	run_split iq-list --json --why 1
	assert_equal "$(jq -r .code <<<"$output" | paste -sd' ')" "running overdue"
	assert_stdout_like '*worker 1 has been silent for *, longer than its lease of 1.0 s*'
	kill -CONT "$worker"
	wait_until '[[ $(iq-stats --json |
		jq ".workers.processes[0].overdue") = false ]]'
	run_split iq-list --json --why 1
	assert_equal "$(jq -r .code <<<"$output")" "running"
	release_holder hold
	wait "$work_pid"
}

@test "cancel --kill: a worker that dies before it hears of it" {
	hold
	kill -STOP "$worker"
	run_split iq-ctl --text cancel --kill 1
	assert_ran 0 "1  running -> cancelled (its worker was told)" ""
	die
	release_holder hold
	run_split iq-work --drain --json -- true
	assert_stdout ""
	run_split iq-list 1
	assert_json '[.state, .reason, .crashes] | tojson' \
		'["cancelled","operator",0]'
	run_split wc -l hold.started
	assert_stdout "1 hold.started"
	run_split iq-db check --text
	assert_status 0
}

@test "release: a worker that dies before it hears of it" {
	hold
	kill -STOP "$worker"
	iq-ctl release 1 >/dev/null
	die
	release_holder hold
	look_twice
	run_split iq-list 1
	assert_json '[.state, .reason, .crashes, .attempts] | tojson' \
		'["pending","released",0,0]'
}

@test "a dead worker is not told: what it left is waited for" {
	hold -j1
	die
	run_split iq-ctl --text cancel --kill 1
	assert_ran 0 "1  running -> cancelled (its worker is dead: when what it\
 left running has ended)" ""
	run_split iq-list --json --why 1
	assert_equal "$(jq -r .code <<<"$output" | paste -sd' ')" "running ordered orphan"
	release_holder hold
	run_split iq-work --drain -- true
	run_split iq-list 1
	assert_json '[.state, .reason] | tojson' '["cancelled","operator"]'
}

@test "a dead worker that left nothing: the order is carried out at once" {
	hold -j1
	die
	release_holder hold
	wait_until '[[ $(iq-list --json --why 1) = *"next look"* ]]'
	run_split iq-ctl --text release 1
	assert_ran 0 "1  running -> pending" ""
	run_split iq-list 1
	assert_json '[.state, .reason, .crashes] | tojson' \
		'["pending","released",0]'
	run_split iq-ctl release 1
	assert_status 1
	run_split iq-db check --text
	assert_status 0
}

@test "nor does it say what it had: the order is carried out all the same" {
	hold -j1
	die
	release_holder hold
	wait_until '[[ $(iq-list --json --why 1) = *"next look"* ]]'
	sqlite3 queue.db "UPDATE lease SET ids = '[]'"
	run_split iq-ctl --text release 1
	assert_ran 0 "1  running -> pending" ""
	run_split iq-db check --text
	assert_status 0
}

@test "beside a deleted sidecar a worker is not said to be dead" {
	hold -n1
	rm queue.db-lock
	run_split iq-list --json --why 1
	assert_equal "$(jq -r .code <<<"$output" | paste -sd' ')" "running"
	iq-enqueue --raw 2
	run_split iq-stats --json
	assert_json '.workers.processes[0].alive'
	run_split iq-ctl --text cancel --kill 1
	assert_ran 0 "1  running -> cancelled (its worker was told)" ""
	wait_until '! kill -0 $work_pid 2>/dev/null'
	release_holder hold
}
