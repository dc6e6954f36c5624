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

# long_and_short N OPTION ... - N jobs of a, whose handler takes long, and three
# times as many of b, one handler at a time: as long as both have some, neither
# is ahead by more time than a few of the longest that there were, however long
# a busy machine has made them
long_and_short() {
	local n=$1
	seq -f 'a%g' "$n" | iq-enqueue --raw -t a
	seq -f 'b%g' $((3 * n)) | iq-enqueue --raw -t b
	iq-work --drain -j 1 "${@:2}" -- \
		sh -c 'test "$IQ_JOB_TYPE" = b || seq 9999999 >/dev/null'
	sqlite3 -separator ' ' "$IQ_QUEUE" "SELECT name, count(*),
		max(finished_at) - started_at FROM history
		JOIN type ON type.id = history.type
		GROUP BY started_at ORDER BY started_at" >ran
	run -0 awk -v n="$n" '
		BEGIN { left["a"] = n; left["b"] = 3 * n }
		{ left[$1] -= $2; got[$1] += $3 }
		$3 > longest[$1] { longest[$1] = $3 }
		left["a"] > 0 && left["b"] > 0 {
			ahead = got["a"] - got["b"]
			if (ahead < 0) ahead = -ahead
			if (ahead > most) most = ahead
		}
		END { print most <= 3 * (longest["a"] + longest["b"]) }' ran
	assert_output 1
}

@test "types of equal weight get the same time, not as many jobs" {
	long_and_short 10
}

@test "so they do when a handler takes many" {
	long_and_short 100 -b 10
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
		# whose last job took long would have to wait for the other
		rm order queue.db*
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

@test "a worker sleeps while its handlers run" {
	mkfifo never
	cat >wakes <<-'END'
	#!/bin/bash
	wakes() {
		awk '/^voluntary_ctxt_switches/ { print $2 }' /proc/$PPID/status
	}
	before=$(wakes)
	read -rt 1 _ <>never
	echo $(($(wakes) - before)) >woken
	END
	chmod +x wakes
	iq-enqueue --raw a
	iq-work -n1 -j1 -- ./wakes
	# the ticks of a second, and what they wait for
	(($(<woken) < 50)) || fail "woken $(<woken) times in a second"
}
