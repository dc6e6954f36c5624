#!/usr/bin/env bats
# Processes that are killed all the time, the small part of t/chaos: accepted
# jobs run, and never twice at once; a cap is a cap.

load lib

storm() {
	mkdir storm
	cd storm || return
	PATH=$IQ_BUILD/chaos:$PATH run_split "$IQ_BUILD/chaos/storm" "$@"
	# shellcheck disable=SC2103
	cd .. || return
	assert_status 0
	assert_stdout_like 'storm: *: 0 lost, 0 not ended, no violations'
}

@test "under 300 kills no accepted job is lost or runs twice at once" {
	storm --kills 300 --enqueuers 6 --workers 6 --seed 1
}

@test "12 workers that are killed 200 times never exceed a parent's cap of 4" {
	storm --kills 200 --enqueuers 2 --workers 12 --cap 4 --seed 2
}

@test "the storm's handler sees a second run, a second of a key, one too many" {
	local file
	mkdir log
	for file in job.7 key.a_b:k cap.0; do
		rm -rf log/*
		IQ_JOB_ID=7 IQ_JOB_TYPE=a/b IQ_JOB_KEY=k IQ_JOB_ATTEMPT=1 \
			flock "log/$file" "$IQ_BUILD/chaos/handler" log 1 0 ||
			:	# now and then it fails on purpose
		assert_file_exists log/violations
	done
}
