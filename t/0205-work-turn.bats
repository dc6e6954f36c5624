#!/usr/bin/env bats
# Whose turn it is.

load lib

@test "lanes that come and go share the time, and count it right" {
	local i
	seq 20 | iq-enqueue --raw -t m
	for i in 1 2 3 4 5 6; do
		iq-enqueue -t l --delay "$((i * 20))ms" "$i"
	done
	iq-work --drain=all -j 1 -- true
	# each job adds 1 / weight, and who was away is moved up, never past
	run_split sqlite3 "$IQ_QUEUE" 'SELECT max(vtime) <= 26 FROM lane'
	assert_ran 0 1 ""
}

@test "two types of equal weight are served in turn" {
	seq -f 'a%g' 10 | iq-enqueue --raw -t a
	seq -f 'b%g' 10 | iq-enqueue --raw -t b
	iq-work --drain -j 1 -- sh -c 'echo "$IQ_JOB_TYPE" >>order'
	# of the first ten, five each
	assert_equal "$(head -n 10 order | sort | uniq -c | tr -s ' ')" " 5 a
 5 b"
}
