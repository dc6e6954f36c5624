#!/usr/bin/env bats
# What an attempt has used: known loads, recorded within 5 %.

load lib

setup() {
	iq_setup
	PATH=$IQ_BUILD/perf:$PATH
	seq 3 | iq-enqueue --raw
}

# within_5_percent FIELD WANTED - of the three jobs in sum
within_5_percent() {
	iq-list --json -s succeeded | jq -es --argjson wanted "$2" \
		"map($1) | length == 3 and (add / \$wanted - 1 | fabs) <= 0.05" \
		>/dev/null || fail "$1: $(iq-list --json -s succeeded |
			jq -c "$1" | paste -sd' '), and not $2 in sum"
}

# recorded - what it said of itself, and what is known of it
recorded() {
	local cpu memory
	read -r cpu memory <<<"$(awk '{ c += $1; m += $2 }
		END { printf "%.6f %d", c / 1e9, m }' used)"
	within_5_percent .cpu_seconds "$cpu"
	within_5_percent .max_rss_bytes "$memory"
	within_5_percent .read_bytes $((3 * 20000 * 1024))
	within_5_percent .written_bytes $((3 * 10000 * 1024))
}

@test "what a process used is recorded" {
	run_split iq-work -j1 --drain -- load "$PWD/used" 150 32 20000 10000
	assert_ran 0 "" ""
	recorded
	# and in the distributions
	within_5_percent .cpu_seconds "$(iq-stats --json |
		jq '.cpu_seconds | .count * .mean')"
	within_5_percent .read_bytes "$(iq-stats --json |
		jq '.read_bytes | .count * .mean')"
}

@test "what its children used is its own" {
	run_split iq-work -j1 --drain -- sh -c 'load "$@"; :' sh "$PWD/used" \
		150 32 20000 10000
	assert_ran 0 "" ""
	recorded
}

@test "of a co-process each job gets its part" {
	run_split iq-work -c -j1 --drain -- load -c "$PWD/used" 200 32 20000 \
		10000
	assert_ran 0 "" ""
	recorded
}

@test "while it runs its memory and CPU are looked at" {
	run_split iq-work -j1 -n1 -- load "$PWD/used" 2200 32 1 1
	assert_ran 0 "" ""
	run_split iq-list --json 1
	# never faster than one core, but for a hundredth of a second
	assert_json '.cpu_percent_peak >= .cpu_percent - 0.1 and
		.cpu_percent_peak <= 105'
	# the largest is never less than the worker
	local memory
	memory=$(jq '[.max_rss_bytes, 35000000] | min' <<<"$output")
	assert_json ".memory_mean_bytes / $memory - 1 | fabs <= 0.05"
	# a short one ends before anybody looks
	iq-work -j1 -n1 -- true
	run_split iq-list --json 2
	assert_json '[.cpu_percent_peak, .memory_mean_bytes] == [null, null]'
}
