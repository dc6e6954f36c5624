#!/usr/bin/env bats
# iq-stats: the numbers, and the two forms.

load lib

setup() {
	iq_setup
	iq-db init >/dev/null
}

# stats FILTER [ARGUMENT ...] - of its JSON, compact
stats() {
	local filter=$1
	shift
	run_split iq-stats --json "$@"
	assert_status 0
	assert_stderr ""
	output=$(jq -c "$filter" <<<"$output")
}

# Ten jobs of notes (two permanent failures, one to be retried), one of mail
eleven_jobs() {
	local i
	for i in 1 2 3 4 5 6 7 8 9 10; do
		head -c 1000 /dev/zero >"file$i"
		iq-enqueue -t notes "file$i"
	done
	iq-enqueue -t mail file1
	iq-tune set retry_base=1h
	iq-work -j1 --drain -- sh -c '
		cat "$1" >/dev/null
		case $1 in *1) exit 65 ;; *2) exit 75 ;; *) exit 0 ;; esac' sh \
		2>/dev/null || [[ $? = 1 ]]
}

@test "an empty queue has a report" {
	stats '[.schema, .depth.ready, .depth.oldest_ready_seconds,
		.wait_seconds.count, .wait_seconds.p95,
		.outcomes.success_percent, .types, .workers.processes]'
	assert_stdout '[1,0,null,0,null,null,[],[]]'
	run_split iq-stats --text
	assert_status 0
}

@test "the object has exactly the shape of schema 1" {
	eleven_jobs
	stats 'keys_unsorted | join(" ")'
	assert_stdout "\"schema sampled_at queue window_seconds settings paused depth\
 workers throughput wait_seconds permit_wait_cpu_seconds\
 permit_wait_io_seconds duration_seconds cpu_seconds max_rss_bytes read_bytes\
 written_bytes tokens backpressure intake outcomes watch fairness system\
 settings_warnings types\""
	stats '[.depth, .workers, .throughput, .duration_seconds, .backpressure,
		.intake, .outcomes, .fairness, .system, .system.pressure] |
		map(keys_unsorted | join(" ")) | .[]'
	assert_stdout "$(printf '"%s"\n' \
		"ready delayed waiting running quarantined succeeded cancelled \
oldest_ready_seconds" \
		"configured effective active processes" \
		"jobs_per_second files_per_second bytes_per_second \
target_bytes_per_second meets_target" \
		"count mean min max p50 p95 p99" \
		"active reason events max_queue" \
		"enqueued merged dropped rejected" \
		"succeeded failed retried quarantined crashed success_percent" \
		"jain_index starved" \
		"cpu_percent memory_percent memory_available_bytes disk_percent \
disk_free_bytes pressure" \
		"cpu memory io")"
	stats '.types[0] | keys_unsorted | join(" ")'
	assert_stdout "\"type paused paused_until_at pause_reason breaker_state\
 average optimal_concurrency bound_by depth throughput wait_seconds\
 permit_wait_cpu_seconds permit_wait_io_seconds duration_seconds cpu_seconds\
 max_rss_bytes read_bytes written_bytes backpressure intake outcomes\""
}

@test "depth, intake and outcomes are those of what happened" {
	eleven_jobs
	stats '.depth | [.ready, .delayed, .waiting, .running, .quarantined,
		.succeeded, .cancelled]'
	assert_stdout '[0,1,0,0,2,8,0]'
	stats '.intake | [.enqueued, .merged, .dropped, .rejected]'
	assert_stdout '[11,0,0,0]'
	stats '.outcomes | [.succeeded, .failed, .retried, .quarantined, .crashed,
		(.success_percent * 10 | round)]'
	assert_stdout '[8,3,1,2,0,727]'
}

@test "a window that is still to come is a mistake" {
	local form
	iq-enqueue --raw a
	for form in --text --health --html; do
		run_split iq-stats "$form" --since +1h
		assert_status 64
		assert_stderr_like "iq-stats: --since: that is still to come;*"
	done
}

@test "types are told apart, and -t selects" {
	eleven_jobs
	stats '.types[] | [.type, .depth.succeeded, .outcomes.failed,
		.duration_seconds.count]'
	assert_stdout '["mail",0,1,1]
