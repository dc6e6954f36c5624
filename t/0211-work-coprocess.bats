#!/usr/bin/env bats
# Handlers that stay: a job in, an answer out.

load lib

# coprocess BODY - ./co, in bash: BODY for each line, whose text is in $path
coprocess() {
	cat >co <<-END
	#!/bin/bash
	echo "\$\$" >>'$PWD/started'
	while IFS= read -r path; do
		$1
	done
	echo closed >>'$PWD/closed'
	END
	chmod +x co
	: >started
	: >closed
}

# fates - how each job ended, in the order of their ids
fates() {
	iq-list --json -s pending -s running -s succeeded -s quarantined \
		-s cancelled | jq -c '[.id,.state,.attempts,.reason]'
}

worker_of() {
	pgrep -P "$1"
}

@test "-c: one process for all jobs, a path in, an exit status out" {
	iq-enqueue --raw a b c d e f
	coprocess 'case $path in c) echo 65;; e) echo 75;; *) echo 0;; esac'
	run_split iq-work -c -j1 --drain -- ./co
	assert_status 1
	assert_stdout ""
	run fates
	assert_output '[1,"succeeded",0,"succeeded"]
[2,"succeeded",0,"succeeded"]
[3,"quarantined",1,"parse_error"]
[4,"succeeded",0,"succeeded"]
[5,"pending",1,"transient"]
[6,"succeeded",0,"succeeded"]'
	assert_equal "$(wc -l <started)" 1
	assert_equal "$(<closed)" closed
}

@test "its arguments are as given, and no words of a job are taken" {
	iq-enqueue --raw a
	run_split iq-work -c --drain -- sh -c 'read -r p; echo "$#$1$2" >&2
		echo 0' sh -x '{.x}'
	assert_ran 0 "" '2-x{.x}'
	local word
	for word in '{}' 'x{id}' '{type}' '{key}' '{attempt}' '{event}'; do
		run_split iq-work -c -- true "$word"
		assert_status 64
		assert_stderr_like 'iq-work: --coprocess: COMMAND has words*'
	done
}

@test "what does not go with -c, and --format without it, is 64" {
	local options
	for options in '-c -b2' '-c -b1' '-c --stdin paths' '-c --results r' \
			'--format json' '-c --format xml'; do
		# shellcheck disable=SC2086
		run_split iq-work $options -- true
		assert_status 64
	done
	run_split iq-work -c
	assert_status 64
	assert_stderr_like 'iq-work: --coprocess: name the COMMAND*'
}

@test "a co-process knows of no job, and has no descriptor 3" {
	iq-enqueue a
	export IQ_JOB_ID=outer IQ_RESULT_FD=7 IQ_SLOT=outer
	run_split iq-work -c --drain -- sh -c 'read -r p
		env | grep -E "^IQ_(JOB|RESULT|SLOT|QUEUE)" | sort >&2
		test ! -e /proc/$$/fd/3 || echo 3 >&2
		echo 0'
	assert_ran 0 "" "IQ_QUEUE=$IQ_QUEUE"$'\n'"IQ_SLOT=0"
}

@test "many jobs through two, each answered once" {
	seq 3000 | iq-enqueue --raw
	run_split iq-work -c -j2 --drain --json -- \
		"$IQ_BUILD/perf/answer"
	assert_status 0
	assert_equal "$(jq -s 'map(.id) | (unique | length), length' \
		<<<"$output")" $'3000\n3000'
	run_split iq-db check
	assert_status 0
}

@test "more co-processes take no more memory for what they have in hand" {
	local j
	for j in 1 16; do
		seq 40000 | iq-enqueue --raw
		run_split iq-work -c -j$j --drain -- sh -c "$IQ_BUILD/perf/answer
			sed -n '/VmHWM/s/[^0-9]//gp' /proc/\$PPID/status >>rss.$j"
		assert_ran 0 "" ""
	done
	run awk 'FNR == 1 { f++ } $1 > rss[f] { rss[f] = $1 }
		END { print rss[2] < 1.4 * rss[1] }' rss.1 rss.16
	assert_output 1
}

