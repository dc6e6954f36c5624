#!/usr/bin/env bats
# Nasty process trees, a small part of t/chaos/trees: nothing of them survives,
# and no job is run a second time beside what is left of its first run.

load lib

# What begins a session of its own is seen by the files for Linux only
setup() {
	iq_setup
	needs_linux "process groups only are seen"
}

# trees MODE.WAY ... - all of the zoo in each of these
trees() {
	run_split "$IQ_SOURCE/t/chaos/trees" 1 "$@"
	assert_ran 0 "trees: $((21 * $#)) ended: 0 survivors, 0 second runs beside a living first, 0 stuck" ""
}

@test "nasty trees of single jobs" {
	trees one.stop one.timeout one.kill one.hang
}

@test "nasty trees of batches" {
	trees batch.kill batch.kill-late
}

@test "nasty trees of co-processes" {
	trees co.kill-early co.kill-stop
}