["notes",8,2,10]'
	stats '[.types[].type, .intake.enqueued, .depth.quarantined]' -t notes
	assert_stdout '["notes",10,1]'
	run_split iq-stats -t nothing
	assert_ran 66 "" "iq-stats: report on nothing: no such type"
}

@test "a parent type includes its children" {
	iq-enqueue -t a/b /x
	iq-enqueue -t a/c /x /y
	iq-enqueue -t other /x
	stats '[.depth.ready, [.types[].type]]' -t a
	assert_stdout '[3,["a","a/b","a/c"]]'
}

@test "distributions are in order and of the right size" {
	eleven_jobs
	stats '.wait_seconds, .duration_seconds, .cpu_seconds, .max_rss_bytes,
		.read_bytes, .written_bytes | .count == 11 and .min > -1 and
		.min <= .p50 and .p50 <= .p95 and .p95 <= .p99 and .p99 <= .max and
		.min <= .mean and .mean <= .max' 
	assert_stdout 'true
true
true
true
true
true'
	stats '.duration_seconds.max < 10 and .duration_seconds.min > 0.0001 and
		.max_rss_bytes.min > 100000 and .read_bytes.min >= 1000'
	assert_stdout true
}

@test "throughput is that of the inputs of what succeeded, against the target" {
	eleven_jobs
	stats '(.throughput.bytes_per_second * .window_seconds | round / 10 |
		round), (.throughput.files_per_second * .window_seconds | round),
		(.throughput.jobs_per_second * .window_seconds | round),
		.throughput.target_bytes_per_second, .throughput.meets_target'
	assert_stdout '800
8
8
5000000
false'
	iq-tune set target_bytes_per_second=1
	stats '.throughput.meets_target'
	assert_stdout true
}

@test "what failed is no throughput, and what succeeded without a size is" {
	head -c 100000 /dev/zero >input
	iq-tune set target_bytes_per_second=1 retry_base=1h
	iq-enqueue --raw url
	iq-work -n1 -- sh -c 'cat input; exit 75' >/dev/null 2>&1 || [[ $? = 1 ]]
	stats '.throughput | .bytes_per_second, .meets_target'
	assert_stdout '0
false'
	stats '.read_bytes.max >= 100000, .types[].throughput.bytes_per_second'
	assert_stdout 'true
0'
	iq-enqueue --raw second
	iq-work -n1 -- sh -c 'cat input' >/dev/null
	stats '(.throughput.bytes_per_second * .window_seconds | . >= 100000 and
		. < 200000), .throughput.meets_target,
		.throughput.files_per_second'
	assert_stdout 'true
true
0'
}

@test "throughput below the target is no reproach when there is nothing to do" {
	echo abc >file
	iq-enqueue file
	iq-work --drain -- true
	run_split iq-stats --text
	assert_stdout_like "*MB/s  idle now; target 5.0 MB/s*"
	iq-enqueue other
	run_split iq-stats --text
	assert_stdout_like "*MB/s  below 5.0 MB/s*"
}

@test "the window begins with the queue, or with --since" {
	iq-enqueue /a
	stats '.window_seconds | . > 0 and . < 60' --since -24h
	assert_stdout true
	run_split iq-stats --since sometime
	assert_status 64
}

@test "the window begins no earlier than what telemetry_retention keeps" {
	sqlite3 queue.db 'UPDATE queue SET created_at = 1000000000000000000'
	iq-tune set telemetry_retention=2d
	stats '.window_seconds | . >= 86400 * 2 and . < 86400 * 3' --since -90d
	assert_stdout true
}

@test "settings have their value and where it comes from" {
	iq-tune set workers=3
	iq-tune set -t notes max_workers=2 profile=imap_mailbox
	stats '.settings | .workers, .retry_base, .on_full | [.value, .origin]'
	assert_stdout '[3,"global"]
[30,"builtin"]
["block","builtin"]'
	IQ_SET_GRACE=5s stats '.settings.grace | [.value, .unit, .origin]'
	assert_stdout '[5,"seconds","environment"]'
	iq-enqueue -t notes /a
	stats '.settings | .max_workers, .retry_base | [.value, .origin]' -t notes
	assert_stdout '[2,"type"]
[120,"profile"]'
	stats .workers.configured
	assert_stdout 3
}

