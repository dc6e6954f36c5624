#!/usr/bin/env bats
# What iq-work takes and refuses before it runs anything.

load lib

@test "without COMMAND and without handlers it is 78" {
	run_split iq-work
	assert_ran 78 "" "iq-work: nothing to run: no COMMAND was given, and no selected type has a handler"
}

@test "a stored handler of a queue that is not trusted is 77" {
	IQ_SET_HANDLER=/bin/true run_split iq-work -t notes
	assert_ran 77 "" "iq-work: $IQ_QUEUE: its stored handlers are not trusted; name the COMMAND instead: iq-work -- COMMAND"
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
			"--grace=x" "--lease=10ms" "--output=x" "-t A" "-t a//b"; do
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
	for later in -b2 -c --format=json --stdin=payload --cpu-tokens=1 \
			--io-tokens=1 --io-qdepth=1 --storage-type=ssd \
			--optimize=latency --scheduler=fair --fixed \
			--joblog=x --then=y; do
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
