#!/usr/bin/env bats
# Where output goes.

load lib

@test "group: stdout and stderr of a job come out where they belong" {
	iq-enqueue a
	run_split iq-work -n1 -- sh -c 'echo out; echo err >&2'
	assert_ran 0 out err
}

@test "group: outputs of jobs that run at once are not mixed" {
	cat >talk <<-'END'
	#!/bin/bash
	for i in {1..50}; do echo "$1 $i"; done
	touch "there.$1"
	until [[ -e there.$((3 - $1)) ]]; do :; done
	for i in {51..100}; do echo "$1 $i"; done
	END
	chmod +x talk
	iq-enqueue --raw 1 2
	run_split iq-work -j2 --drain -- ./talk
	assert_status 0
	run uniq -c -w1 <<<"$output"
	assert_line --index 0 --regexp '^ *100 '
	assert_line --index 1 --regexp '^ *100 '
}

@test "group: nothing comes out before the job has ended" {
	make_holder hold
	cat >talk <<-END
	#!/bin/sh
	echo early
	exec ./hold "\$@"
	END
	chmod +x talk
	iq-enqueue a
	start work iq-work -n1 -- ./talk
	wait_until '[[ -s hold.started ]]'
	assert_file_empty work.out
	release_holder hold
	wait "$work_pid"
	assert_equal "$(<work.out)" early
}

@test "group: output over 1 MiB comes out whole" {
	iq-enqueue a
	seq 1 600000 >want
	iq-work -n1 -- sh -c 'seq 1 600000; seq 1 600000 >&2' >out 2>err
	cmp want out
	cmp want err
	assert_equal "$(ls -A "$TMPDIR")" ""
}

@test "group: a slow reader does not keep the worker from its timeouts" {
	mkfifo pipe
	iq-enqueue --raw 1 2
	exec {hole}<>pipe
	start work sh -c 'exec iq-work -j1 --drain --timeout 300ms --grace 0 \
		-- sh -c "if [ \$1 = 1 ]; then seq 1 100000; else exec sleep 60; fi" \
		sh >pipe'
	wait_until '[[ -n $(iq-list --json -s retrying) ]]'
	run iq-list --json
	assert_json '[.path,.reason] == ["2","timeout"]'
	cat <&"$hole" >read &
	cat_pid=$!
	wait "$work_pid" || :
	exec {hole}<&-
	kill "$cat_pid"
	wait "$cat_pid" || :
}

@test "inherit: output goes straight where ours goes" {
	iq-enqueue a
	make_holder hold
	printf '#!/bin/sh\necho early\nexec ./hold\n' >talk
	chmod +x talk
	start work iq-work -n1 --output inherit -- ./talk
	wait_until '[[ -s hold.started ]]'
	assert_equal "$(<work.out)" early
	release_holder hold
	wait "$work_pid"
}

@test "discard: nothing comes out, but the error is kept" {
	iq-enqueue a
	run_split iq-work -n1 --output discard -- sh -c 'echo out; echo err >&2; exit 65'
	assert_ran 1 "" "iq-work: 0 succeeded, 1 failed, 0 to be tried again"
	run_split iq-list --json -s quarantined
	assert_json .error err
	run_split iq-list --output 1
	assert_status 66
}

@test "the end of the output is kept with a job that lives on" {
	iq-enqueue a
	iq-work -n1 -- sh -c 'echo out; echo err >&2; exit 75' >/dev/null 2>&1 || :
	run_split iq-list --output 1
	assert_status 0
	assert_json '[.stdout,.stderr] == ["out\n","err\n"]'
}

@test "of a long output the last 64 KiB are kept, and 4 KiB as the error" {
	iq-enqueue a
	iq-work -n1 -- sh -c 'seq 1 100000; seq 1 100000 >&2; exit 75' \
		>/dev/null 2>&1 || :
	iq-list --output 1 | jq -rj .stdout >out
	iq-list --output 1 | jq -rj .stderr >err
	seq 1 100000 | tail -c 65536 >want
	cmp want out
	cmp want err
	iq-list --json 1 | jq -rj .error >error
	tail -c 4096 want | cmp - error
}

@test "--json: stdout has one object per attempt and nothing else" {
	iq-enqueue a b
	run_split iq-work -j1 --drain --json -- sh -c 'echo noise; echo err >&2'
	assert_status 0
	assert_stderr "err
err"
	run jq -rc '[.id,.type,.state,.outcome,.exit,.attempt]' <<<"$output"
	assert_output '[1,"default","succeeded","success",0,1]
[2,"default","succeeded","success",0,1]'
}

@test "--json: results that are not on disk are not printed, and that is 74" {
	iq-enqueue --raw a b
	ASAN_OPTIONS=detect_leaks=0 run_split strace -f -qq -o /dev/null \
		-e trace=fdatasync -e inject=fdatasync:error=EIO:when=2+ \
		iq-work -j1 --json --drain -- true
	assert_status 74
	assert_stderr_like "*iq-work: 1 result line was not printed
iq-work: sync *: disk I/O error*: stopping*"
	assert_stdout ""
}

@test "--json: a failing attempt says what comes next" {
	iq-enqueue a
	IQ_SET_RETRY_JITTER=0 run_split iq-work -n1 --json -- sh -c 'echo why >&2; exit 75'
	assert_status 1
	assert_json '[.state,.attempts,.exit,.outcome,.reason,.error] ==
		["pending",1,75,"transient","transient","why\n"]'
	assert_json '(.next_run_at | sub("\\.[0-9]+"; "") | fromdate) -
		(.finished_at | sub("\\.[0-9]+"; "") | fromdate) | . >= 29 and . <= 31'
}

