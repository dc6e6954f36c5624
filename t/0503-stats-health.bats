#!/usr/bin/env bats
# iq-stats --health: each cause is brought about, and found.

load lib

setup() {
	iq_setup
	PATH=$IQ_BUILD/chaos:$PATH
}

# health STATUS CAUSES [ARGUMENT ...] - "CAUSE LEVEL" of each problem, sorted
health() {
	local want=$1 causes=$2
	shift 2
	run_split iq-stats --health --json "$@"
	assert_status "$want"
	assert_stderr ""
	assert_json '[.schema, .exit] == [1, '"$want"']'
	assert_json '[.problems[] | .cause + " " + .level] | sort | join(", ")' \
		"$causes"
}

# sentence NUMBER - of the last answer
sentence() {
	jq -r ".problems[$1].sentence" <<<"$output"
}

@test "a queue that is well" {
	iq-enqueue --raw a
	health 0 ""
	run_split iq-stats --health
	assert_status 0
	assert_stderr ""
	assert_stdout_like 'IQ OK - 1 ready, 0 running, 0 quarantined, 0 of 0 slots in use | ready=1;;;0 running=0;;;0 *'
	iq-ctl pause >/dev/null
	run_split iq-stats --health
	assert_stdout_like 'IQ OK - *slots in use, paused | *'
}

