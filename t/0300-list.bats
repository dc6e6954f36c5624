#!/usr/bin/env bats
# Which jobs iq-list shows, and in which form.

load lib

setup() {
	iq_setup
	iq-db init >/dev/null
}

# ids ARGUMENT ... - ids of what iq-list shows, in one line
ids() {
	run_split iq-list --json "$@"
	assert_status 0
	assert_stderr ""
	output=$(jq .id <<<"$output" | paste -sd' ')
}

# Jobs 1 to 7: ready, delayed, waiting for 1, succeeded, quarantined,
# cancelled, retrying
one_of_each() {
	iq-tune set -t keep retry_base=1h
	iq-enqueue -t keep -p low /a/one.md
	iq-enqueue -t keep/er --delay 1h -p high /a/two.txt
	iq-enqueue -t keep --after 1 /b/three.md
	iq-enqueue -t run /b/four
	iq-enqueue -t run /b/five
	iq-enqueue -t run /c/six
	iq-enqueue -t run /c/seven
	iq-ctl cancel 6 >/dev/null
	iq-work -t run --drain -- sh -c \
		'case $1 in *five) exit 65 ;; *seven) exit 75 ;; esac' sh ||
		[[ $? = 1 ]]
} 2>/dev/null

@test "an empty queue has no jobs, and that is no failure" {
	run_split iq-list
	assert_ran 0 "" ""
	run_split iq-list --text
	assert_ran 0 "" ""
}

@test "a missing queue is 66 and says how to make one" {
	run_split iq-list -q "$IQ_TEST/none.db"
	assert_ran 66 "" "iq-list: open $IQ_TEST/none.db: no such queue; make one\
 with: iq-db init -q $IQ_TEST/none.db"
	run_split iq-list -q "$IQ_TEST/no/such/dir.db"
	assert_status 66
	assert_stderr_like "*iq-db init -q FILE"
}

@test "without options: all that live, by id" {
	one_of_each
	ids
	assert_stdout "1 2 3 5 7"
}

@test "-s selects states and the places inside pending" {
	one_of_each
	local want
	for want in "pending=1 2 3 7" running= "succeeded=4" "quarantined=5" \
		"cancelled=6" "ready=1" "delayed=2 7" "retrying=7" "waiting=3"; do
		ids -s "${want%%=*}"
		assert_stdout "${want#*=}"
	done
	ids -s succeeded -s quarantined -s cancelled
	assert_stdout "4 5 6"
	ids -s ready -s retrying
	assert_stdout "1 7"
	ids -s retrying -s delayed
	assert_stdout "2 7"
	run_split iq-list -s sleeping
	assert_status 64
	assert_stderr_like "iq-list: --state: no state 'sleeping'*"
}

@test "what is due is ready, also when no worker lives" {
	iq-enqueue --delay 50ms /a
	iq-enqueue --delay 1h /b
	iq-tune set retry_base=50ms
	iq-enqueue -t x /c
	iq-work -t x --drain -- sh -c 'exit 75' 2>/dev/null || [[ $? = 1 ]]
	wait_until '[[ $(iq-list -s ready | wc -l) = 2 ]]'
	ids -s ready
	assert_stdout "1 3"
	ids -s delayed -s retrying
	assert_stdout "2"
	ids -s ready -s retrying
	assert_stdout "1 3"
	ids --group none -s ready
	assert_stdout ""
	run_split iq-list --text 3
	assert_stdout_like "*ready*x*normal*1  *transient*/c"
	run_split iq-list 1
	assert_json '.eligible_at == .run_at'
	run_split iq-stats
	assert_json '.depth | [.ready, .delayed, .oldest_ready_seconds > 0] |
		tojson' '[2,1,true]'
	assert_json '[.types[] | [.type, .depth.ready, .depth.delayed]] |
		tojson' '[["default",1,1],["x",1,0]]'
	run_split iq-stats -t x
	assert_json '.depth | [.ready, .delayed] | tojson' '[1,0]'
}