@test "another type comes to its turn although there is always more of one" {
	seq 5000 | iq-enqueue -t a --raw
	coprocess 'echo "$path" >>order
		test "$path" != 100 || iq-enqueue -t b -p critical --raw urgent
		echo 0'
	run_split iq-work -c -j1 --drain -- ./co
	assert_ran 0 "" ""
	# not more than two windows later
	run awk '$0 == "urgent" { print NR < 100 + 2 * 1024 + 2 }' order
	assert_output 1
}

@test "what waits goes back when the breaker of its type opens" {
	export IQ_SET_MAX_ATTEMPTS=1
	iq-db init >/dev/null
	iq-tune set breaker=4 retry_base=1h retry_jitter=0
	# so long that a pipe is full long before a window is
	seq -f "%.0f $(printf '%01000d' 0)" 2000 | iq-enqueue --raw
	cat >co.py <<-'END'
	import subprocess, sys
	for path in sys.stdin:
	    n = int(path.split()[0])
	    while n == 1510 and b'"open"' not in subprocess.check_output(
	            ["iq-stats", "--json"]):
	        pass
	    print(0 if n < 1500 else 1, flush=True)
	END
	run_split iq-work -c -j1 --drain -- python3 co.py
	assert_status 1
	assert_equal "$(iq-list --json -s pending | jq -s 'length > 200')" true
	iq-db check >/dev/null
}

@test "a job without a path is an empty line" {
	iq-enqueue -J <<<'{"payload":1,"key":"K"}'
	coprocess 'echo "<$path>" >&2; echo 0'
	run_split iq-work -c --drain -- ./co
	assert_ran 0 "" "<>"
}

@test "a path with a newline is quarantined, and not said" {
	iq-enqueue --raw a $'b\nc' d
	coprocess 'echo "$path" >&2; echo 0'
	run_split iq-work -c -j1 --drain -- ./co
	assert_status 1
	assert_stderr_like $'*iq-work: job 2: its path holds a newline*'
	run fates
	assert_output '[1,"succeeded",0,"succeeded"]
[2,"quarantined",1,"parse_error"]
[3,"succeeded",0,"succeeded"]'
}

@test "what it prints on stderr belongs to the job that it works on" {
	iq-enqueue --raw a b c
	coprocess 'test "$path" != b || { echo "no header" >&2; echo 65; continue; }
		echo 0'
	run_split iq-work -c -j1 --drain -- ./co
	assert_status 1
	assert_stderr_like $'no header\niq-work: *'
	assert_equal "$(iq-list --json 2 | jq -r .error)" "no header"
	assert_equal "$(iq-list --output 2 | jq -r .stderr)" "no header"
	assert_equal "$(iq-list --json 1 3 | jq .error)" $'null\nnull'
}

@test "what each of many quick jobs prints on stderr belongs to that one" {
	seq 100 | iq-enqueue --raw
	coprocess 'echo "bad $path" >&2; echo 65'
	IQ_SET_BREAKER=0 run_split iq-work -c -j2 --drain -- ./co
	assert_status 1
	run jq -r '"\(.path) \(.error)"' < <(iq-list --json -s quarantined)
	assert_output "$(for i in {1..100}; do echo "$i bad $i"; echo; done |
		sed '$d')"
}

@test "what it prints before it dies belongs to the job that it dies of" {
	seq 20 | iq-enqueue --raw
	coprocess 'test "$path" != 17 || { echo "cannot do 17" >&2; exit 65; }
		echo 0'
	run_split iq-work -c -j1 --drain -- ./co
	assert_status 1
	run jq -c '[.path, .error]' < <(iq-list --json | jq -c 'select(.error)')
	assert_output '["17","cannot do 17\n"]'
}

@test "--output discard and inherit" {
	iq-enqueue --raw a
	coprocess 'echo why >&2; echo 65'
	run_split iq-work -c --drain --output discard -- ./co
	assert_status 1
	assert_stderr_like 'iq-work: 0 succeeded*'
	assert_equal "$(iq-list --json 1 | jq -r .error)" why
	iq-enqueue --raw b
	run_split iq-work -c --drain --output inherit -- ./co
	assert_stderr_like $'why\niq-work: *'
	assert_equal "$(iq-list --json 2 | jq -r .error)" null
}

