#!/usr/bin/env bats
# What iq-enqueue reads, and what becomes of it.

load lib

# The paths of all live jobs as JSON strings, in order of id
paths() {
	iq-list --json | jq -c .path
}

@test "a line is a path, made absolute" {
	printf 'a\n/b/c\n./d//e/./f\n' >in
	run_split iq-enqueue <in
	assert_ran 0 "" ""
	run_split paths
	assert_ran 0 "\"$IQ_TEST/a\"
\"/b/c\"
\"$IQ_TEST/d/e/f\"" ""
}

@test "the last line needs no newline" {
	run_split iq-enqueue < <(printf 'a\nb')
	assert_ran 0 "" ""
	run_split paths
	assert_stdout "\"$IQ_TEST/a\"
\"$IQ_TEST/b\""
}

@test "empty input is exit 0, and makes the queue" {
	run_split iq-enqueue </dev/null
	assert_ran 0 "" ""
	assert_file_exists "$IQ_QUEUE"
	assert_equal "$(stat -c %a "$IQ_QUEUE")" 600
}

@test "-0 carries any byte but NUL" {
	printf '/a\nb\0/-x\0/\377\0/ "q" '"'"' \0' >in
	run_split iq-enqueue -0 <in
	assert_ran 0 "" ""
	run_split iq-list --json
	assert_json -s
	run_split jq -cs 'map(.path_base64 // (.path | @base64) | @base64d)' \
		<<<"$output"
	assert_stdout_like '\["/a\\nb","/-x",*,"/ \\"q\\" '"'"' "]'
	run_split bash -c "iq-list --json | jq -r 'select(.path_base64) | .path_base64'"
	assert_stdout "$(printf '/\377' | base64)"
}

@test "operands are jobs, and stdin is not read" {
	run_split iq-enqueue -- x -y </dev/full
	assert_ran 0 "" ""
	run_split paths
	assert_stdout "\"$IQ_TEST/x\"
\"$IQ_TEST/-y\""
}

@test "--raw takes subjects as they are" {
	run_split iq-enqueue --raw https://example.org//a ./x
	assert_ran 0 "" ""
	run_split paths
	assert_stdout '"https://example.org//a"
"./x"'
}

@test "-J takes every field of a record" {
	cat >in <<-'END'
	{"path":"/a","event":"created","size_bytes":5,"mtime_at":"2026-01-02T03:04:05Z","type":"notes/work","priority":"high","key":"K","max_attempts":7,"timeout_seconds":1.5,"group":"g","payload":{"x":[1,"\u00e9"]},"run_at":"2099-01-01T00:00:00Z"}
	END
	run_split iq-enqueue -J <in
	assert_ran 0 "" ""
	run_split iq-list --json
	assert_json '.path == "/a" and .event == "created" and
		.size_bytes == 5 and .type == "notes/work" and
		.priority == 2 and .key == "K" and .max_attempts == 7 and
		.group == "g" and .payload == {"x":[1,"é"]} and
		.run_at == "2099-01-01T00:00:00.000Z" and
		.state == "pending"'
}

@test "-J path_base64 carries bytes that are not UTF-8" {
	echo '{"path_base64":"L/8="}' >in
	run_split iq-enqueue -J <in
	assert_ran 0 "" ""
	run_split iq-list --json
	assert_json '.path_base64 == "L/8=" and .path == "/\ufffd"'
}

@test "a record may be a payload without a path" {
	run_split iq-enqueue -J <<<'{"payload":[1]}'
	assert_ran 0 "" ""
	run_split iq-list --json
	assert_json '.path == null and .payload == [1]'
}

@test "a refused record is reported with its number, the rest is done" {
	printf '%s\n' '{"path":"/a"}' '{"path":"/b","colour":1}' '{"path":"/c"}' \
		'not json' >in
	run_split iq-enqueue -J -I <in
	assert_status 65
	assert_stdout "1
-
2
-"
	assert_stderr_like "iq-enqueue: record 2: *colour*
iq-enqueue: record 4: *"
	run_split paths
	assert_stdout '"/a"
"/c"'
}

@test "a record that says both run_at and delay_seconds is refused" {
	run_split iq-enqueue -J \
		<<<'{"path":"/a","run_at":"2099-01-01T00:00:00Z","delay_seconds":1}'
	assert_status 65
	assert_stderr_like "iq-enqueue: record 1: *delay_seconds*"
}

@test "the record wins over the flag" {
	printf '%s\n' '{"path":"/a"}' '{"path":"/b","type":"x","priority":1}' >in
	run_split iq-enqueue -J -t y -p low <in
	assert_ran 0 "" ""
	run_split bash -c "iq-list --json | jq -c '[.type,.priority]'"
	assert_stdout '["y",4]
["x",1]'
}

@test "an empty record closes a batch and is no job" {
	printf 'a\n\nb\n' >in
	run_split iq-enqueue --ack <in
	assert_status 0
	run_split jq -cs 'map([.batch,.enqueued])' <<<"$output"
	assert_stdout '[[1,1],[2,1]]'
}