@test "-t means the type and its children" {
	one_of_each
	ids -t keep
	assert_stdout "1 2 3"
	ids -t keep/er
	assert_stdout "2"
	run_split iq-list -t kee
	assert_ran 0 "" "iq-list: --type: no type 'kee' yet; did you mean 'keep'?"
	run_split iq-list -t nothing
	assert_ran 0 "" "iq-list: --type: no type 'nothing' yet"
	run_split iq-list -t keep -t run
	assert_status 64
	assert_stderr_like "iq-list: --type: takes one type, not 'keep' and 'run'*"
	run_split iq-list -t 'Not A Type'
	assert_status 64
}

@test "--path takes a glob whose * also matches /" {
	one_of_each
	ids --path '*.md'
	assert_stdout "1 3"
	ids --path '/a/*'
	assert_stdout "1 2"
	ids --path '/a/[nop]ne.md'
	assert_stdout "1"
}

@test "--key, --group and --reason" {
	iq-enqueue -k K /a
	iq-enqueue --group G /b /c
	ids --key K
	assert_stdout 1
	ids --group G
	assert_stdout "2 3"
	iq-work --drain -- sh -c 'exit 77' 2>/dev/null || :
	ids --reason permission_denied
	assert_stdout "1 2 3"
	ids --reason timeout
	assert_stdout ""
	run_split iq-list --reason none
	assert_status 64
	assert_stderr_like "iq-list: --reason: no reason 'none'; there are *\
 timeout *"
}

@test "--since and --until look at when it was enqueued" {
	iq-enqueue /a
	ids --since -1h
	assert_stdout 1
	ids --since +1h
	assert_stdout ""
	ids --until -1h
	assert_stdout ""
	ids --until @0
	assert_stdout ""
	ids --since -1h --until +1h
	assert_stdout 1
	run_split iq-list --since yesterday
	assert_status 64
	assert_stderr_like "iq-list: --since: *"
}

@test "--limit shows the first ones" {
	iq-enqueue /a /b /c
	ids --limit 2
	assert_stdout "1 2"
	run_split iq-list --limit 0
	assert_status 64
}

@test "--sort orders by a field, - turns it round, unknown values are last" {
	iq-enqueue -p low /b
	iq-enqueue -p high /a
	iq-enqueue --no-key -J <<<'{"payload":1}'
	ids --sort path
	assert_stdout "2 1 3"
	ids --sort -path
	assert_stdout "1 2 3"
	ids --sort priority
	assert_stdout "2 3 1"
	ids --sort -id --limit 2
	assert_stdout "3 2"
	run_split iq-list --sort nothing
	assert_status 64
	assert_stderr_like 'iq-list: sort by "nothing": no such field; there are*'
	run_split iq-list --sort -craeted_at
	assert_ran 64 "" "iq-list: sort by \"craeted_at\": no such field; did you\
 mean 'created_at'?"
}

@test "a field that does not exist: the nearest, or all there are" {
	run_split iq-list --sort pth
	assert_ran 64 "" "iq-list: sort by \"pth\": no such field; did you mean 'path'?"
	run_split iq-list --sort -nonsense
	assert_status 64
	assert_stderr_like "iq-list: sort by \"nonsense\": no such field; there are\
 id type path *"
	run_split iq-list --limit 0
	assert_ran 64 "" "iq-list: --limit \"0\": less than 1
try 'iq-list --help'"
}

@test "every field of the job object can be sorted by" {
	one_of_each
	local field
	for field in $(iq-list 4 | jq -r 'keys[]'); do
		ids --sort "$field" -s quarantined -s pending
		[[ $(tr ' ' '\n' <<<"$output" | sort | paste -sd' ') = "1 2 3 5 7" ]]
	done
}

@test "sorting many with a limit is the same as sorting all" {
	seq 1 20000 | iq-enqueue --raw
	ids --sort -path --limit 5
	local first=$output
	output=$(iq-list --sort=-path | head -n 5 | jq .id | paste -sd' ')
	assert_stdout "$first"
}