@test "it dies: the oldest job has its status, the others are run again alone" {
	iq-enqueue --raw a b c d e f g h bad j k
	coprocess 'test "$path" != bad || exit 65; echo 0'
	run_split iq-work -c -j1 --drain -- ./co
	assert_status 1
	assert_equal "$(fates | grep -v '"succeeded",0,"succeeded"')" \
		'[9,"quarantined",1,"parse_error"]'
	assert_equal "$(wc -l <started)" 2
}

@test "what it has not answered does not begin with the co-process" {
	iq-enqueue --raw a b
	coprocess 'test $path = a || exit 70; echo 0'
	run_split iq-work -c -j1 --drain -- ./co
	assert_status 1
	run_split sqlite3 "$IQ_QUEUE" 'SELECT a.job, b.job,
		b.started_at > a.started_at, b.finished_at >= b.started_at
		FROM history AS a, history AS b
		WHERE b.finished_at > a.finished_at'
	assert_ran 0 "1|2|1|1" ""
}

@test "it is killed: so is the oldest job" {
	iq-enqueue --raw a
	coprocess 'kill -KILL $$'
	run_split iq-work -c -n1 --json -- ./co
	assert_status 1
	assert_json '[.exit,.outcome,.state,.attempts] == [-9,"unknown","pending",1]'
}

@test "to end without an answer is no success" {
	iq-enqueue --raw a
	coprocess 'exit 0'
	run_split iq-work -c -n1 --json -- ./co
	assert_status 1
	assert_json '[.exit,.outcome,.error] ==
		[0,"unknown","it ended without an answer"]'
}

@test "who was in its hands with a job that kills it is not charged" {
	export IQ_SET_RETRY_STRATEGY=immediate
	seq 200 | iq-enqueue --raw
	coprocess 'test "$path" != 150 || exit 1; echo 0'
	run_split iq-work -c -j1 --drain -- ./co
	assert_status 1
	assert_equal "$(fates | grep -v '"succeeded",0,"succeeded"')" \
		'[150,"quarantined",3,"max_attempts"]'
}

@test "a garbled answer ends it: the oldest job is unknown" {
	local answer
	for answer in '"what"' '""' 256 -1 '"0 "' 0000 1e1; do
		rm -f queue.db*
		iq-enqueue --raw a
		coprocess "echo $answer"
		run_split iq-work -c -n1 --json -- ./co
		assert_status 1
		assert_json '[.outcome,.reason,.attempts] == ["unknown","unknown",1]'
		assert_json '.error | startswith("answer ")'
	done
}

@test "an answer too many ends it, and nobody is charged" {
	iq-enqueue --raw a
	coprocess 'echo 0; echo 0'
	run_split iq-work -c -j1 --drain -- ./co
	assert_ran 0 "" "iq-work: a co-process is ended: an answer, and no job waits for one"
}

@test "the timeout runs from the answer before, when they come in order" {
	iq-enqueue --raw a b c slow e
	coprocess 'test "$path" != slow || read -rt 60 <> <(:)
		read -rt 0.15 <> <(:); echo 0'
	run_split iq-work -c -j1 --drain --timeout 400ms -- ./co
	assert_equal "$(fates)" '[1,"succeeded",0,"succeeded"]
[2,"succeeded",0,"succeeded"]
[3,"succeeded",0,"succeeded"]
[4,"pending",1,"timeout"]
[5,"succeeded",0,"succeeded"]'
	assert_equal "$(wc -l <started)" 2
}

