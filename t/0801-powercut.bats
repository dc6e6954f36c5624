#!/usr/bin/env bats
# What is left of a queue when the power fails: the small part of t/chaos.

load lib

# Simulated cuts, with the controls that must lose something.  The seeds are of
# plays in which somebody waits for another's sync.
cuts() {
	cd "$TMPDIR" || return
	run_split "$IQ_BUILD/chaos/powercut" "$@"
	assert_status 0
	assert_stdout_like 'power cuts: *: 0 lost something, 0 damaged, 0 incon*'
	assert_stdout_like '*control without the sync: [1-9]* of *'
	assert_stdout_like "*the store's own checkpoints: 10 of 10 commits*"
}

@test "power cuts lose nothing that was promised (1 of 2)" {
	cuts --images 300 --plays 1 --seed 1
}

@test "power cuts lose nothing that was promised (2 of 2)" {
	cuts --images 300 --plays 1 --seed 4
}
