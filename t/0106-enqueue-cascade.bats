#!/usr/bin/env bats
# What an end means for very many jobs that run after it: parts of it, one
# transaction each.

load lib

# chain N - N jobs, each after the one before
chain() {
	seq "$1" | jq -c '{path: "/\(.)"} + if . > 1
		then {after: [. - 1]} else {} end'
}

# children N - as many, of two types in turns, that are to run after job 1
children() {
	seq "$1" | jq -c '{path: "/\(.)", after: [1], type: "t\(. % 2)"}'
}

counts() {
	run_split bash -c 'iq-stats | jq -c "[.depth | .ready + .delayed + .waiting, .quarantined,
		.succeeded, .cancelled]"'
	assert_stdout "$1"
}

sound() {
	run_split iq-db check --text
	assert_ran 0 "$IQ_TEST/queue.db: ok" ""
}

# Events of this kind with moves, and whether one of them is a large one
events() {
	sqlite3 queue.db "SELECT count(*), max(length(moves)) < 20000 FROM event
		WHERE kind = $1 AND moves IS NOT NULL"
}

@test "a chain of jobs ends with its first, however long it is" {
	chain 15000 | iq-enqueue -J --on-parent-failure cancel >/dev/null
	run_split iq-ctl --text cancel 1
	assert_ran 0 "1  pending -> cancelled" ""
	counts '[0,0,0,15000]'
	sound
}

@test "many children end in several transactions" {
	iq-enqueue --raw first
	children 2500 | iq-enqueue -J --on-parent-failure cancel >/dev/null
	run_split iq-ctl --text cancel 1
	assert_ran 0 "1  pending -> cancelled" ""
	counts '[0,0,0,2501]'
	assert_equal "$(events 9)" "3|1"
	sound
}

@test "many children of a job that has succeeded start, all of them" {
	iq-enqueue -t first --raw first
	children 2500 | iq-enqueue -J >/dev/null
	run_split iq-work --drain -t first -- true
	assert_status 0
	counts '[2500,0,1,0]'
	run_split bash -c 'iq-stats | jq .depth.ready'
	assert_stdout 2500
	sound
}