@test "one that dies at once again and again is replaced ever more slowly" {
	seq 4 | iq-enqueue --raw
	run_split iq-work -c -j1 --drain -- false
	assert_status 1
	assert_stderr_like 'iq-work: 2 co-processes have ended without an answer: the next one is started in 0.1 s
*4 left (0 ready, 4 delayed, *'
}

@test "COMMAND that does not exist, or goes away, ends the worker as ever" {
	iq-enqueue --raw a
	run_split iq-work -c -- ./co
	assert_status 69
	coprocess 'rm co; exit 1'
	IQ_SET_RETRY_STRATEGY=immediate run_split iq-work -c -- ./co
	assert_status 69
	assert_stderr_like '*: stopping'
}

@test "it stays when there is nothing to do, and gets what comes later" {
	coprocess 'echo 0'
	start work iq-work -c -j1 -- ./co
	iq-enqueue --wait --raw a
	iq-enqueue --wait --raw b c
	assert_equal "$(wc -l <started)" 1
	stop work
	assert_equal "$status" 0
	assert_equal "$(<closed)" closed
}

@test "a stop waits for the answers; what it does not know of goes back" {
	iq-enqueue --raw a b c
	coprocess 'flock -s gate true; echo 0'
	exec {gate}>gate
	flock "$gate"
	start work iq-work -c -j1 --json -- ./co
	wait_until '[[ -s started ]]'
	kill "$work_pid"
	wait_until 'grep -q stopping work.err'
	flock -u "$gate"
	status=0
	wait "$work_pid" || status=$?
	assert_equal "$status" 0
	assert_equal "$(jq -c .id work.out)" 1
	assert_equal "$(fates | head -n2)" '[1,"succeeded",0,"succeeded"]
[2,"pending",0,null]'
	assert_equal "$(<closed)" closed
}

@test "a stop at once gives back what has not been answered" {
	iq-enqueue --raw a
	coprocess 'read -rt 60 <> <(:)'
	start work iq-work -c -j1 -- ./co
	wait_until '[[ $(iq-list --json 1 | jq -r .state) == running && -s started ]]'
	kill "$work_pid"
	wait_until 'grep -q "stopping when 1 running job has" work.err'
	stop work
	assert_equal "$status" 0
	assert_equal "$(iq-list --json | jq -c '[.state,.attempts]')" '["pending",0]'
}

@test "who does not heed the end of its input gets the grace, TERM and KILL" {
	iq-enqueue --raw a
	run_split iq-work -c -j1 --drain --grace 200ms -- bash -c 'trap "" TERM
		read -r p; echo 0; sleep 60; sleep 61'
	assert_ran 0 "" ""
}

@test "who closes its stdout without ending is ended" {
	iq-enqueue --raw a
	run_split iq-work -c -n1 --grace 200ms --json -- sh -c \
		'read -r p; exec >&-; exec sleep 60'
	assert_status 1
	assert_json '[.outcome,.attempts] == ["unknown",1]'
}

@test "cancel --kill of one ends the co-process; another one goes on" {
	iq-enqueue --raw a b
	coprocess 'test "$path" != a || read -rt 60 <> <(:); echo 0'
	start work iq-work -c -j1 --drain -- ./co
	wait_until '[[ -s started ]]'
	iq-ctl cancel --kill 1
	wait "$work_pid" || :
	run fates
	assert_output '[1,"cancelled",0,"operator"]
[2,"succeeded",0,"succeeded"]'
	assert_equal "$(wc -l <started)" 2
}

@test "release of one gives it back, uncharged" {
	iq-enqueue --raw a
	coprocess 'read -rt 60 <> <(:)'
	start work iq-work -c -j1 -n1 --json -- ./co
	wait_until '[[ -s started ]]'
	iq-ctl release 1
	wait "$work_pid" || :
	assert_equal "$(jq -c '[.outcome,.state,.attempts]' work.out)" \
		'["released","pending",0]'
}

@test "an idle co-process does not count against a cap" {
	coprocess 'echo 0'
	iq-enqueue -t x/one --raw a
	iq-enqueue -t x/two --raw b
	iq-tune set -t x max_workers=1
	start one iq-work -c -j1 -t x/one -- ./co
	wait_until '[[ $(iq-list --json 1 | jq -r .state) == succeeded ]]'
	run_split iq-work -c -j1 -t x/two --drain -- ./co
	assert_ran 0 "" ""
	stop one
}

@test "the worker killed: nothing is left, nobody is charged in company" {
	seq 50 | iq-enqueue --raw
	coprocess 'test "$path" != 40 || { (trap "" TERM; sleep 987655; :) &
		read -rt 60 <> <(:); }; echo 0'
	start first iq-work -c -j1 --grace 200ms -- ./co
	wait_until 'pgrep -f "sleep 987655"'
	kill -KILL "$(worker_of "$first_pid")"
	wait "$first_pid" || :
	run pgrep -f 'sleep 987655'
	assert_output ""
	coprocess 'echo 0'
	run_split iq-work -c -j1 --drain -- ./co
	assert_status 0
	assert_equal "$(iq-list --json -s succeeded | jq -s \
		'[length, (map(.crashes) | max), (map(.attempts) | max)]' -c)" '[50,0,0]'
}