@test "workers: what they are, and whether they live" {
	make_holder hold
	iq-enqueue -t notes /a
	start work iq-work -j3 -t notes -t mail -- ./hold
	wait_until '[[ -s hold.started ]]'
	stats '.workers | [.effective, .active], (.processes[] |
		[.id, .alive, .types, .limit, .running])'
	assert_stdout '[3,1]
[1,true,["notes","mail"],3,1]'
	stats '.workers.processes[0] | (.pid | type), (.host | type),
		(.started_at <= .heartbeat_at)'
	assert_stdout '"number"
"string"
true'
	stats '.hosts[] | [.processes, .limit, .running]' --by host
	assert_stdout '[1,3,1]'
	stats 'has("types")' --by host
	assert_stdout false
	run_split iq-stats --text --by host
	assert_stdout_like '*
WORKER  HOST*
     1  *  1      3  *notes mail'
	release_holder hold
	stop work
}

@test "backpressure: a full type says so" {
	iq-tune set -t notes max_queue=2
	iq-enqueue -t notes /a /b
	stats '.backpressure, .types[0].backpressure | [.active, .reason,
		.max_queue]'
	assert_stdout '[true,"max_queue",0]
[true,"max_queue",2]'
	iq-enqueue -t notes --on-full drop /c
	stats '[.intake.dropped, .intake.enqueued]'
	assert_stdout '[1,2]'
}

@test "how long the oldest ready job has waited" {
	iq-enqueue --delay 1h /a
	stats .depth.oldest_ready_seconds
	assert_stdout null
	iq-enqueue /b
	stats '.depth.oldest_ready_seconds | . >= 0 and . < 60'
	assert_stdout true
}

@test "what is due is ready, though nobody has looked, however many are" {
	# 4100 of one time, and more later: pieces of 2000 end in both
	seq 1 4100 | iq-enqueue -t a --raw --delay 1s
	seq 1 3000 | iq-enqueue -t b --raw --delay 1s --batch 700
	iq-enqueue -t b --raw --delay 1h later
	wait_until '[[ $(iq-stats | jq .depth.delayed) = 1 ]]'
	stats '.depth, .types[].depth | [.ready, .delayed]'
	assert_stdout '[7100,1]
[4100,0]
[3000,1]'
	stats '.depth.oldest_ready_seconds == .types[0].depth.oldest_ready_seconds'
	assert_stdout true
}

@test "fairness is 1 for equals, and less when one got all" {
	iq-enqueue -t a /1 /2
	iq-enqueue -t b /1
	iq-work --drain -- true
	# 3 s each
	sqlite3 "$IQ_QUEUE" 'UPDATE metric SET sum = 3000000000
		WHERE metric = 2'
	stats .fairness.jain_index
	assert_stdout 1
	iq-enqueue -t c /1
	stats .fairness.jain_index
	assert_stdout 0.667
	iq-ctl cancel 4
	iq-tune set -t a weight=3
	stats .fairness.jain_index
	assert_stdout 0.8
}

@test "who got nothing for an hour is starved" {
	starve
	stats .fairness.starved
	assert_stdout '["late"]'
	stats .fairness.starved -t held
	assert_stdout '[]'
	fed
}

# cost TYPE SECONDS AGE - what its jobs cost, and when one was claimed last
cost() {
	sqlite3 "$IQ_QUEUE" "UPDATE lane SET cost = $2, claimed_at =
		(unixepoch() - $3) * 1000000000
		WHERE type = (SELECT id FROM type WHERE name = '$1')"
}

@test "who waits for long jobs that have had the slots since is not starved" {
	iq-enqueue -t long --raw 1
	iq-work --drain -- true
	starve
	cost long 600 7200
	stats .fairness.starved
	assert_stdout '["late"]'
	cost long 600 4000
	stats .fairness.starved
	assert_stdout '[]'
	cost long 600 600
	stats .fairness.starved
	assert_stdout '[]'
	fed
}

