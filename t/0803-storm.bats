#!/usr/bin/env bats
# Processes that are killed all the time, the small part of t/chaos: accepted
# jobs run, and never twice at once; a cap is a cap.

load lib

# storm OPTION ... - in a directory of its own; what it says is looked at later
storm() {
	mkdir storm
	cd storm || return
	PATH=$IQ_TEST/bin:$IQ_BUILD/chaos:$PATH run_split \
		"$IQ_BUILD/chaos/storm" "$@"
	# shellcheck disable=SC2103
	cd .. || return
}

assert_whole() {
	assert_status 0
	assert_stdout_like 'storm: *: 0 lost, 0 not ended, 0 follow-ups lost or doubled, * checks, no violations'
}

# spoil CODE - each run of the storm's handler starts with this
spoil() {
	mkdir bin
	cat >bin/handler <<-END
	#!/bin/bash
	$1
	exec "$IQ_BUILD/chaos/handler" "\$@"
	END
	chmod +x bin/handler
}

@test "under 300 kills no accepted job or follow-up is lost or runs twice at once" {
	storm --kills 300 --enqueuers 6 --workers 6 --seed 1
	assert_whole
}

@test "12 workers that are killed 200 times never exceed a parent's cap of 4" {
	storm --kills 200 --enqueuers 2 --workers 12 --cap 4 --seed 2
	assert_whole
}

@test "the storm's handlers see a second run, a second of a key, one too many" {
	local file mode
	mkdir log
	for mode in once lines json; do
		for file in job.a-7.1 key.a-7 cap.0; do
			rm -rf log/*
			# now and then it fails on purpose
			case $mode in
			lines) echo a-7.1 ;;
			json) echo '{"id":1,"path":"a-7.1"}' ;;
			esac | IQ_JOB_IDS=1 flock "log/$file" \
				"$IQ_BUILD/chaos/handler" "$mode" storm log 1 0 \
				a-7.1 3>/dev/null || :
			assert_file_exists log/violations
		done
	done
}

@test "the storm sees a follow-up that is lost" {
	spoil '[[ $2 != storm ]] || exec 3>/dev/null'
	storm --kills 4 --enqueuers 2 --workers 0
	assert_status 1
	assert_stdout_like '*# job * is followed by 0 of type next*
storm: *, [1-9]* follow-ups lost or doubled, *'
}

@test "the storm sees a follow-up that is doubled" {
	spoil 'ids=($IQ_JOB_IDS)
		[[ $2 != storm ]] || echo "{\"id\":${ids[0]}," \
			"\"enqueue\":{\"type\":\"next\",\"path\":\"/n/0/$6\"}}" >&3'
	storm --kills 4 --enqueuers 2 --workers 0
	assert_status 1
	assert_stdout_like '*# job * is followed by 2 of type next*
storm: *, [1-9]* follow-ups lost or doubled, *'
}