@test "leftovers of a co-process are ended before its job is handed in" {
	needs_linux "process groups only are seen"
	iq-enqueue --raw a
	run_split iq-work -c -n1 --json -- bash -c \
		'read -r p; (setsid sleep 987656 &); exit 69'
	assert_json '[.exit,.reason] == [69,"dependency_failure"]'
	run pgrep -f 'sleep 987656'
	assert_output ""
}

@test "a co-process that hangs is charged alone" {
	iq-enqueue --raw a
	run_split iq-work -c -n1 --timeout 200ms --json -- sleep 60
	assert_json '[.exit,.reason,.attempts] == [-15,"timeout",1]'
}

@test "-n counts jobs, --then and --joblog are as for others" {
	iq-enqueue -t x --raw a b c
	coprocess 'echo 0'
	run_split iq-work -c -j1 -t x -n2 --then next --joblog log -- ./co
	assert_ran 0 "" ""
	assert_equal "$(iq-list --json -t next | jq -r .path | sort)" $'a\nb'
	assert_equal "$(cut -f 1,7,9 log)" \
		$'Seq\tExitval\tCommand\n1\t0\t./co a\n2\t0\t./co b'
}

@test "what it uses is divided, and said to be" {
	iq-enqueue --raw a
	run_split iq-work -c -n1 --json -- bash -c \
		'read -r p; head -c 1000000 /dev/zero >file; echo 0; read -r p'
	assert_json '[.sampled, .written_bytes >= 1000000] == [true,true]'
}

# ---- --format json ----

# speaks FILTER - ./co, which answers each job by a jq program
speaks() {
	cat >co <<-END
	#!/bin/sh
	exec jq --unbuffered -c '$1'
	END
	chmod +x co
}

@test "json: the job as an object in, an answer out" {
	iq-enqueue -J <<<'{"path":"/a\nb","type":"t","key":"K","payload":{"x":1},"event":"created"}'
	cat >co <<-'END'
	#!/bin/sh
	read -r job
	printf "%s\n" "$job" >&2
	echo '{"id":1,"exit":0}'
	END
	chmod +x co
	run_split iq-work -c --format json --drain -- ./co
	assert_status 0
	assert_equal "$(jq -c 'del(.created_at)' <<<"$stderr")" \
		'{"id":1,"type":"t","path":"/a\nb","event":"created","key":"K","priority":3,"attempt":1,"attempts":0,"payload":{"x":1}}'
}

@test "json: what can be said on descriptor 3 can be said of each job" {
	seq 6 | iq-enqueue --raw
	speaks '{id} + {
		"1": {exit: 65, error: "no header"},
		"2": {exit: 0, bytes: 4711},
		"3": {exit: 1, retry_after_seconds: 3600},
		"4": {exit: 1, outcome: "permanent"},
		"5": {exit: 0, enqueue: {path: "/next", type: "next"}},
		"6": {exit: 1, outcome: "snooze"}}[.path]'
	run_split iq-work -c --format json -j1 -t default --drain --json -- ./co
	assert_status 1
	assert_equal "$(jq -c '[.id,.state,.reason,.size_bytes,.error]' \
		<<<"$output")" '[1,"quarantined","parse_error",null,"no header"]
