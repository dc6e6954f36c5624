#!/usr/bin/env bats
# iq-debounce: what it lets through, and when.

load lib

with=()		# what feed starts it with

# feed - lines for a debouncer that goes on reading: say TEXT, then done_saying
feed() {
	mkfifo in
	exec {feed}<>in
	# it must not have the writing end, or there is no end of input
	start d bash -c "exec \"\$@\" $feed>&-" bash "${with[@]}" iq-debounce \
		"$@" <in
	wait_until "hears_usr2 $d_pid"
}

say() {
	printf '%s\n' "$@" >&"$feed"
}

done_saying() {
	exec {feed}>&-
	ended
}

# ended - has it, for whatever reason
ended() {
	status=0
	# shellcheck disable=SC2154
	wait "$d_pid" || status=$?
	output=$(cat d.out) stderr=$(cat d.err)
}


# asked - the statistics that a running one tells when asked
asked() {
	local lines
	lines=$(wc -l <d.err)
	kill -USR2 "$d_pid"
	wait_until "((\$(wc -l <d.err) > $lines))"
	output=$(tail -n 1 d.err)
}

# held N - until the running one holds that many
held() {
	# shellcheck disable=SC2016
	wait_until "asked; [[ \$(jq .pending_files <<<\"\$output\") == $1 ]]"
}

@test "a path comes out once, in the order of first mention" {
	run_split iq-debounce < <(printf 'a\nb\n./a\na\nb\n')
	assert_ran 0 "a
b
./a" ""
}

@test "nothing in, nothing out" {
	run_split iq-debounce --boundaries -v </dev/null
	assert_status 0
	assert_stdout ""
	assert_equal "$stderr" '{"events":0,"deduplicated":0,"deduplication_percent":null,"pending_files":0,"batches":0,"debounce_seconds":2,"batch_threshold":500}'
}

@test "-0 carries any byte but NUL" {
	printf '/a\nb\0/-x\0/\377\0/a\nb\0/-x' >in
	run_split bash -c 'iq-debounce -0 <in | od -An -c'
	assert_ran 0 '   /   a  \n   b  \0   /   -   x  \0   / 377  \0' ""
}

@test "-J: the latest record of a path is the one, as it was written" {
	printf '%s\n' '{"path":"/a","event":"created"}' \
		'{"path":"/b", "payload":{"x": [1, 2]}}' \
		'{"event":"deleted","path":"\/a"}' \
		'{"path_base64":"L2I=","event":"modified"}' >in
	run_split iq-debounce -J <in
	assert_ran 0 '{"event":"deleted","path":"\/a"}
{"path_base64":"L2I=","event":"modified"}' ""
}

@test "-J: another type or key is another thing, and no key is none" {
	printf '%s\n' '{"path":"/a"}' '{"path":"/a","type":"n"}' \
		'{"path":"/a","key":"k"}' '{"path":"/b","key":"k"}' \
		'{"payload":1}' '{"payload":1}' >in
	run_split iq-debounce -J -v <in
	assert_status 0
	assert_stdout '{"payload":1}
{"payload":1}
{"path":"/a"}
{"path":"/a","type":"n"}
{"path":"/b","key":"k"}'
}

@test "what comes out is what iq-enqueue reads" {
	printf '%s\n' '{"path":"/a","event":"created"}' \
		'{"path":"/a","event":"modified"}' '{"path":"/b"}' >in
	iq-debounce -J --boundaries <in | iq-enqueue -J -t notes
	run_split bash -c "iq-list --json | jq -c '[.path,.event,.type]'"
	assert_stdout '["/a","modified","notes"]
["/b",null,"notes"]'
}

@test "a path waits until it has been quiet for the window" {
	feed -w 300ms
	say a
	wait_until '[[ $(cat d.out) == a ]]'
	say a
	wait_until '[[ $(cat d.out) == a?a ]]'
	done_saying
	assert_ran 0 "a
a" ""
}

@test "a path that is never quiet comes out after --max-delay" {
	feed -w 1h --max-delay 300ms
	say a b
	wait_until 'say a; [[ $(cat d.out) == a* ]]'
	done_saying
	assert_status 0
}

@test "a batch of -n paths goes at once" {
	feed -w 1h -n 3 --boundaries
	say a b a b
	held 2
	assert_equal "$(cat d.out)" ""
	say c
	wait_until '[[ $(tr "\n" , <d.out) == a,b,c,, ]]'
	say d
	held 1
	done_saying
	assert_equal "$(tr '\n' , <d.out)" a,b,c,,d,,
}

@test "-w 0: at once" {
	feed -w 0
	say a
	wait_until '[[ $(cat d.out) == a ]]'
	done_saying
	assert_ran 0 a ""
}

