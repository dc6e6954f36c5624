#!/usr/bin/env bats
# iq-log -f: the log as it grows, and when it is another one.

load lib

@test "-f: the last ten, and then what happens" {
	local i
	for i in {1..12}; do
		iq-enqueue --raw "$i"
	done
	start log iq-log -f
	wait_until '(($(wc -l <log.out) == 10))'
	iq-enqueue --raw more
	wait_until '(($(wc -l <log.out) == 11))'
	# this one wakes nobody
	iq-ctl cancel 1 >/dev/null
	wait_until '(($(wc -l <log.out) == 12))'
	stop log
	assert_status 143
	assert_equal "$(<log.err)" ""
	output=$(<log.out)
	output=$(jq -cs '[.[].seq]' <<<"$output")
	assert_stdout '[5,6,7,8,9,10,11,12,13,14,15,16]'
}

@test "-f ends when nobody reads it, though nothing happens" {
	iq-enqueue --raw a
	timeout 10 iq-log -f | head -n 1 >first
	[[ ${PIPESTATUS[0]} = 0 ]]
	output=$(<first)
	assert_json .seq 1
}

@test "-f with a filter shows what passes it" {
	iq-enqueue -t a --raw 1
	start log iq-log -f -t b
	wait_until '[[ -s log.err ]]'
	iq-enqueue -t a --raw 2
	iq-enqueue -t b --raw 3
	wait_until '[[ -s log.out ]]'
	stop log
	output=$(<log.out)
	assert_json '.moves[0].type' b
}

# printed N - until so many lines are
printed() {
	wait_until "((\$(wc -l <log.out) == $1))"
}

# seqs FROM - the numbers of the events printed from that line on, of what kind
seqs() {
	tail -n "+$1" log.out | jq -r '"\(.seq) \(.kind)"' | paste -sd,
}

@test "-f goes on when a backup is restored" {
	iq-enqueue --raw 1
	iq-db backup good.db
	seq 30 | iq-enqueue --raw --batch 1
	start log iq-log -f
	printed 10
	iq-db restore good.db >/dev/null
	printed 11
	iq-enqueue --raw more
	printed 12
	assert_equal "$(seqs 11)" "4 restore,5 enqueue"
	# and so far that the numbers pass the old ones at once
	seq 101 130 | iq-enqueue --raw --batch 1
	iq-db backup long.db
	iq-ctl cancel 1 >/dev/null
	printed 43
	iq-db restore long.db >/dev/null
	printed 44
	assert_equal "$(seqs 43)" "36 cancel,36 restore"
	stop log
	assert_status 143
	assert_equal "$(<log.err)" "\
iq-log: $PWD/queue.db: what followed was never in this log; it goes on with event 4
iq-log: $PWD/queue.db: what followed was never in this log; it goes on with event 36"
}

@test "-f goes on with a queue that is made anew" {
	seq 30 | iq-enqueue --raw --batch 1
	start log iq-log -f
	printed 10
	rm queue.db*
	iq-enqueue --raw a
	printed 13
	iq-enqueue --raw b
	printed 14
	assert_equal "$(seqs 11)" "1 init,2 type,3 enqueue,4 enqueue"
	stop log
	assert_status 143
	assert_equal "$(<log.err)" "iq-log: $PWD/queue.db: what followed was \
never in this log; it goes on with event 1"
}

@test "-f of a queue that was moved and comes back goes on where it was" {
	seq 30 | iq-enqueue --raw --batch 1
	start log iq-log -f
	printed 10
	iq-db backup moved.db
	rm queue.db*
	mv moved.db queue.db
	iq-enqueue --raw b
	printed 11
	assert_equal "$(seqs 11)" "33 enqueue"
	stop log
	assert_equal "$(<log.err)" ""
}

@test "-f begins with the first event of a log that is empty" {
	iq-enqueue --raw 1
	IQ_QUEUE=$PWD/new.db iq-db init >/dev/null
	sqlite3 new.db 'DROP TRIGGER event_keep_delete; DELETE FROM event'
	start log iq-log -f
	printed 3
	rm new.db-* queue.db*
	mv new.db queue.db
	wait_until '[[ -s log.err ]]'
	stop log
	assert_equal "$(<log.err)" "iq-log: $PWD/queue.db: what followed was \
never in this log; it goes on with event 1"
}