@test "the line is one that plugins print" {
	iq-enqueue --raw a
	run_split iq-stats --health
	((${#lines[@]} == 1))
	local field
	# shellcheck disable=SC2086
	for field in ${output#* | }; do
		[[ $field =~ ^[a-z_]+=[0-9.]+(s|B|%)?(;[0-9:]*){0,4}$ ]] ||
			fail "$field"
	done
}

@test "stalled: ready for long, and nothing starts" {
	past queue.db 6m notes 1
	health 1 "stalled WARNING"
	[[ $(sentence 0) = "type notes: 1 job is ready, the oldest for 6m"*", and\
 none starts: no live worker serves type notes" ]]
	past queue.db 20m mail 3
	health 2 "stalled CRITICAL, stalled WARNING"
	[[ $(sentence 0) = "type mail: 2 jobs are ready"* ]]
	health 1 "stalled WARNING" -t notes
	run_split iq-stats --health
	assert_status 2
	assert_stdout_like 'IQ CRITICAL - type mail: *| *oldest_ready=12*
WARNING: type notes: *'
	# what is meant to wait is not stalled
	iq-ctl pause -t mail >/dev/null
	health 1 "stalled WARNING"
	iq-ctl pause >/dev/null
	health 0 ""
}

@test "stalled: not while all slots are busy, nor when one has started" {
	make_holder hold
	past queue.db 20m notes 1
	iq-enqueue -t other -p high --raw x
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	health 1 "starved WARNING"
	start more iq-work -t other -j1 -- ./hold
	wait_until '[[ $(iq-stats | jq .workers.effective) = 2 ]]'
	health 1 "starved WARNING"
	stop more
	release_holder hold
	wait_until '(($(wc -l <hold.started) == 2))'
	stop work
	past queue.db 20m notes 1
	health 0 ""
}

@test "stalled: not what a limit of its type holds back" {
	make_holder hold
	iq-enqueue -t notes/a --raw a
	past queue.db 20m notes/b 1
	iq-tune set -t notes max_workers=1
	start work iq-work -t notes/a -j1 -- ./hold
	start more iq-work -t notes/b -- true
	wait_until '[[ -s hold.started ]]'
	health 0 ""
	release_holder hold
	stop work
	wait_until '[[ $(iq-stats | jq .depth.ready) = 0 ]]'
	stop more
	iq-tune set -t notes rate_limit=1/1h
	iq-enqueue -t notes/a --raw c
	iq-work -t notes/a -n1 -- true
	past queue.db 20m notes/b 1
	# as if that were long ago
	sqlite3 queue.db 'DELETE FROM metric'
	health 0 ""
	iq-tune unset -t notes rate_limit
	health 2 "stalled CRITICAL"
}

@test "starved: it gets nothing while another type has the slots" {
	starve
	health 1 "starved WARNING"
	[[ $(sentence 0) = "type late: 1 job is ready, and got less than a tenth of\
 its fair share of the slots; see aging and weight in iq-tune(1)" ]]
	health 0 "" -t held
	run_split iq-stats --text
	assert_stdout_like '*late  *  starved*'
	iq-ctl pause -t late >/dev/null
	health 0 ""
	fed
}

@test "a type whose breaker is open" {
	iq-enqueue -t mail --raw a b
	iq-enqueue -t notes --raw c
	iq-tune set breaker=1 max_attempts=1
	iq-work -t mail -j1 --drain -- sh -c 'exit 69' 2>/dev/null || :
	health 1 "breaker WARNING, quarantine WARNING"
	health 0 "" -t notes
}

@test "a worker that died, with what it held and without" {
	make_holder hold
	iq-enqueue --raw a
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	kill -KILL "$(iq-stats | jq '.workers.processes[0].pid')" "$work_pid"
	wait "$work_pid" || :
	wait_until 'stats_say ".workers.processes[0].alive | not"'
	health 2 "dead_worker CRITICAL"
	[[ $(sentence 0) = "worker 1 "*" is dead, and nobody has taken back the 1\
 job that it held" ]]
	release_holder hold
	iq-work --drain -- true 2>/dev/null
	health 0 ""
	start work iq-work -- true
	wait_until '[[ $(iq-stats | jq ".workers.processes | length") = 1 ]]'
	kill -KILL "$(iq-stats | jq '.workers.processes[0].pid')" "$work_pid"
	wait "$work_pid" || :
	wait_until 'stats_say ".workers.processes[0].alive | not"'
	health 1 "dead_worker WARNING"
}

@test "a worker that is stopped" {
	local pid
	iq-db init >/dev/null
	iq-tune set lease=1s
	start work iq-work -- true
	wait_until '[[ $(iq-stats | jq ".workers.processes | length") = 1 ]]'
	pid=$(iq-stats | jq '.workers.processes[0].pid')
	kill -STOP "$pid"
	wait_until 'stats_say ".workers.processes[0].overdue"'
	health 1 "overdue_worker WARNING"
	kill -CONT "$pid"
	stop work
}

@test "jobs that are quarantined: one, and many" {
	iq-enqueue --raw {1..30}
	iq-work -n1 --drain -- sh -c 'exit 65' 2>/dev/null || :
	health 1 "quarantine WARNING"
	[[ $(sentence 0) = "1 job was quarantined in the last "*", and 0 succeeded;\
 1 is there now" ]]
	iq-work -n11 --drain -- sh -c 'exit 65' 2>/dev/null || :
	health 2 "quarantine CRITICAL"
	# none of it in the window
	hours_ago 2
	health 0 ""
}

@test "a job that is quarantined twice is one job" {
	iq-enqueue --raw a b
	for _ in 1 2; do
		iq-ctl retry 1 2 >/dev/null 2>&1 || :
		iq-work -n2 --drain -- sh -c 'exit 65' 2>/dev/null || :
	done
	health 1 "quarantine WARNING"
	[[ $(sentence 0) = "jobs were quarantined 4 times in the last "*", and 0\
 succeeded; 2 are there now" ]]
}

@test "few of many that are quarantined are no catastrophe" {
	iq-enqueue --raw {1..150}
	iq-work -j2 --drain -- sh -c '[ "$1" -gt 12 ] || exit 65' sh \
		2>/dev/null || :
	health 1 "quarantine WARNING"
}

@test "a disk that is nearly full" {
	# shellcheck disable=SC2016
	on_small_disk 8192 '
		iq-enqueue --raw a
		for free in 1000 600 200; do
			rm -f filler
			head -c "$((($(stat -fc %a .) - free / 4) * 4096))" \
				/dev/zero >filler
			iq-stats --health --json || :
		done'
	assert_status 0
	output=$(jq -c '[.exit, .problems[].cause]' <<<"$output")
	assert_stdout '[0]
[1,"disk"]
[2,"disk"]'
}

@test "a file that is damaged" {
	iq-enqueue --raw a b c
	sqlite3 queue.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	# a page of a table
	cp queue.db keep
	dd if=/dev/urandom of=queue.db bs=4096 seek=3 count=20 conv=notrunc \
		2>/dev/null
	health 2 "damaged CRITICAL"
	# the head
	cp keep queue.db
	dd if=/dev/urandom of=queue.db bs=100 count=1 conv=notrunc 2>/dev/null
	health 2 "damaged CRITICAL"
	run_split iq-stats --health
	assert_stdout_like 'IQ CRITICAL - *damaged*'
	((${#lines[@]} == 1))
}

@test "a write-ahead log that grows, since somebody reads for ever" {
	iq-db init >/dev/null
	coproc reader { exec sqlite3 -readonly queue.db 3>&-; }
	echo "BEGIN; SELECT count(*) FROM job;" >&"${reader[1]}"
	read -r _ <&"${reader[0]}"
	head -c 1000000 /dev/zero | tr '\0' x >million
	printf '{"payload":"%s"}\n' "$(<million)" >record
	for _ in {1..40}; do cat record; done | iq-enqueue -J
	health 1 "wal WARNING"
	sqlite3 queue.db 'CREATE TABLE huge AS SELECT zeroblob(120000000)'
	health 2 "wal CRITICAL"
	echo .quit >&"${reader[1]}"
	wait "$reader_PID" || :
}

@test "a queue that is full" {
	iq-tune set -t notes max_queue=2
	iq-enqueue -t notes --raw a b
	health 1 "full WARNING"
	[[ $(sentence 0) = "type notes has reached max_queue, 2: producers are held\
 back" ]]
	iq-tune set -t notes on_full=fail
	health 1 "full WARNING"
	[[ $(sentence 0) = "type notes has reached max_queue, 2: more is refused" ]]
	iq-tune set -t notes on_full=drop
	health 1 "full WARNING"
	[[ $(sentence 0) = "type notes has reached max_queue, 2: more is dropped" ]]
	iq-enqueue -v -t notes --raw c d e
	health 1 "full WARNING"
	[[ $(sentence 0) = "type notes has reached max_queue, 2: more is dropped, 3\
 records so far in this window" ]]
}

@test "a queue that the bound of a parent fills" {
	iq-tune set -t p max_queue=2
	iq-tune set -t p/c max_queue=10 on_full=fail
	iq-tune set -t p/d max_queue=2
	iq-enqueue -t p/c --raw a
	iq-enqueue -t p/d --raw b
	run_split iq-enqueue -t p/c --raw c
	assert_status 75
	health 1 "full WARNING, full WARNING, full WARNING"
	assert_equal "$(jq -r '.problems[].sentence' <<<"$output" | sort)" "\
type p has reached max_queue, 2: producers are held back
type p/c: its parent p has reached max_queue, 2: more is refused
type p/d: its parent p has reached max_queue, 2: producers are held back"
	health 1 "full WARNING" -t p/c
	run_split iq-stats --json
	assert_json '[.types[].backpressure | .active, .max_queue] | tostring' \
		'[true,2,true,10,true,2]'
}

@test "what cannot be looked at is unknown" {
	run_split iq-stats --health
	assert_status 3
	assert_stderr ""
	assert_stdout_like 'IQ UNKNOWN - open *: no such queue; *'
	iq-enqueue --raw a
	health 3 "unknown UNKNOWN" -t nothing
	chmod 644 queue.db
	health 3 "unknown UNKNOWN"
	run_split iq-stats --health --by host
	assert_status 64
}

@test "a watch that died, until another one takes its directory" {
	mkdir r
	start w iq-watch r
	wait_until 'stats_say .watch.healthy' 20
	health 0 ""
	kill -KILL "$w_pid"
	wait "$w_pid" || :
	health 2 "dead_watcher CRITICAL"
	[[ $(sentence 0) = "the watcher of $PWD/r ("*", pid $w_pid) is dead: what\
 changes there is not seen; start it again, or forget it: iq-scan --reset $PWD/r" ]]
	output=$(iq-stats)
	assert_json '.watch | "\(.healthy) \(.coverage)", (.processes[0] |
		"\(.alive) \(.healthy) \(.coverage) \(.reason)")' \
		$'false none\nfalse false none it is dead'
	run_split iq-stats --text
	assert_stdout_like '*watch      1 process, 1 DEAD  *coverage none*'
	start w iq-watch r
	wait_until 'stats_say .watch.healthy' 20
	health 0 ""
	stop w KILL
	health 2 "dead_watcher CRITICAL"
	iq-scan r
	health 0 ""
}

@test "a watch that died is forgotten as the line says" {
	mkdir r
	start w iq-watch -t notes r
	wait_until 'stats_say .watch.healthy' 20
	stop w KILL
	health 2 "dead_watcher CRITICAL"
	[[ $(sentence 0) = *": iq-scan --reset --name notes $PWD/r" ]]
	output=$(iq-stats)
	assert_json '.watch.processes[0].name' notes
	iq-scan --reset --name notes r
	health 0 ""
}

@test "what forgets a watch runs as it is printed" {
	mkdir "a b" "it's|c"
	start w iq-watch --name 'my|vault x' "a b" "it's|c"
	wait_until 'stats_say .watch.healthy' 20
	stop w KILL
	run_split iq-stats --health
	assert_status 2
	[[ $output =~ (iq-scan\ --reset\ .*)\ \|\ ready= ]]
	bash -c "${BASH_REMATCH[1]}"
	health 0 ""
}

@test "a watch that does not start leaves nothing, and what died stays" {
	mkdir r
	run_split env "PATH=$PWD" "$(command -v iq-watch)" --source fswatch r
	assert_status 69
	health 0 ""
	start w iq-watch r
	wait_until 'stats_say .watch.healthy' 20
	stop w KILL
	run_split env "PATH=$PWD" "$(command -v iq-watch)" --source fswatch r
	assert_status 69
	health 2 "dead_watcher CRITICAL"
	[[ $(sentence 0) = *", pid $w_pid) is dead"* ]]
}

@test "what is a | in a name is none in a line" {
	local name
	for name in 'r|x' 'r|y'; do
		mkdir "$name"
		start "w${name#*|}" iq-watch "$name"
	done
	wait_until '[[ $(iq-stats | jq ".watch.processes | length") = 2 ]]' 20
	# shellcheck disable=SC2154
	kill -KILL "$wx_pid" "$wy_pid"
	wait "$wx_pid" "$wy_pid" || :
	wait_until 'health 2 "dead_watcher CRITICAL, dead_watcher CRITICAL"'
	run_split iq-stats --health
	assert_equal "$(tr -cd '|' <<<"$output")" "|"
	assert_stdout_like "*/r/[xy] *CRITICAL: the watcher of */r/[xy] *"
}

@test "a watch that is stopped is not dead; whose reader has gone is" {
	mkdir r
	echo 1 >r/a
	iq-watch --timeout 100ms r
	health 0 ""
	iq-watch --once --settle 0 r >/dev/null
	health 0 ""
	(iq-watch --settle 0 r || :) | :
	health 2 "dead_watcher CRITICAL"
}

@test "a watch that nobody tells what happens" {
	mkdir r
	start w env "PATH=$PWD" "$(command -v iq-watch)" r
	wait_until '[[ $(jq .watch.processes[0].reason <(iq-stats)) = \
		*"no watcher"* ]]'
	health 1 "watcher WARNING"
	[[ $(sentence 0) = "the watcher of $PWD/r ("*") is not well: there is no\
 watcher; it looks from time to time" ]]
	stop w
	health 0 ""
}

@test "a watch that hangs" {
	mkdir r
	start w iq-watch r
	wait_until 'stats_say .watch.healthy' 20
	kill -STOP "$w_pid"
	sqlite3 queue.db 'UPDATE watch SET told_boot = told_boot - 121000000000'
	health 1 "overdue_watcher WARNING"
	kill -CONT "$w_pid"
	stop w
}

@test "a clock that was put back: it is told, and hides nothing" {
	past queue.db +1h notes 3
	health 1 "clock WARNING, stalled WARNING"
	jq -r '.problems[] | .cause + ": " + .sentence' <<<"$output" >said
	assert grep -q "^stalled: type notes: 2 jobs are ready, nobody knows for\
 how long, and none starts: no live worker serves type notes" said
	assert grep -q "^clock: the queue knows of what happened 5[89]m.* from now:\
 the clock of this machine was put back, or was wrong before" said
	run_split iq-stats --health
	assert_stdout_like '*| * oldest_ready=0s;300;900;0 *'
	iq-stats --prometheus >numbers
	assert grep -q 'cause="clock".* 1$' numbers
	# with a worker there is none that does not start
	iq-work --drain -- true
	health 1 "clock WARNING"
	# a few seconds are no reason
	sqlite3 queue.db 'DELETE FROM metric WHERE minute > unixepoch() / 60'
	health 0 ""
}

@test "a clock that was put back: what is to come is in no window" {
	iq-enqueue -t notes --raw 1
	iq-work --drain -- sh -c 'exit 65' 2>/dev/null || :
	hours_ago -1
	health 1 "clock WARNING"
	iq-enqueue -t notes --raw 2
	iq-work --drain -- true
	run jq -c '[.outcomes.succeeded, .outcomes.quarantined,
		.duration_seconds.count, .window_seconds > 3000,
		.throughput.jobs_per_second != null]' <(iq-stats)
	assert_output '[1,0,1,true,true]'
	run jq -c .failures <(iq-stats --failures)
	assert_output '[]'
	iq-stats --prometheus >all
	assert grep -q '^iq_quarantined_total.* 1$' all
}