@test "--boundaries: an empty record ends a batch, and without it there is none" {
	printf 'a\nb\n\nc\n' >in
	run_split bash -c 'iq-debounce -n 2 --boundaries <in | tr "\n" ,'
	assert_ran 0 "a,b,,c,," ""
	run_split bash -c 'tr "\n" "\0" <in | iq-debounce -0 -n 2 --boundaries |
		tr "\0" ,'
	assert_ran 0 "a,b,,c,," ""
	run_split iq-debounce -n 1 <in
	assert_ran 0 "a
b
c" ""
	printf '%s\n' '{"path":"/a"}' '{"flush":true}' '{"path":"/a"}' >in
	run_split iq-debounce -J --boundaries <in
	assert_ran 0 '{"path":"/a"}
{"flush":true}' ""
}

@test "an empty record in the input lets go what is held" {
	feed -w 1h --boundaries
	say a b ""
	wait_until '[[ $(tr "\n" , <d.out) == a,b,, ]]'
	done_saying
	assert_status 0
}

@test "USR1 lets go what is held" {
	feed -w 1h
	say a b
	held 2
	kill -USR1 "$d_pid"
	wait_until '[[ $(tr "\n" , <d.out) == a,b, ]]'
	say a
	held 1
	done_saying
	assert_ran 0 "a
b
a" "$stderr"
}

@test "--rate lets so many through, and a burst" {
	feed -w 0 --rate 0.001:3
	say a b c d e
	held 2
	assert_equal "$(tr '\n' , <d.out)" a,b,c,
	# what is held back is still merged
	say d e e
	held 2
	asked
	assert_json '.deduplicated == 3'
	kill "$d_pid"
	done_saying
	assert_status 143
	assert_equal "$(tr '\n' , <d.out)" a,b,c,d,e,
}

@test "--rate holds to the end of the input, too" {
	seq 40 >in
	local begin=${EPOCHREALTIME/./}
	run_split iq-debounce --rate 100:1 <in
	assert_ran 0 "$(seq 40)" ""
	((${EPOCHREALTIME/./} - begin >= 390000))
}

@test "TERM, INT and HUP let go what is held, and are what it dies of" {
	local signal number
	while read -r signal number; do
		feed -w 1h
		say a
		held 1
		printf b >&"$feed"	# not a whole record
		kill -s "$signal" "$d_pid"
		ended
		exec {feed}>&-
		assert_status $((128 + number))
		assert_equal "$(cat d.out)" a
		rm in
	done <<-END
	TERM 15
	HUP 1
	END
	with=(env --default-signal=INT)
	feed -w 1h
	say a
	held 1
	kill -s INT "$d_pid"
	ended
	exec {feed}>&-
	assert_status 130
	assert_equal "$(cat d.out)" a
}

@test "a HUP that nohup ignores stays ignored" {
	with=(env --ignore-signal=HUP)
	feed -w 1h
	say a
	held 1
	kill -HUP "$d_pid"
	held 1
	done_saying
	assert_status 0
}

@test "a slow reader: what is held goes on merging" {
	mkfifo in out
	iq-debounce -w 0 <in >out 2>d.err 3>&- &
	d_pid=$!
	exec {feed}>in {reader}<>out
	wait_until "hears_usr2 $d_pid"
	# more than a pipe takes
	seq -f '/a/long/path/to/fill/the/pipe/with/%06.0f' 3000 >&"$feed"
	seq -f '/a/long/path/to/fill/the/pipe/with/%06.0f' 2500 3000 >&"$feed"
	wait_until 'asked; [[ $(jq .events <<<"$output") == 3501 ]]'
	assert_json '.pending_files > 500 and .deduplicated >= 501'
	exec {feed}>&-
	head -n 3000 <&"$reader" >got
	wait "$d_pid"
	exec {reader}<&-
	assert_equal "$(sort -u got | wc -l)" 3000
}

@test "--max-pending: a reader that stalls makes it stop reading" {
	mkfifo in out
	iq-debounce -w 0 --max-pending 50 <in >out 2>d.err 3>&- &
	d_pid=$!
	exec {reader}<>out
	seq -f '/a/long/path/to/fill/the/pipe/with/%06.0f' 9000 >in &
	wait_until "hears_usr2 $d_pid"
	# the pipe out is full, the pipe in too: its writer waits
	held 50
	assert_json '.events < 9000'
	head -n 9000 <&"$reader" >got
	wait "$d_pid"
	exec {reader}<&-
	assert_equal "$(sort -u got | wc -l)" 9000
}

