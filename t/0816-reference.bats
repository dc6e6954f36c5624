#!/usr/bin/env bats
# The store beside a reference in memory, the small part of t/chaos.

load lib

@test "random operations answer, claim and leave what a reference says" {
	run_split "$IQ_BUILD/chaos/reference" 6000 1
	assert_status 0
	assert_stdout_like 'reference: 6000 operations, seed 1: * jobs, * starts, * crashes, * comparisons, no difference'
}
