#!/usr/bin/env bats
# The model of claims, leases and taking back (t/model/lease.pml).

load lib

@test "whatever the order of steps no job runs twice, and each mistake is found" {
	command -v spin >/dev/null || skip "there is no spin (share/setup model)"
	run_split "$IQ_SOURCE/t/model/run"
	assert_status 0
	assert_stdout_like "model: 2 workers, 2 jobs, 2 events: * states, no error
*"
	[[ $output != *"not found"* ]]
	run grep -c ': found$' <<<"$output"
	assert_output 14
}

@test "without spin the model is said not to be checked" {
	local tool
	mkdir few
	for tool in bash env; do
		ln -s "$(type -P "$tool")" few/
	done
	run_split env "PATH=$IQ_TEST/few" bash "$IQ_SOURCE/t/model/run"
	assert_ran 69 "" \
		"model: not checked, there is no spin (share/setup model)"
}
