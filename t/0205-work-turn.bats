#!/usr/bin/env bats
# Whose turn it is.  That types share by cost is shown by t/unit/turn.c and
# share.c, that priorities are strict by strict.c.

load lib

# order [OPTION ...] - the payloads of all jobs, in the order of their starts
order() {
	iq-work --drain -j 1 "$@" --stdin payload -- sh -c cat
}

# sized FROM TO BYTES - records with the size as their payload
sized() {
	seq "$1" "$2" | jq -c "{path: \"/\\(.)\", size_bytes: $3,
		payload: (if $3 > 9999999 then \"L\" else \"s\" end)}"
}

# 12 large ones before 12 small ones
large_and_small() {
	{
		sized 1 12 20000000
		sized 13 24 1
	} | iq-enqueue -J
}

# small FILE - how many of the first 8 are small
small() {
	tr -d '\n"' <"$1" | head -c 8 | tr -d L | wc -c
}

@test "two types of equal weight: neither waits for all of the other" {
	seq -f 'a%g' 40 | iq-enqueue --raw -t a
	seq -f 'b%g' 40 | iq-enqueue --raw -t b
	iq-work --drain -j 1 -- sh -c 'echo "$IQ_JOB_TYPE" >>order'
	# a job that a busy machine makes dear costs its type many turns
	run -0 awk 'NR <= 40 && $1 == "a" { n++ }
		END { print (n >= 1 && n <= 39) }' order
	assert_output 1
}

@test "the weight of a type is its part of the time" {
	local heavy
	for heavy in a b; do
		seq -f 'a%g' 60 | iq-enqueue --raw -t a
		seq -f 'b%g' 60 | iq-enqueue --raw -t b
		iq-tune set -t a weight=1
		iq-tune set -t b weight=1
		iq-tune set -t $heavy weight=100
		iq-work --drain -j 1 -- sh -c 'echo "$IQ_JOB_TYPE" >>order'
		run -0 awk -v heavy=$heavy 'NR <= 60 && $1 == heavy { n++ }
			END { print (n >= 45) }' order
		assert_output 1
		rm order
	done
}

@test "what a job costs is measured where its lane is" {
	iq-enqueue -t a /1
	iq-work --drain -- true
	run_split sqlite3 "$IQ_QUEUE" 'SELECT cost > 0 AND cost < 5 AND
		vtime > 0 AND claimed_at > 0 AND claimed > 0 FROM lane'
	assert_ran 0 1 ""
	run -0 iq-db check
}

@test "by default large and small inputs of a type are one queue" {
	large_and_small
	order >out
	assert_equal "$(tr -d '\n"' <out)" LLLLLLLLLLLLssssssssssss
}

@test "--scheduler fair lets small ones pass large ones" {
	large_and_small
	order --scheduler fair >out
	(($(small out) >= 3))
}

@test "so does the setting, which the option overrides" {
	iq-tune set scheduler=fair
	large_and_small
	order >out
	(($(small out) >= 3))
	large_and_small
	order --scheduler simple >out
	assert_equal "$(small out)" 0
}

@test "aging lets what has waited for long go first" {
	iq-enqueue -t a -p low --payload '"old"' /old
	iq-enqueue -t a --payload '"new"' /new
	sqlite3 "$IQ_QUEUE" "UPDATE job SET
		eligible_at = eligible_at - 3600 * 1000000000 WHERE id = 1"
	iq-tune set aging=31m
	run_split order
	assert_ran 0 '"old"
"new"' ""
}

@test "without aging it waits for all that is more urgent" {
	iq-enqueue -t a -p low --payload '"old"' /old
	iq-enqueue -t a --payload '"new"' /new
	sqlite3 "$IQ_QUEUE" "UPDATE job SET
		eligible_at = eligible_at - 3600 * 1000000000 WHERE id = 1"
	run_split order
	assert_ran 0 '"new"
"old"' ""
}