@test "an empty line closes a batch, in JSON lines as well" {
	printf '%s\n' '{"path":"/a"}' '' '{"path":"/b"}' >in
	run_split iq-enqueue -J --ack <in
	assert_equal "$(jq -c .enqueued <<<"$output" | tr -d '\n')" 11
}

@test "an operand is a path, also with -J or -0, with a word about that" {
	echo '{"path":"/a"}' >records
	run_split iq-enqueue -J records
	assert_ran 0 "" "iq-enqueue: --json-lines: is for standard input, and not for operands, which are paths; to read a file: <records"
	run_split iq-enqueue -0 records
	assert_ran 0 "" "iq-enqueue: --null: is for standard input, and not for operands, which are paths; to read a file: <records"
	run jq -r .path < <(iq-list)
	assert_output "$PWD/records"
}

@test "flush:true closes a batch" {
	printf '%s\n' '{"path":"/a"}' '{"flush":true}' '{"path":"/b"}' >in
	run_split iq-enqueue -J --ack <in
	run_split jq -cs 'map([.batch,.enqueued,.records])' <<<"$output"
	assert_stdout '[[1,1,1],[2,1,1]]'
}

@test "a silence closes a batch" {
	{
		echo a
		wait_until '[[ -s e.out ]]'
		echo b
	} | iq-enqueue --ack --batch-wait 20ms >e.out
	assert_equal "$(jq -cs 'map(.enqueued)' e.out)" '[1,1]'
}

@test "a record over 8 MiB is refused, the next one is taken" {
	{
		head -c 9000000 /dev/zero | tr '\0' x
		printf '\n/ok\n'
	} >in
	run_split iq-enqueue -I <in
	assert_status 65
	assert_stdout "-
1"
	assert_stderr "iq-enqueue: record 1: longer than 8 MiB"
}

@test "a path of 4 KiB and more is carried" {
	long=/$(head -c 5000 /dev/zero | tr '\0' y)
	run_split iq-enqueue "$long"
	assert_ran 0 "" ""
	run_split paths
	assert_stdout "\"$long\""
}

@test "a payload over 1 MiB is refused" {
	{
		printf '{"payload":"'
		head -c 1100000 /dev/zero | tr '\0' x
		printf '"}\n'
	} >in
	run_split iq-enqueue -J <in
	assert_status 65
	assert_stderr_like "iq-enqueue: record 1: *payload*"
}

@test "--dry-run checks and prints the records, and enqueues nothing" {
	printf '%s\n' '{"path":"a","priority":"low"}' '{}' >in
	run_split iq-enqueue -J --dry-run -t n <in
	assert_status 65
	assert_json ".path == \"$IQ_TEST/a\" and .type == \"n\""
	assert_file_not_exist "$IQ_QUEUE"
}

@test "a type must be well formed" {
	run_split iq-enqueue -t 'Not/OK' a
	assert_status 64
	assert_stdout ""
	assert_stderr_like "iq-enqueue: *Not/OK*"
	assert_file_not_exist "$IQ_QUEUE"
}

@test "NUL-separated input without -0 is refused" {
	printf '/a\0/b\0' >in
	run_split iq-enqueue <in
	assert_ran 65 "" "iq-enqueue: record 1: a NUL byte; for NUL-separated input say -0"
}

@test "- is standard input, and stands alone" {
	run_split iq-enqueue - < <(printf 'a\n')
	assert_ran 0 "" ""
	run_split iq-enqueue --raw -- - < <(printf 'b\n')
	assert_ran 0 "" ""
	run_split paths
	assert_stdout "\"$IQ_TEST/a\"
\"b\""
	run_split iq-enqueue a - < <(printf 'a\n')
	assert_ran 64 "" "iq-enqueue: -: standard input stands alone; a file of that name is ./-
try 'iq-enqueue --help'"
	run_split iq-enqueue ./-
	assert_ran 0 "" ""
}

@test "a stdin that is closed is 74, not an empty one" {
	run_split sh -c 'iq-enqueue <&-'
	assert_ran 74 "" "iq-enqueue: read the input: Bad file descriptor"
	run_split sh -c 'iq-enqueue a <&-'
	assert_ran 0 "" ""
}

@test "input that cannot be read further: what was read is committed, 74" {
	printf 'a\nb\n' >in
	ASAN_OPTIONS=detect_leaks=0 run_split strace -qq -o /dev/null -P "$IQ_TEST/in" -e inject=read:error=EIO:when=2 \
		iq-enqueue -I <in
	assert_status 74
	assert_stdout "1
2"
	assert_stderr_like "*iq-enqueue: read the input: Input/output error"
}

# syncs COMMAND ... - what it does with the log, without the lengths
log_calls() {
	ASAN_OPTIONS=detect_leaks=0 strace -y -qq -o trace -e trace=pwrite64,fdatasync "$@"
	sed -nE 's/^([a-z0-9]+)\([0-9]+<.*-wal>.*/\1/p' trace | uniq
}

@test "the count of what was refused is synced, too" {
	iq-db init
	run_split log_calls iq-enqueue -J <<<'{"path":"/a","colour":1}'
	assert_stdout "pwrite64
fdatasync"
}
