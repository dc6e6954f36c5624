#!/usr/bin/env bats
# iq-stats --failures: what failed, grouped.

load lib

# failures FILTER [ARGUMENT ...]
failures() {
	local filter=$1
	shift
	run_split iq-stats --json --failures "$@"
	assert_status 0
	assert_stderr ""
	output=$(jq -c "$filter" <<<"$output")
}

@test "attempts that failed are grouped by type, reason and status" {
	iq-enqueue -t notes --raw a b c d
	iq-enqueue -t mail --raw x y
	iq-work -j1 --drain -- sh -c 'printf "first\n bad %s\n\n" "$1" >&2
		case $1 in a) exit 65 ;; b) kill -9 $$ ;; c) ;; *) exit 75 ;; esac' \
		sh 2>/dev/null || :
	failures '[.failures[] | [.type, .reason, .exit, .count, .retried,
		.quarantined, .cancelled]] | sort | .[]'
	assert_stdout '["mail","transient",75,2,2,0,0]
["notes","parse_error",65,1,0,1,0]
["notes","transient",75,1,1,0,0]
["notes","unknown",-9,1,1,0,0]'
	failures '.failures[0] | [.type, .last_id, .error,
		(.first_at <= .last_at)]'
	assert_stdout '["mail",6," bad y",true]'
	failures '[.failures[].type] | unique' -t notes
	assert_stdout '["notes"]'
	failures '.outcomes.failed == ([.failures[].count] | add)'
	assert_stdout true
}

@test "an attempt whose worker died has no status" {
	make_holder hold
	iq-enqueue --raw a
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	kill -KILL "$(iq-stats --json | jq '.workers.processes[0].pid')"
	release_holder hold
	wait "$work_pid" || :
	iq-work -n1 --drain -- true 2>/dev/null || :
	failures '[.failures[] | [.reason, .exit, .count, .retried]]'
	assert_stdout '[["crash",null,1,1]]'
}

@test "so has one whose job a newer one replaces then" {
	make_holder hold
	iq-enqueue -k key --raw a
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	iq-enqueue -k key --raw a
	kill -KILL "$(iq-stats --json | jq '.workers.processes[0].pid')"
	release_holder hold
	wait "$work_pid" || :
	iq-work -n1 --drain -- true 2>/dev/null || :
	failures '[.failures[] | [.reason, .exit, .count, .retried,
		.cancelled]], .outcomes.crashed'
	assert_stdout '[["crash",null,1,0,1]]
1'
}

@test "each way to fail tells what was said then" {
	iq-tune set retry_strategy=immediate
	iq-enqueue --raw a
	iq-work -j1 --drain -- sh -c 'echo "attempt $IQ_JOB_ATTEMPT" >&2
		case $IQ_JOB_ATTEMPT in 1) exit 75 ;; 2) exit 65 ;; esac' \
		2>/dev/null || :
	failures '[.failures[] | [.exit, .last_id, .error]] | sort'
	assert_stdout '[[65,1,"attempt 2"],[75,1,"attempt 1"]]'
	iq-ctl discard 1 >/dev/null
	age 31
	iq-db prune >/dev/null
	# as long as the history has it
	failures '[.failures[] | [.exit, .last_id, .error]] | sort' --since -40d
	assert_stdout '[[65,1,null],[75,1,null]]'
}

@test "failures of a queue of an older version are taken over" {
	old_queue
	local since=2026-11-20T00:00:00Z
	local one='["mail","parse_error",65,1,0,1,6,"bad"]'
	local what='.failures[] | [.type, .reason, .exit, .count, .retried,
		.quarantined, .last_id, .error]'
	iq-db init >/dev/null
	failures "$what" --since $since
	assert_stdout "$one"
	failures .failures --since $since -t notes
	assert_stdout '[]'
}

@test "a job that a newer one replaces is cancelled" {
	make_holder hold
	iq-enqueue -k key --raw a
	start work iq-work -j1 -n1 -- sh -c './hold; exit 75'
	wait_until '[[ -s hold.started ]]'
	iq-enqueue -k key --raw a
	release_holder hold
	wait "$work_pid" || :
	failures '[.failures[] | [.reason, .count, .retried, .cancelled]]'
	assert_stdout '[["superseded",1,0,1]]'
}

@test "nothing failed, and nothing did in the window" {
	iq-enqueue --raw a
	failures .failures
	assert_stdout '[]'
	run_split iq-stats --failures --text
	assert_stdout_like '*
nothing failed'
	iq-work -n1 -- false 2>/dev/null || :
	failures '.failures | length'
	assert_stdout 1
	hours_ago 2
	failures '.failures | length'
	assert_stdout 0
}

@test "text fits, however many ways to fail there are" {
	local i
	for i in {1..30}; do
		echo "{\"payload\":$i,\"type\":\"a.rather.long.name.of.a.type/$i\"}"
	done | iq-enqueue -J
	iq-work -j2 --drain -- sh -c 'head -c 300 /dev/zero | tr "\0" x >&2
		exit "$IQ_JOB_PAYLOAD"' >/dev/null 2>&1 || :
	COLUMNS=80 LINES=24 run_split iq-stats --failures --text
	assert_status 0
	(($(wc -l <<<"$output") <= 23))
	(($(wc -L <<<"$output") <= 80))
	assert_stdout_like '*
FAILED  TYPE *
*
... and * other ways to fail'
}