@test "ids select jobs in any state, in the order given" {
	one_of_each
	ids 6 1 4
	assert_stdout "6 1 4"
	ids -s succeeded 6 1 4
	assert_stdout "4"
	run_split iq-list --json 98 1 99
	assert_status 66
	assert_equal "$(jq .id <<<"$output")" 1
	assert_stderr "iq-list: 98: no such job
iq-list: 99: no such job"
	run_split iq-list x
	assert_status 64
}

@test "more jobs than a chunk come out once each, live and ended mixed" {
	seq 1 12000 | iq-enqueue --raw
	seq 1 2 12000 | iq-ctl cancel >/dev/null
	ids -s ready -s cancelled
	assert_stdout "$(seq 1 12000 | paste -sd' ')"
	ids -s cancelled
	assert_stdout "$(seq 1 2 12000 | paste -sd' ')"
}

@test "large payloads come out whole" {
	local size=300000
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 \
		26 27 28 29 30; do
		printf '{"key":"%s","payload":"%0*d"}\n' "$i" $size "$i"
	done | iq-enqueue -J
	run_split iq-list
	assert_equal "$(jq -r '[.id, (.payload | tonumber), (.payload | length)] |
		select(.[0] == .[1] and .[2] == 300000) | .[0]' <<<"$output" |
		paste -sd' ')" "$(seq 1 30 | paste -sd' ')"
}

@test "the job object has exactly the fields of the manual" {
	iq-enqueue /a
	run_split iq-list
	assert_json 'keys_unsorted | join(" ")' "id type path event key group\
 state priority attempt attempts max_attempts crashes created_at run_at\
 eligible_at started_at finished_at worker host size_bytes payload error reason\
 exit wait_seconds duration_seconds cpu_seconds cpu_percent cpu_percent_peak\
 memory_mean_bytes max_rss_bytes max_rss_source max_rss_is_floor read_bytes\
 written_bytes io_operations sampled system_cpu_percent system_memory_percent\
 limit_configured limit_effective progress"
	assert_json '.state' pending
	assert_json '.created_at | test("^20[0-9-]+T[0-9:]+\\.[0-9]{3}Z$")'
	assert_json '[.started_at, .exit, .worker, .reason, .payload] |
		all(. == null)'
}

@test "a running job shows its start, worker and host" {
	make_holder hold
	iq-enqueue /a
	start work iq-work -n1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	run_split iq-list -s running
	assert_json '[.state, .attempt, .finished_at, .exit] | tojson' \
		'["running",1,null,null]'
	assert_json '.started_at != null and .worker == 1 and
		(.host | length) > 0 and .wait_seconds >= 0 and
		.duration_seconds == null'
	release_holder hold
	wait "$work_pid"
}

@test "an ended job shows what its last attempt used" {
	echo hello >file
	iq-enqueue file
	iq-work -n1 -- cat >/dev/null
	run_split iq-list 1
	assert_json '[.state, .exit, .attempt, .attempts, .reason, .size_bytes] |
		tojson' '["succeeded",0,1,0,"succeeded",6]'
	assert_json '.duration_seconds > 0 and .wait_seconds >= 0 and
		.cpu_seconds > 0 and .max_rss_bytes > 0 and .finished_at != null'
}

@test "a failed job that lives shows what its last attempt used" {
	iq-enqueue /a
	iq-work -n1 -- sh -c 'echo no such thing >&2; exit 65' 2>/dev/null || :
	run_split iq-list
	assert_json '[.state, .exit, .attempt, .attempts, .reason, .error] |
		tojson' '["quarantined",65,1,1,"parse_error","no such thing\n"]'
	assert_json '.duration_seconds > 0 and .max_rss_bytes > 0'
}

