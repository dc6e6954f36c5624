#!/usr/bin/env bats
# What iq-work takes and refuses before it runs anything.

load lib

@test "without COMMAND and without handlers it is 78" {
	run_split iq-work
	assert_ran 78 "" "iq-work: nothing to run: no COMMAND was given, and no selected type has a handler"
}

@test "a stored handler of a queue that is not trusted is 77" {
	IQ_SET_HANDLER=/bin/true run_split iq-work -t notes
	assert_ran 77 "" "iq-work: $IQ_QUEUE: its stored handlers are not trusted; see them with iq-tune export, trust them with iq-db trust, or name a COMMAND: iq-work -- COMMAND"
}

@test "a COMMAND that PATH does not have is 69, and claims nothing" {
	iq-enqueue a
	run_split iq-work -- iq-no-such-command
	assert_ran 69 "" "iq-work: iq-no-such-command: command not found"
	run_split iq-list --json
	assert_json '[.state,.attempt] == ["pending",0]'
}

@test "a COMMAND that cannot be executed is 77" {
	echo 'exit 0' >script
	run_split iq-work -- ./script
	assert_ran 77 "" "iq-work: execute ./script: Permission denied"
}

@test "options end at COMMAND" {
	iq-enqueue a
	run_split iq-work -n1 echo -n1 --json
	assert_ran 0 "-n1 --json $IQ_TEST/a" ""
}

@test "wrong values are 64" {
	local wrong
	for wrong in "-j0" "-j x" "-n0" "--drain=some" "--timeout=-1s" \
			"--grace=x" "--lease=10ms" "--output=x" "--scheduler=x" \
			"-t A" "-t a//b"; do
		# shellcheck disable=SC2086
		run_split iq-work $wrong -- true
		assert_status 64
		assert_stdout ""
		assert_stderr_like "iq-work: *
try 'iq-work --help'"
	done
	assert_file_not_exists "$IQ_QUEUE"
}

@test "what a later version brings is 64, not ignored" {
	local later
	for later in --cpu-tokens=1 \
			--io-tokens=1 --io-qdepth=1 --storage-type=ssd \
			--optimize=latency --fixed; do
		run_split iq-work "$later" -- true
		assert_status 64
		assert_stdout ""
		later=${later%%=*}
		assert_stderr_like "iq-work: ${later%2}: not in this version*"
	done
}

@test "--results and --json each refuse what contradicts them" {
	run_split iq-work --results r --output inherit -- true
	assert_status 64
	run_split iq-work --results r --output discard -- true
	assert_status 64
	run_split iq-work --json --output inherit -- true
	assert_status 64
	assert_stdout ""
	assert_stderr_like "iq-work: --json*"
}

@test "a missing queue is made" {
	run_split iq-work --drain -- true
	assert_ran 0 "" ""
	assert_file_permission 600 "$IQ_QUEUE"
}

@test "-q names the queue, and IQ_QUEUE tells the handler its absolute path" {
	iq-enqueue -q other.db a
	run_split iq-work -q other.db -n1 -- sh -c 'echo "$IQ_QUEUE"'
	assert_ran 0 "$IQ_TEST/other.db" ""
}

@test "-j beyond the limit of open files raises the soft limit, not that of handlers" {
	make_holder hold
	printf '#!/bin/sh\nulimit -n\nexec ./hold "$@"\n' >limit
	chmod +x limit
	seq 60 | iq-enqueue --raw
	ulimit -Sn 200
	start work iq-work -j60 --drain -- ./limit
	wait_until '(($(wc -l <hold.started) == 60))' 30
	release_holder hold
	wait "$work_pid"
	assert_file_empty work.err
	assert_equal "$(sort work.out | uniq -c | tr -s ' ')" " 60 200"
}

@test "-j beyond the hard limit of open files is less, and says so" {
	seq 60 | iq-enqueue --raw
	run_split bash -c 'ulimit -n 200; exec iq-work -j60 --drain --output discard -- true'
	assert_status 0
	assert_stdout ""
	assert_stderr_like "iq-work: at most 1? at once instead of 60: the hard limit of open files (ulimit -Hn) is 200"
}

@test "when descriptors run out later it goes on with fewer jobs at once" {
	needs_linux "there is no prlimit(1)"
	make_holder hold
	seq 100 | iq-enqueue --raw
	start work iq-work -j30 --drain --json -- ./hold
	wait_until '(($(wc -l <hold.started) == 30))' 30
	prlimit --nofile=80:80 \
		--pid "$(tr -d ' ' <"/proc/$work_pid/task/$work_pid/children")"
	release_holder hold
	wait "$work_pid"
	assert_equal "$(jq -s 'map(select(.state == "succeeded").id) | unique | length' work.out)" 100
	assert_equal "$(jq -s 'map(.attempts) | max' work.out)" 0
	grep -q "Too many open files; trying again in a second" work.err
}

@test "a type that the queue does not have is told once, and is no error" {
	iq-enqueue -t notes/work a
	iq-work -t notes --drain -- true
	run_split iq-work -t nots -t mail -t notes --drain -- true
	assert_ran 0 "" "iq-work: --type: no type 'nots' yet; did you mean 'notes'?
iq-work: --type: no type 'mail' yet"
	start work iq-work -t mail -n1 -- echo
	wait_until '[[ -s work.err ]]'
	iq-enqueue -t mail --raw b
	wait "$work_pid"
	assert_equal "$(<work.out)" b
	assert_equal "$(<work.err)" "iq-work: --type: no type 'mail' yet"
}

@test "what people try of xargs and GNU parallel is 64, and says what to do" {
	local option
	for option in "-P4: say -j" "--max-procs=4: say -j" \
			"--jobs=4: say -j" "-I{}: {} in COMMAND is the path anyway" \
			"-0: the paths are in the queue; iq-enqueue has -0"; do
		run_split iq-work "${option%%: *}" -- true
		assert_status 64
		assert_stdout ""
		assert_stderr_like "iq-work: unknown option -*: ${option#*: }
try 'iq-work --help'"
	done
	for option in '{/}' 'out/{.}.png' '{/.}' '{//}'; do
		run_split iq-work -- echo "$option"
		assert_status 64
		assert_stderr_like "iq-work: $option: there is no {*}; a shell can take the path apart: *"
	done
}

@test "braces in a script are nobody's but the script's" {
	iq-enqueue a
	run_split iq-work --drain -- sh -c 'echo "{.} {/} {x}"'
	assert_ran 0 "{.} {/} {x}" ""
}

@test "without a descriptor for even one job it ends with 75" {
	seq 30 | iq-enqueue --raw
	# what it opens to begin with, and a few of the locks that it wants
	ASAN_OPTIONS=detect_leaks=0 run_split strace -f -qq -o /dev/null \
		-P "$IQ_QUEUE-run" -e trace=openat \
		-e inject=openat:error=EMFILE:when=7+ iq-work -j9 -- true
	assert_status 75
	assert_stdout ""
	assert_stderr_like "*iq-work: open $IQ_QUEUE-run: Too many open files; trying again in a second
*iq-work: open $IQ_QUEUE-run: Too many open files: stopping"
	run_split iq-list --json
	assert_json '[., inputs] | map([.state, .attempt, .attempts]) | unique == [["pending", 0, 0]]'
}