@test "long jobs of who has no slots that it could have excuse nobody" {
	iq-enqueue -t long --raw 1
	iq-work --drain -- true
	starve -t held -t late
	cost long 600 600
	stats .fairness.starved
	assert_stdout '["late"]'
	cost held 600 7200
	stats .fairness.starved
	assert_stdout '[]'
	fed
}

@test "what no worker serves is not starved" {
	starve -t held
	stats .fairness.starved
	assert_stdout '[]'
	fed
}

@test "what is paused is not starved" {
	starve
	iq-ctl pause -t late
	stats .fairness.starved
	assert_stdout '[]'
	fed
}

@test "telemetry=off: attempts are counted, not measured, nor is the depth" {
	iq-db init >/dev/null
	iq-tune set telemetry=off
	eleven_jobs
	stats '.outcomes | [.succeeded, .failed, .quarantined]'
	off=$output
	stats '[.. | objects | .p50? // empty] | length'
	assert_stdout 0
	run sqlite3 -readonly queue.db 'SELECT count(*) FROM hist UNION ALL
		SELECT count(*) FROM metric WHERE metric < 32 OR metric >= 64'
	assert_output "$(printf '0\n0')"
	# what was not measured is not 0
	stats '.throughput, .types[].throughput | [.jobs_per_second > 0,
		.files_per_second, .bytes_per_second, .meets_target]'
	assert_stdout '[true,null,null,null]
[false,0,0,false]
[true,null,null,null]'
	run_split iq-stats --text
	assert_stdout_like "*jobs/s  files and bytes not known: telemetry was off*"
	iq-tune set telemetry=on
	eleven_jobs
	stats '.outcomes | [.succeeded, .failed, .quarantined]'
	assert_equal "$(jq -c 'map(. / 2)' <<<"$output")" "$off"
	stats '.duration_seconds.count > 0'
	assert_stdout true
	run sqlite3 -readonly queue.db 'SELECT count(*) > 0 FROM metric
		WHERE metric >= 64'
	assert_output 1
}

@test "a worker that is killed has told all of what has ended" {
	make_holder hold
	iq-enqueue --raw {1..5} last
	start work iq-work -j1 -- sh -c 'test "$1" != last || exec ./hold' sh
	wait_until '[[ -s hold.started ]]'
	wait_until '[[ $(iq-stats | jq .outcomes.succeeded) = 5 ]]'
	kill -KILL "$(pgrep -P "$work_pid")"
	wait "$work_pid" || :
	stats '[.wait_seconds, .duration_seconds, .read_bytes] |
		map(.count)'
	assert_stdout '[5,5,5]'
	stats '.duration_seconds | .p50 > 0 and .p99 <= .max'
	assert_stdout true
	release_holder hold
	iq-work --drain -- true
	run sqlite3 -readonly queue.db 'SELECT count(*) FROM sample'
	assert_output 0
	stats .duration_seconds.count
	assert_json '. >= 6'
}

# learned FILTER [ARGUMENT ...] - of what is learned of the type notes
learned() {
	stats "[.types[] | select(.type == \"notes\") | .average | $1][0]" \
		"${@:2}"
}

@test "what attempts of a type take is learned, each time for three tenths" {
	iq-enqueue -t notes --raw 1
	learned .
	assert_stdout null
	iq-work -t notes --drain -- true
	learned '.duration_seconds > 0 and .memory_bytes > 0 and
		.cpu_percent >= 0'
	assert_stdout true
	sqlite3 queue.db 'UPDATE average SET duration = 3600e9, memory = 1e12,
		updated_at = 1e18'
	learned '[.duration_seconds, .memory_bytes, .updated_at]'
	assert_stdout '[3600,1000000000000,"2001-09-09T01:46:40.000Z"]'
	iq-enqueue -t notes --raw 2
	iq-work -t notes -n 1 -- false || :
	learned '(.duration_seconds / 2520 * 100 | round) == 100 and
		(.memory_bytes / 7e11 * 100 | round) == 100'
	assert_stdout true
	stats_say '.types[0].average.updated_at > "2002"'
}