@test "--json: a signal is its number below zero" {
	iq-enqueue a
	run_split iq-work -n1 --json -- sh -c 'kill -USR1 $$'
	assert_json '[.exit,.outcome,.reason] == [-10,"unknown","unknown"]'
}

@test "--json: a path that is no UTF-8 has its exact bytes beside it" {
	printf 'a\377' | iq-enqueue -0 --raw
	run_split iq-work -n1 --json -- true
	assert_json '[.path,.path_base64] == ["a\ufffd","Yf8="]'
}

@test "--json: what the whole tree used is counted" {
	needs_linux "of usage only the CPU time is known"
	head -c 3000000 /dev/zero >data
	iq-enqueue data
	run_split iq-work -n1 --json -- sh -c 'cat "$1" | cat >copy; i=0
		while [ $i -lt 100000 ]; do i=$((i + 1)); done' sh
	assert_status 0
	assert_json '.size_bytes == 3000000'
	assert_json '.read_bytes >= 6000000 and .read_bytes < 6300000'
	assert_json '.written_bytes >= 6000000 and .written_bytes < 6010000'
	assert_json '.io_operations > 90'
	assert_json '.cpu_seconds > 0.01 and .cpu_seconds < 10'
	assert_json '.max_rss_bytes > 500000'
	assert_json '.duration_seconds > 0.01 and .wait_seconds >= 0'
}

@test "--json: what an orphan used is its job's" {
	needs_linux "of usage only the CPU time is known"
	iq-enqueue a
	IQ_SET_LEFTOVERS=wait run_split iq-work -n1 --json -- sh -c \
		'(setsid head -c 5000000 /dev/zero >data &)'
	assert_json '.written_bytes >= 5000000'
}

@test "--results: stdout, stderr and exit in files, and nothing printed" {
	iq-enqueue 'odd/../ name' -- -x
	run_split iq-work --drain --results out -- sh -c 'echo out; echo err >&2; exit 75' sh
	assert_ran 1 "" "iq-work: 0 succeeded, 0 failed, 2 left (0 ready, 2 delayed, 0 waiting, 0 running, 0 held)"
	run_split find out -type f -printf '%P ' -exec cat {} +
	run sort <<<"$(cd out && grep -r .)"
	assert_output "1/1/exit:75
1/1/stderr:err
1/1/stdout:out
2/1/exit:75
2/1/stderr:err
2/1/stdout:out"
	run_split iq-list --json 1
	assert_json '.error == "err\n"'
}

@test "--results: each attempt has its own directory" {
	iq-enqueue a
	IQ_SET_RETRY_STRATEGY=immediate run_split iq-work -n2 --results out -- sh -c \
		'echo "$IQ_JOB_ATTEMPT"; exit 75'
	assert_status 1
	assert_equal "$(cat out/1/1/stdout out/1/2/stdout)" "1
2"
}

@test "--results: what is missing above the directory is made, too" {
	iq-enqueue a
	run_split iq-work --drain --results a/b//c/ -- echo
	assert_ran 0 "" ""
	assert_equal "$(cat a/b/c/1/1/stdout)" "$PWD/a"
}

@test "--results: a directory that cannot be made is 73" {
	: >file
	run_split iq-work --results file/dir/x -- true
	assert_ran 73 "" "iq-work: --results: make file/dir: Not a directory"
}

@test "--results: when the directory vanishes jobs go back uncharged, and 73" {
	iq-enqueue a b
	cat >vanish <<-'END'
	#!/bin/sh
	rm -r out
	END
	chmod +x vanish
	run_split iq-work -j1 --results out -- ./vanish
	assert_status 73
	assert_stdout ""
	assert_stderr "iq-work: --results: write the exit status of a job: No such file or directory
iq-work: --results: make the files of job 2: No such file or directory: stopping"
	run_split iq-list --json
	assert_json '[.id,.state,.attempts] == [2,"pending",0]'
}

@test "--progress: nothing where stderr is no terminal" {
	iq-enqueue a
	run_split iq-work --drain --progress -- true
	assert_ran 0 "" ""
}

@test "--progress: a bar on a terminal, out of the way of output" {
	iq-enqueue a
	run_split script -qec "iq-work --drain --progress -- echo hello" /dev/null
	assert_status 0
	assert_stdout_like "*1 left*hello*"
}

@test "a stdout that is full is 74" {
	iq-enqueue a
	run_split sh -c 'iq-work --drain -- echo x >/dev/full'
	assert_ran 74 "" "iq-work: write to stdout: No space left on device"
}

@test "a reader that went away ends it quietly" {
	seq 1 2000 | iq-enqueue --raw
	start work sh -c 'iq-work -j1 --json -- true | head -n 1'
	wait "$work_pid"
	assert_file_empty work.err
	assert_equal "$(jq .id work.out)" 1
}

@test "a terminal that hangs up: it works on, and does not spin" {
	cat >session <<-'END'
	#!/bin/bash
	echo $$ >worker
	exec env --default-signal=HUP iq-work --progress -j1 -- \
		sh -c 'echo out; echo err >&2'
	END
	chmod +x session
	start terminal env script -qc ./session /dev/null
	iq-enqueue --wait --raw a
	kill -KILL "$terminal_pid"
	wait "$terminal_pid" || :
	iq-enqueue --wait --raw b
	iq-enqueue --wait --raw c
	worker=$(<worker)
	child=$(<"/proc/$worker/task/$worker/children")
	before=$(awk '{ print $14 + $15 }' "/proc/${child% }/stat")
	iq-enqueue --wait --wait-timeout 1s --delay 1h d || :
	after=$(awk '{ print $14 + $15 }' "/proc/${child% }/stat")
	kill "$worker"
	wait_until '! kill -0 "$worker" 2>/dev/null'
	# a tenth of that second at most
	((after - before <= $(getconf CLK_TCK) / 10))
}