@test "a reader that goes away ends it, also while there is nothing to write" {
	mkfifo in
	exec {hold}<>in
	run_split bash -c 'iq-debounce <in | true; echo "${PIPESTATUS[0]}"'
	assert_ran 0 141 ""
	run_split bash -c 'yes | iq-debounce -w 0 | head -n 1
		echo "${PIPESTATUS[1]}"'
	assert_ran 0 "y
141" ""
	# where SIGPIPE is ignored, it ends as quietly
	run_split bash -c 'trap "" PIPE
		iq-debounce <in | true; echo "${PIPESTATUS[0]}"'
	assert_ran 0 0 ""
	exec {hold}>&-
}

@test "a disk that is full is 74" {
	run_split bash -c 'echo a | iq-debounce >/dev/full'
	assert_ran 74 "" "iq-debounce: write the output: No space left on device"
}

@test "closed descriptors are errors" {
	run_split bash -c 'iq-debounce <&-'
	assert_ran 74 "" "iq-debounce: read the input: Bad file descriptor"
	run_split bash -c 'echo a | iq-debounce >&-'
	assert_ran 74 "" "iq-debounce: write the output: Bad file descriptor"
}

@test "input that cannot be read further: what was read comes out, 74" {
	printf 'a\nb\n' >in
	ASAN_OPTIONS=detect_leaks=0 run_split strace -qq -o /dev/null \
		-P "$IQ_TEST/in" -e inject=read:error=EIO:when=2 iq-debounce <in
	assert_ran 74 "a
b" "iq-debounce: read the input: Input/output error"
}

@test "a refused record is reported with its number, the rest passes" {
	printf '%s\n' '{"path":"/a"}' '{"path":"/b","colour":1}' 'no' \
		'{"path":"/c"}' >in
	run_split iq-debounce -J <in
	assert_status 65
	assert_stdout '{"path":"/a"}
{"path":"/c"}'
	assert_stderr_like "iq-debounce: record 2: *colour*
iq-debounce: record 3: *"
	{
		echo a
		head -c 9000000 /dev/zero | tr '\0' x
		printf '\nb\n'
	} >in
	run_split iq-debounce <in
	assert_ran 65 "a
b" "iq-debounce: record 2: longer than 8 MiB"
	run_split iq-debounce < <(printf 'a\0b\0')
	assert_ran 65 "" "iq-debounce: record 1: a NUL byte; for NUL-separated input say -0"
}

@test "-v and USR2 tell what came and what was saved" {
	feed -w 1h -v
	say a b a a
	held 2
	assert_json . '{
  "events": 4,
  "deduplicated": 2,
  "deduplication_percent": 50,
  "pending_files": 2,
  "batches": 0,
  "debounce_seconds": 3600,
  "batch_threshold": 500
}'
	done_saying
	output=$(tail -n 1 d.err)
	assert_json '.pending_files == 0 and .batches == 1'
}

@test "-q counts for a type of that queue, and IQ_QUEUE alone does not" {
	run_split iq-debounce < <(printf 'a\na\n')
	assert_ran 0 a ""
	assert_file_not_exist "$IQ_QUEUE"
	run_split iq-debounce -q "$IQ_QUEUE" -t notes < <(printf 'a\na\nb\n')
	assert_ran 0 "a
b" ""
	run_split iq-debounce -q "$IQ_QUEUE" -t notes < <(printf 'a\n')
	assert_ran 0 a ""
	run_split iq-stats -t notes --json
	assert_json '.watch == {healthy:null,coverage:null,source:null,
		pending_files:null,debounce_seconds:null,batch_threshold:null,
		events:4,deduplicated:1,deduplication_percent:25,batches:2,
		overflows:0,fallback_scans:0,last_scan_at:null,processes:[]}'
}

@test "a queue that is busy does not hold the stream up" {
	iq-db init >/dev/null
	exec {gate}<"$IQ_QUEUE-lock"
	flock "$gate"
	run_split iq-debounce -q "$IQ_QUEUE" < <(printf 'a\na\n')
	assert_status 0
	assert_stdout a
	assert_stderr_like "iq-debounce: count what passed: *"
	exec {gate}<&-
}

@test "a million lines of which nine of ten are repeats" {
	seq 100000 | sed 's|^|/a/path/of/some/length/|' >some
	for _ in {1..10}; do
		cat some
	done >in
	run_split bash -c 'iq-debounce -w 1h -n 1000000 -v <in >out'
	assert_status 0
	output=$stderr
	assert_json '.events == 1000000 and .deduplicated == 900000'
	cmp some out
}

@test "wrong usage is 64" {
	local args
	for args in 'x' '-n 0' '-w -1' '--rate 0' '--rate 1:0' '-t notes' \
		'-q ""' '-q x -t A' '--max-pending 0' '-z'; do
		run_split bash -c "iq-debounce $args </dev/null"
		assert_status 64
		assert_stdout ""
	done
}