@test "on each host by itself" {
	iq-enqueue -t notes --raw 1
	iq-enqueue -t mail --raw 1
	iq-work -j1 --drain -- true
	sqlite3 queue.db "INSERT INTO average VALUES((SELECT id FROM type
		WHERE name = 'notes'), 'elsewhere', 1000000000, 5e9, 250, NULL)"
	stats '.hosts | map([.host, .processes, (.types | map(.type))])' \
		--by host
	assert_stdout "[[\"$(uname -n | cut -d. -f1)\",0,[\"mail\",\"notes\"]],\
[\"elsewhere\",0,[\"notes\"]]]"
	stats '.hosts[1].types[0].average == {cpu_percent: 250,
		memory_bytes: null, duration_seconds: 5,
		updated_at: "1970-01-01T00:00:01.000Z"}' --by host
	assert_stdout true
	learned '.duration_seconds < 5'
	assert_stdout true
	run_split iq-stats --text --by host
	assert_stdout_like "*
HOST * TYPE * CPU * MEMORY * RUN TIME * AGO
* mail * % *iB *
* notes * % *iB *
elsewhere * notes * 250 % * - * 5*s *"
	sqlite3 queue.db "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
		WHERE i < 30) INSERT INTO average SELECT (SELECT id FROM type
		WHERE name = 'mail'), 'host' || i, i, 1, 1, 1 FROM n"
	COLUMNS=80 LINES=24 run_split iq-stats --text --by host
	assert_equal "$(wc -l <<<"$output")" 23
	assert_stdout_like "*
HOST *
* mail *
... and * more types"
}

# by_host WORKERS TYPES - their rows, on a small terminal
by_host() {
	sqlite3 queue.db "DELETE FROM average; DELETE FROM worker;
		WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
		INSERT INTO worker SELECT i, 'here', 'boot', i, 1, '', 1, 1, 1,
		1, 1, 1 FROM n LIMIT $1;
		WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
		INSERT INTO average SELECT (SELECT id FROM type
		WHERE name = 'mail'), 'host' || i, i, 1, 1, 1 FROM n LIMIT $2"
	COLUMNS=80 LINES=24 run_split iq-stats --text --by host
	assert_status 0
	(($(wc -l <<<"$output") <= 23))
	output=$(grep -E ' here | mail |^\.\.\.' <<<"$output" |
		sed -E 's/ +[0-9]+ +here .*/worker/; s/.* mail .*/type/' |
		uniq -c | xargs)
}

@test "by host there are rows of workers and of types" {
	iq-enqueue -t mail --raw a
	by_host 5 5
	assert_equal "$output" "3 worker 1 ... and 2 more workers 1 type\
 1 ... and 4 more types"
	by_host 3 15
	assert_equal "$output" "3 worker 2 type 1 ... and 13 more types"
	by_host 2 2
	assert_equal "$output" "2 worker 2 type"
	by_host 9 0
	assert_equal "$output" "6 worker 1 ... and 3 more workers"
}

@test "what the machine does is told where it is known" {
	stats '.system | [.memory_percent, .disk_percent] | all(. >= 0 and
		. <= 100)'
	assert_stdout true
	stats '.system.cpu_percent | . == null or (. >= 0 and . <= 100)'
	assert_stdout true
}

