#!/usr/bin/env bats
# 32 writers at once: no one is starved, no one fails.

load lib

@test "of 32 writers the most served gets at most 3 times as much as the least" {
	run_split "$IQ_BUILD/chaos/fair" --writers 32 --seconds 2 --jobs 1
	assert_status 0
	assert_stdout_like 'fairness: 32 writers, * answers in 2 s, *'
	run cat fair.err
	assert_output ""
}