[2,"succeeded","succeeded",4711,null]
[3,"pending","rate_limited",null,null]
[4,"quarantined","connector_error",null,null]
[5,"succeeded","succeeded",null,null]
[6,"pending","snoozed",null,null]'
	assert_equal "$(iq-list --json -t next | jq -r .path)" /next
}

@test "json: lines before the last one of a job count" {
	iq-enqueue --raw a
	speaks '{id, error: "because"}, {id, bytes: 5}, {id, exit: 69}'
	run_split iq-work -c --format json -n1 --json -- ./co
	assert_json '[.error,.size_bytes,.reason] ==
		["because",5,"dependency_failure"]'
}

@test "json: answers may come in any order" {
	seq 90 | iq-enqueue --raw
	cat >co <<-'END'
	#!/bin/bash
	jq --unbuffered -c 'if .id % 3 == 0 then {id, exit: 65} else
		{id, exit: 0} end' | while read -r one; do
		# the second of each two comes first, when there is one
		two=
		if ! read -rt 0.01 two && [[ -n $two ]]; then
			read -r rest	# of a line that came in two parts
			two+=$rest
		fi
		[[ -z $two ]] || echo "$two"
		echo "$one"
	done
	END
	chmod +x co
	run_split iq-work -c --format json -j1 --drain -- ./co
	assert_status 1
	assert_equal "$(iq-list --json -s quarantined | jq -s \
		'[length, (map(.id % 3) | max), (map(.reason) | unique)]' -c)" \
		'[30,0,["parse_error"]]'
	assert_equal "$(iq-list --json -s succeeded | wc -l)" 60
}

@test "json: an answer without an id is that of the oldest job" {
	iq-enqueue --raw a b
	speaks '{exit: (if .path == "b" then 65 else 0 end)}'
	run_split iq-work -c --format json -j1 --drain -- ./co
	assert_equal "$(fates)" '[1,"succeeded",0,"succeeded"]
[2,"quarantined",1,"parse_error"]'
}

@test "json: garbled answers end it, the oldest job is unknown" {
	local answer
	for answer in '"x"' '{id, exit: 300}' '{id: 77, exit: 0}' \
			'{id, exit: 0, outcome: "snooze"}' '{id, exit: 0, x: 1}' \
			'{id, exit: 0, progress: 7}'; do
		rm -f queue.db*
		iq-enqueue --raw a
		speaks "$answer"
		run_split iq-work -c --format json -n1 --json -- ./co
		assert_status 1
		assert_json '[.outcome,.attempts] == ["unknown",1]'
		assert_json '.error | length > 0'
	done
}

@test "json: progress is that of the job" {
	iq-enqueue --raw a
	speaks '{id, progress: 0.25}'
	start work iq-work -c --format json -j1 -- ./co
	wait_until '[[ $(iq-list --json 1 | jq .progress) == 0.25 ]]'
	stop work
}

@test "what is released with a full window stays its job until it has ended" {
	local pad
	# more than is said ahead
	pad=$(printf '%900s' '' | tr ' ' x)
	seq -f "%g$pad" 400 | iq-enqueue --raw
	cat >co <<-'END'
	#!/usr/bin/perl
	$| = 1;
	$SIG{TERM} = "IGNORE";
	my $first = !-e "first";
	while (<STDIN>) {
		if (/^150x/) {
			open my $log, ">>", "log";
			print $log "overlap\n" if !$first &&
				kill 0, `cat first`;
			if ($first) {
				open my $f, ">", "first";
				print $f $$;
				close $f;
				1 while sleep 100;
			}
			print $log "whole\n";
		}
		print "0\n";
	}
	END
	chmod +x co
	start a iq-work -c -j1 --grace 2s -- ./co
	wait_until '[[ -s first ]]'
	iq-ctl release 150 >/dev/null
	start b iq-work -c -j1 --drain -- ./co
	wait_until '[[ -s log ]]' 20
	assert_equal "$(<log)" whole
	wait "$b_pid"
	stop a
}