@test "text fits 80 columns and 24 lines, however many types there are" {
	eleven_jobs
	local i
	for i in $(seq 1 30); do
		iq-enqueue -t "a.rather.long.name.of.a.type/number$i" /x
	done
	COLUMNS=80 LINES=24 run_split iq-stats --text
	assert_status 0
	((${#lines[@]} <= 24))
	(($(wc -l <<<"$output") <= 23))
	(($(wc -L <<<"$output") <= 80))
	assert_stdout_like "queue *permits *depth *throughput *intake *
outcomes *
system *COUNT *P50 *P95 *P99 *
queue wait *
run time *
TYPE *
a.rather*
... and * more types"
}

@test "text has no line for a type that is only the parent of others" {
	iq-enqueue -t a/b /x
	iq-ctl pause -t c/d
	run bash -c 'iq-stats --text | sed -n "/^TYPE/,\$p" | cut -d" " -f1'
	assert_output $'TYPE\na/b\nc/d'
	iq-ctl pause -t a
	run bash -c 'iq-stats --text | sed -n "/^TYPE/,\$p" | cut -d" " -f1'
	assert_output $'TYPE\na\na/b\nc/d'
	assert_equal "$(iq-stats | jq -r .types[].type | paste -sd' ')" \
		"a a/b c c/d"
}

# of each type that is paused: why, and until when
paused() {
	iq-stats | jq -r '[.types[] | select(.paused) |
		"\(.type)=\(.pause_reason // "-")" +
		if .paused_until_at then "..." else "" end] | join(" ")'
}

@test "a pause is inherited: by the children, and by all of a paused queue" {
	iq-enqueue -t p/c/d --raw 1
	iq-enqueue -t other --raw 1
	iq-ctl pause -t p --reason parent --for 1h
	iq-ctl pause -t p/c --for 10m
	assert_equal "$(paused)" "p=parent... p/c=parent... p/c/d=parent..."
	run bash -c 'iq-stats --text | grep "^[op].* paused" | cut -d" " -f1'
	assert_output $'p\np/c/d'
	iq-ctl pause -t p/c --reason own
	assert_equal "$(paused)" "p=parent... p/c=own p/c/d=own"
	iq-ctl resume -t p
	assert_equal "$(paused)" "p/c=own p/c/d=own"
	iq-ctl resume -t p/c
	assert_equal "$(paused)" ""
	iq-ctl pause --reason all
	assert_equal "$(paused)" "other=all p=all p/c=all p/c/d=all"
}

@test "text fits 60 columns: lines are continued, columns left out" {
	eleven_jobs
	local i option
	for i in $(seq 1 9); do
		iq-enqueue -t "a.rather.long.name.of.a.type/number$i" /x
	done
	iq-work -t a.rather.long.name.of.a.type -n2 --drain -- sh -c \
		'echo "a long line of what it said at last" >&2; exit 69' \
		2>/dev/null || :
	for option in --by=type --by=host --failures; do
		COLUMNS=60 LINES=24 run_split iq-stats --text "$option"
		assert_status 0
		(($(wc -l <<<"$output") <= 23))
		(($(wc -L <<<"$output") <= 60))
		assert_stdout_like "queue *depth *
           quarantined *
outcomes *
           *crashed *
system *"
	done
	for option in --by=type --by=host --failures; do
		COLUMNS=40 LINES=40 run_split iq-stats --text "$option"
		(($(wc -L <<<"$output") <= 40))
	done
	COLUMNS=60 LINES=24 run_split iq-stats --text
	assert_stdout_like "* COUNT * P50 * P95 * P99
queue wait *TYPE *STATE
*
... and * more types"
	# without a bound everything is on its line
	COLUMNS='' run_split iq-stats --text
	assert_stdout_like "* COUNT * MEAN * MAX
*"
}

@test "numbers of a day fit the dashboard as well" {
	COLUMNS=80 LINES=24 run_split iq-stats --text
	(($(wc -L <<<"$output") <= 80))
	run script -qec 'stty rows 24 cols 80; iq-stats' /dev/null
	assert_output --partial "queue wait"
}

@test "what it does not know is refused" {
	run_split iq-stats --by colour
	assert_status 64
	assert_stderr_like "iq-stats: --by: type or host, not 'colour'*"
	run_split iq-stats something
	assert_status 64
}

@test "a missing queue is 66" {
	run_split iq-stats -q none.db
	assert_status 66
	assert_stderr_like "*iq-db init -q $IQ_TEST/none.db"
}

@test "a sum that is full stays full, and stops nobody" {
	iq-enqueue --raw a b
	iq-work -n1 -- true
	sqlite3 "$IQ_QUEUE" 'UPDATE metric SET sum = 9223372036854775800'
	run_split iq-work -n1 -- true
	assert_ran 0 "" ""
	run_split iq-db check
	assert_status 0
}

@test "of what excludes each other nothing is ignored" {
	run_split iq-stats --by host --failures
	assert_status 64
	assert_stderr_like "*: takes one of --by and --failures*"
}

@test "of --text and --json the last holds" {
	iq-enqueue /a
	run_split iq-stats --health --text --json
	assert_json '.status == "OK"'
	run_split iq-stats --json --text
	assert_status 0
	assert_stdout_like "queue *"
}