@test "what failed is still told when the job was cancelled or discarded" {
	iq-tune set retry_base=1h
	iq-enqueue /a /b
	iq-work -j1 --drain -- sh -c 'echo no such thing >&2
		case $1 in /a) exit 65 ;; *) exit 75 ;; esac' sh 2>/dev/null || :
	local before after
	before=$(iq-list 1 2 | jq -c 'del(.state, .reason, .run_at, .eligible_at,
		.wait_seconds)')
	iq-ctl discard 1 >/dev/null
	iq-ctl cancel 2 >/dev/null
	run_split iq-list 1 2
	assert_equal "$(jq -c '[.state, .reason, .exit, .error]' <<<"$output")" \
		'["cancelled","discarded",65,"no such thing\n"]
["cancelled","operator",75,"no such thing\n"]'
	after=$(jq -c 'del(.state, .reason, .run_at, .eligible_at,
		.wait_seconds)' <<<"$output")
	assert_equal "$after" "$before"
	# and it comes back as it was
	iq-ctl retry 1 >/dev/null
	run_split iq-list 1
	assert_json '[.state, .exit, .error] | tojson' \
		'["pending",65,"no such thing\n"]'
	run_split iq-db check --text
	assert_status 0
}

@test "a job that was ended and revived is shown once, as it is now" {
	iq-enqueue /a
	iq-ctl cancel 1 >/dev/null
	iq-ctl retry 1 >/dev/null
	ids -s ready -s cancelled -s succeeded
	assert_stdout 1
	run_split iq-list 1
	assert_json .state pending
	iq-work -n1 -- true
	run_split iq-list 1
	assert_json '[.state, .attempt] | tojson' '["succeeded",1]'
}

@test "a path that is not UTF-8 has its exact bytes in path_base64" {
	printf '/a\377b\0' | iq-enqueue -0
	run_split iq-list
	assert_json .path '/a�b'
	assert_json '.path_base64 | @base64d | length' 4
	assert_equal "$(jq -r .path_base64 <<<"$output" | base64 -d | od -An -tx1 |
		tr -d ' ')" 2f61ff62
}

@test "text is a table that fits, with control characters escaped" {
	printf '/a\033[31m\n\377\0' | iq-enqueue -0 -t notes
	COLUMNS=72 run_split iq-list --text
	assert_status 0
	assert_stdout_like 'ID  STATE  TYPE *PATH
 1  ready  notes*/a\\x1b\[31m\\n\\xff'
	iq-enqueue "/$(printf '%0100d' 7)/the-end.md"
	COLUMNS=72 run_split iq-list --text 2
	assert_equal "${#lines[1]}" 72
	assert_stdout_like '*...0000*/the-end.md'
	iq-ctl quarantine 1 >/dev/null
	local width
	for width in 64 52 44 34 30; do
		COLUMNS=$width run_split iq-list --text
		(($(wc -L <<<"$output") <= width)) || iq_differs "$width" narrow
		assert_stdout_like "ID  STATE  *PATH*the-end.md"
	done
	assert_stdout_like "ID  STATE        PATH*"
}

@test "on a terminal it is text, else JSON" {
	iq-enqueue /a
	run script -qec 'iq-list' /dev/null
	assert_output --partial "ID  STATE"
	run script -qec 'iq-list --json' /dev/null
	assert_output --partial '{"id":1,'
	run_split iq-list
	assert_json .id 1
}

@test "a reader that has seen enough is no failure; a full disk is 74" {
	seq 1 5000 | iq-enqueue --raw
	run bash -o pipefail -c 'iq-list | head -n 1 | jq .id'
	assert_output 1
	run_split bash -c 'iq-list >/dev/full'
	assert_status 74
	assert_stderr_like "iq-list: writing standard output*"
}

@test "reading changes nothing in the queue" {
	iq-enqueue /a
	local before
	before=$(cat queue.db queue.db-wal | sha256sum)
	iq-list >/dev/null
	iq-list --why 1 >/dev/null
	iq-stats >/dev/null
	iq-db check >/dev/null
	assert_equal "$(cat queue.db queue.db-wal | sha256sum)" "$before"
}
